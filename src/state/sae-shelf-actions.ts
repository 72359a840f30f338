/** What the user does to stored SAEs: rename, delete, export, measure. One at a time, with what came of it. */
import type { TextRef } from "../core/kept-text.ts";
import { LabError, toLabError } from "../core/lab-error.ts";
import type { TrainProgress } from "../core/sae.ts";
import type { LoadProgress } from "../core/model-source.ts";
import { createNewest } from "./newest.ts";
import type { Slice } from "./store.ts";
import { IDLE, type Task } from "./task.ts";

export interface ShelfProgress {
  /** "Measuring “my SAE”" */
  what: string;
  /** 0–1; null where it cannot be told. */
  share: number | null;
  cancellable: boolean;
  /** Of a download. */
  bytes?: Pick<LoadProgress, "loadedBytes" | "totalBytes" | "bytesPerSecond">;
}
export interface ShelfActions {
  /** The last thing done to the shelf; its value says in words what came of it. */
  shelf: Task<string, ShelfProgress>;
  dismissShelf: () => void;
  renameSae: (id: string, name: string) => Promise<void>;
  deleteSae: (id: string) => Promise<void>;
  /** The two files in SAELens's format; the panel offers them for saving. Empty if it failed. */
  exportSae: (id: string) => Promise<File[]>;
  /** Computes the feature list and dashboards of an SAE, in place of those that it has. */
  /** @param texts to measure it on from now on; none: the lab's corpus @default those that it was trained or measured on */
  measureSae: (id: string, texts?: readonly TextRef[]) => Promise<void>;
  /** What takes long: a measurement, a download. */
  cancelShelf: () => void;
}

export const createShelfActions: Slice<ShelfActions> = (lab) => (set, get) => {
  const measuring = createNewest();
  const nameOf = (id: string) => {
    const { saes } = get();
    const sae = saes.status === "ready" ? saes.value.find((s) => s.id === id) : undefined;
    return `“${sae?.name ?? id}”`;
  };
  const running = (what: string, share: number | null = null, cancellable = false) =>
    set({ shelf: { status: "running", progress: { what, share, cancellable } } });
  /** Runs one action; says what came of it, in `shelf`. */
  const act = async <T>(what: string, done: (result: T) => string, work: () => Promise<T>) => {
    running(what);
    try {
      const result = await work();
      set({ shelf: { status: "ready", value: done(result) } });
      return result;
    } catch (e) {
      const error = toLabError(e);
      set({ shelf: error.code === "cancelled" ? IDLE : { status: "failed", error } });
      return undefined;
    }
  };

  /** Another tab may have gone on with a run that is still shown as unfinished here. */
  const refuseIfFinishedMeanwhile = async (id: string) => {
    const { saes } = get();
    const known = saes.status === "ready" ? saes.value.find((sae) => sae.id === id) : undefined;
    if (known?.status !== "unfinished") return;
    const now = (await lab.sae.list()).find((sae) => sae.id === id);
    if (now?.status !== "finished") return;
    await get().refreshSaes();
    throw new LabError(
      "bad-input",
      `“${now.name}” has been finished in another tab; if you do not want it, delete it on the shelf`,
    );
  };

  return {
    shelf: IDLE,
    dismissShelf: () => set({ shelf: IDLE }),
    renameSae: async (id, name) => {
      const wanted = name.trim();
      await act(
        `Renaming ${nameOf(id)}`,
        () => `Renamed to “${wanted}”.`,
        async () => {
          if (wanted === "")
            throw new LabError("bad-input", "an SAE needs a name of at least one letter");
          await lab.sae.rename(id, wanted);
          await get().refreshSaes();
        },
      );
    },
    deleteSae: async (id) => {
      const name = nameOf(id);
      await act(
        `Deleting ${name}`,
        () => `Deleted ${name}.`,
        async () => {
          await refuseIfFinishedMeanwhile(id);
          await lab.sae.delete(id);
          if (get().saeId === id) await get().selectSae(null);
          await get().refreshSaes();
        },
      );
    },
    exportSae: async (id) =>
      (await act(
        `Exporting ${nameOf(id)}`,
        (files: File[]) => `Exported ${files.map(({ name }) => name).join(" and ")}.`,
        () => lab.sae.export(id),
      )) ?? [],
    measureSae: async (id, texts) => {
      const on = texts?.length ? texts.map(({ name }) => name).join(", ") : "the corpus";
      const what = `Measuring ${nameOf(id)} on ${on}`;
      const run = measuring.start();
      const onProgress = ({ dashboardShare }: TrainProgress) => {
        if (run.isNewest()) running(what, dashboardShare, true);
      };
      await act(
        what,
        () => `Measured ${nameOf(id)}.`,
        async () => {
          running(what, 0, true);
          await lab.sae.measure(id, {
            ...{ again: true, signal: run.signal, onProgress },
            ...(texts && { texts }),
          });
          await get().refreshSaes();
          if (get().saeId === id) await get().selectSae(id);
        },
      );
    },
    cancelShelf: () => {
      measuring.stop();
      get().cancelImport();
    },
  };
};
