/**
 * What the Hub tells of a model before its weights are fetched: config.json and the headers of the weight files, some
 * hundred kilobytes at most. A model that cannot run is refused here.
 */
import { LabError } from "../core/lab-error.ts";
import type { HubSource, LoadProgress } from "../core/model-source.ts";
import { headerEnd } from "../formats/safetensors.ts";
import { parseConfig } from "./config.ts";
import { downloadRange, downloadText } from "./fetch.ts";
import { explainRefusal, noSafetensors } from "./hub-errors.ts";
import type { LoadContext } from "./load-context.ts";
import { refuseLargeFile } from "./memory-need.ts";
import { folderOf } from "./model-cache.ts";
import { type FileStart, type Preview, preview } from "./preview.ts";
import { createRateMeter } from "./rate-meter.ts";
import { checkShards, INDEX_FILE, parseShardIndex, type ShardIndex } from "./shards.ts";
import type { FetchOptions } from "./transfer.ts";

const WEIGHTS = "model.safetensors";
/** Enough for the header of any GPT-2 up to 1.5B. */
const FIRST_BYTES = 2 ** 16;

/** One model at one address, with all that its requests need. */
export interface HubModel {
  id: string;
  revision: string;
  hub: string;
  options: (file: string) => FetchOptions & { retryMs: number | undefined };
}
export interface HubLook {
  preview: Preview;
  commit: string | null;
  /** Of that commit. */
  folder: URL;
  /** By weight file: what names its content on the server. */
  tags: (string | null)[];
}

export const hubModel = (
  { id, revision }: HubSource,
  hub: string,
  { signal, stallMs, retryMs }: LoadContext,
): HubModel => ({
  id,
  revision,
  hub,
  options: (file) => ({
    signal,
    stallMs,
    retryMs,
    what: `${file} of "${id}"`,
    explain: (response) => explainRefusal(id, revision, hub, response),
  }),
});

export async function lookAtHub(model: HubModel, context: LoadContext): Promise<HubLook> {
  const { configJson, commit } = await readConfig(model, context);
  parseConfig(configJson); // another architecture is refused before its weights are looked at
  // From here on one commit, even if someone pushes to the branch meanwhile.
  const folder = folderOf(model.hub, model.id, commit ?? model.revision);
  const { starts, tags, index } = await lookAtWeights(model, folder, context);
  const look = preview(configJson, starts, context.maxTensorBytes);
  if (index) checkShards(index, look.files);
  return { preview: look, commit, folder, tags };
}

/** The config, and the commit that the revision stands for now. */
export async function readConfig(
  { id, revision, hub, options }: HubModel,
  { progress }: LoadContext,
): Promise<{ configJson: string; commit: string | null }> {
  let commit = null as string | null;
  const file = "config.json";
  const configJson = await downloadText(new URL(file, folderOf(hub, id, revision)), {
    ...options(file),
    report: createRateMeter(progress, { phase: "config", file, fromCache: false }),
    onResponse: ({ headers }) => {
      const told = headers.get("x-repo-commit");
      if (told !== null && /^[\w.-]{1,100}$/.test(told)) commit = told;
    },
  });
  return { configJson, commit };
}

interface Headers {
  starts: FileStart[];
  tags: (string | null)[];
  index: ShardIndex | null;
}

async function lookAtWeights(
  { id, options }: HubModel,
  folder: URL,
  context: LoadContext,
): Promise<Headers> {
  const found404 = { missing: false };
  const explain = (response: Response) => {
    found404.missing = response.status === 404;
    return options(WEIGHTS).explain?.(response);
  };
  try {
    const { start, tag } = await readStart(folder, WEIGHTS, { ...options(WEIGHTS), explain });
    return { starts: [start], tags: [tag], index: null };
  } catch (e) {
    if (!found404.missing) throw e;
  }
  const text = await downloadText(new URL(INDEX_FILE, folder), options(INDEX_FILE)).catch(
    async (e: unknown) => {
      if (!(e instanceof LabError && e.code === "not-found")) throw e;
      throw await noSafetensors(id, folder, options(WEIGHTS));
    },
  );
  const index = parseShardIndex(text);
  const found: Awaited<ReturnType<typeof readStart>>[] = [];
  for (const file of index.files) {
    context.progress({ ...LOOKING, file });
    found.push(await readStart(folder, file, options(file)));
  }
  return { starts: found.map(({ start }) => start), tags: found.map(({ tag }) => tag), index };
}

const LOOKING: Omit<LoadProgress, "file"> = {
  ...{ phase: "config", loadedBytes: 0, totalBytes: null, bytesPerSecond: null, fromCache: false },
};

async function readStart(folder: URL, file: string, options: FetchOptions) {
  const url = new URL(file, folder);
  const first = await downloadRange(url, 0, FIRST_BYTES, options);
  const size = first.totalBytes;
  if (size === null) {
    throw new LabError("network", `the server does not say how large ${options.what} is`);
  }
  refuseLargeFile({ name: file, size });
  const end = headerEnd(first.bytes, size, file);
  const start =
    end <= first.bytes.length ? first.bytes : (await downloadRange(url, 0, end, options)).bytes;
  return { start: { name: file, start, size } satisfies FileStart, tag: first.tag };
}
