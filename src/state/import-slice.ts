/**
 * Autoencoders that come as files or from the Hub. What comes of it is told where the shelf tells what it does. Files that do
 * not say what they read wait until the user has said it.
 */
import { toLabError } from "../core/lab-error.ts";
import type { ImportOutcome, SaeQuestion, SaidOfSae } from "../core/sae-import.ts";
import type { HubSae } from "../core/sae.ts";
import type { LoadProgress } from "../core/model-source.ts";
import { createNewest } from "./newest.ts";
import type { Slice } from "./store.ts";
import { IDLE } from "./task.ts";

type Files = { files: readonly File[]; folder: string | undefined };
type Source = Files | Pick<HubSae, "repo" | "path" | "revision">;

export interface ImportSlice {
  /** @param folder where they lie, if that is known */
  importSae: (files: readonly File[], folder?: string) => Promise<void>;
  /** From a folder of a repository of the Hub, or a `.pt` file in it. */
  fetchSae: (repo: string, path: string, revision?: string) => Promise<void>;
  cancelImport: () => void;
  /** What must be said before the files at hand can be read. */
  importQuestion: SaeQuestion | null;
  answerImport: (said: SaidOfSae) => Promise<void>;
  dropImport: () => void;
}

const wordsOf = (from: Source) =>
  "repo" in from
    ? [from.repo, from.path].filter(Boolean).join("/")
    : from.files.map(({ name }) => name).join(", ");

export const createImportSlice: Slice<ImportSlice> = (lab) => (set, get) => {
  const runs = createNewest();
  let waiting: Source | null = null;

  const take = async (from: Source, said: SaidOfSae | null) => {
    const run = runs.start();
    const fetching = "repo" in from;
    const what = `${fetching ? "Fetching" : "Importing"} ${wordsOf(from)}`;
    const tell = (bytes?: LoadProgress) => {
      if (!run.isNewest()) return;
      const { loadedBytes = 0, totalBytes = null } = bytes ?? {};
      const share = totalBytes === null || totalBytes === 0 ? null : loadedBytes / totalBytes;
      const progress = { what, share, cancellable: fetching, ...(bytes && { bytes }) };
      set({ shelf: { status: "running", progress } });
    };
    tell();
    set({ importQuestion: null });
    try {
      const outcome: ImportOutcome = await lab.sae.take("repo" in from ? from : from.files, said, {
        ...{ signal: run.signal, onProgress: tell },
        ...("repo" in from ? {} : { folder: from.folder }),
      });
      if (!run.isNewest()) return;
      if ("question" in outcome) {
        waiting = from;
        set({ shelf: IDLE, importQuestion: outcome.question });
        return;
      }
      waiting = null;
      const known = get().saes;
      const here =
        known.status === "ready" && known.value.some(({ id }) => id === outcome.summary.id);
      await get().refreshSaes();
      await get().selectSae(outcome.summary.id);
      const { name } = outcome.summary;
      // Whether it fits the model on the bench the shelf says of whatever is on the bench.
      const value = here ? `“${name}” is on the shelf already.` : `Imported “${name}”.`;
      set({ shelf: { status: "ready", value } });
    } catch (e) {
      if (!run.isNewest()) return;
      const error = toLabError(e);
      set({ shelf: error.code === "cancelled" ? IDLE : { status: "failed", error } });
      // One that could not be stored is on the shelf all the same, until the page closes.
      if (error.code !== "cancelled") await get().refreshSaes();
    }
  };

  return {
    importSae: (files, folder) => take({ files, folder }, null),
    fetchSae: (repo, path, revision = "main") =>
      take({ repo: repo.trim(), path: path.trim(), revision }, null),
    cancelImport: () => {
      runs.stop();
      if (get().shelf.status === "running") set({ shelf: IDLE });
    },
    importQuestion: null,
    answerImport: async (said) => {
      if (waiting) await take(waiting, said);
    },
    dropImport: () => {
      waiting = null;
      set({ importQuestion: null });
    },
  };
};
