/**
 * The files of an autoencoder from the Hub, or a mirror in its place: SAELens's folder (cfg.json, sae_weights.safetensors and
 * perhaps sparsity.safetensors), dictionary_learning's (config.json, ae.pt), or one .pt file by its path.
 */
import { LabError } from "../core/lab-error.ts";
import type { HubSae } from "../core/sae.ts";
import type { LoadProgress } from "../core/model-source.ts";
import { refuseLfsPointer } from "../formats/sae-lens-weights.ts";
import { download, downloadRange } from "./fetch.ts";
import { explainRefusal } from "./hub-errors.ts";
import type { LoadContext } from "./load-context.ts";
import { folderOf } from "./model-cache.ts";
import { createRateMeter, type ReportBytes } from "./rate-meter.ts";
import type { FetchOptions } from "./transfer.ts";

/** More than any config has. */
const SMALL = 2 ** 20;

/** @throws LabError "network", "not-found", "bad-file", "bad-input" or "cancelled" */
export async function fetchSae(
  place: Omit<HubSae, "commit">,
  context: LoadContext,
): Promise<{ files: File[]; commit: string | null }> {
  const { repo, path } = checked(place);
  const hub = openHub({ ...place, repo, path }, context);
  const [, folder = "", file] = /^(?:(.*)\/)?([^/]+\.(?:pt|pth))$/.exec(path) ?? [];
  if (file !== undefined) {
    const at = folder === "" ? "" : `${folder}/`;
    const cfg = await hub.small(`${at}config.json`);
    return hub.done([cfg, await hub.large(path)]);
  }
  const at = path === "" ? "" : `${path}/`;
  const lens = await hub.small(`${at}cfg.json`);
  if (lens) {
    const sparsity = await hub.small(`${at}sparsity.safetensors`);
    return hub.done([lens, await hub.large(`${at}sae_weights.safetensors`), sparsity]);
  }
  const dictionary = await hub.small(`${at}config.json`);
  if (dictionary) return hub.done([dictionary, await hub.large(`${at}ae.pt`)]);
  throw new LabError(
    "not-found",
    `"${repo}" has neither cfg.json nor config.json in ${path === "" ? "its root" : `"${path}"`}: ` +
      "say in which folder the autoencoder lies, or which .pt file it is",
  );
}

function checked({ repo, path }: Pick<HubSae, "repo" | "path">) {
  if (!/^[\w.-]+\/[\w.-]+$/.test(repo)) {
    throw new LabError(
      "bad-input",
      `"${repo.slice(0, 100)}" is no repository: write owner/name, like "jbloom/GPT2-Small-SAEs-Reformatted"`,
    );
  }
  const clean = path.replace(/^\/+|\/+$/g, "");
  if (clean.split("/").includes("..") || /[?#\\]/.test(clean)) {
    throw new LabError("bad-input", `"${clean.slice(0, 100)}" is no folder of a repository`);
  }
  return { repo, path: clean };
}

/** One repository, at the commit that its first answer names. */
function openHub({ hub, repo, revision }: Omit<HubSae, "commit">, context: LoadContext) {
  const { signal, stallMs, retryMs, progress } = context;
  let commit: string | null = null;
  const urlOf = (file: string) =>
    new URL(
      file.split("/").map(encodeURIComponent).join("/"),
      folderOf(hub, repo, commit ?? revision),
    );
  /** What was said of the repository as a whole, other than of a file that it does not have. */
  let refusal: LabError | undefined;
  const options = (file: string): FetchOptions => ({
    signal,
    stallMs,
    what: `${file} of "${repo}"`,
    explain: (response) => {
      refusal = explainRefusal(repo, revision, hub, response, "repository");
      return refusal;
    },
  });
  const fileOf = (file: string, bytes: Uint8Array<ArrayBuffer>) => {
    const name = file.split("/").at(-1)!;
    refuseLfsPointer(bytes, name);
    return new File([bytes], name);
  };
  const onResponse = ({ headers }: Response) => {
    commit ??= headers.get("x-repo-commit");
  };
  return {
    /** A small file; null where there is none. */
    async small(file: string): Promise<File | null> {
      progress({ ...LOOKING, file });
      try {
        return fileOf(file, await download(urlOf(file), { ...options(file), onResponse }));
      } catch (e) {
        if (e instanceof LabError && e.code === "not-found" && e !== refusal) return null;
        throw e;
      }
    },
    /** With its bytes and rate told, taken up again where it breaks off. */
    async large(file: string): Promise<File> {
      const url = urlOf(file);
      // Its size, so that a download that breaks off can be taken up; a pointer is seen before anything large comes.
      const first = await downloadRange(url, 0, SMALL, options(file));
      const { totalBytes } = first;
      if (totalBytes !== null && totalBytes <= first.bytes.length) {
        return fileOf(file, first.bytes);
      }
      const report: ReportBytes = createRateMeter(progress, {
        phase: "weights",
        file,
        fromCache: false,
      });
      const bytes = await download(url, {
        ...options(file),
        ...{ retryMs, report, onResponse, expectedTag: first.tag },
        expectedBytes: totalBytes ?? undefined,
      });
      return fileOf(file, bytes);
    },
    done: (files: (File | null)[]) => ({
      files: files.filter((file) => file !== null),
      commit,
    }),
  };
}

const LOOKING: Omit<LoadProgress, "file"> = {
  ...{ phase: "config", loadedBytes: 0, totalBytes: null, bytesPerSecond: null, fromCache: false },
};
