/** The user's texts that this browser keeps; adding some, one after another; which of them are trained on. */
import {
  heldOutPieces,
  type KeptText,
  type TextProgress,
  type TextRef,
} from "../core/kept-text.ts";
import { type LabError, toLabError } from "../core/lab-error.ts";
import { createNewest } from "./newest.ts";
import type { Slice } from "./store.ts";
import { IDLE, type Task } from "./task.ts";
import type { TrainForm } from "./train-form.ts";

export interface TextsSlice {
  texts: Task<KeptText[]>;
  /** The file that is being read; null while none is. */
  textAdding: { name: string; progress: TextProgress | null; left: number } | null;
  /** Files that could not be added, and why; of the last ones that were. */
  textRefused: { name: string; error: LabError }[];
  refreshTexts: () => Promise<void>;
  /** Keeps them, and takes them to train on. */
  addTexts: (files: readonly File[]) => Promise<void>;
  /** What was added by then stays. */
  cancelTexts: () => void;
  deleteText: (id: string) => Promise<void>;
  dismissRefused: (name: string) => void;
}

export const createTextsSlice: Slice<TextsSlice> = (lab) => (set, get) => {
  const runs = createNewest();
  const choose = (ids: readonly string[]) => get().setTrainRequest({ texts: ids.join(" ") });
  return {
    texts: IDLE,
    textAdding: null,
    textRefused: [],
    refreshTexts: async () => {
      if (get().texts.status !== "ready") set({ texts: { status: "running", progress: null } });
      try {
        set({ texts: { status: "ready", value: await lab.texts.list() } });
      } catch (e) {
        set({ texts: { status: "failed", error: toLabError(e) } });
      }
    },
    addTexts: async (files) => {
      const run = runs.start();
      set({ textRefused: [] });
      for (const [i, file] of files.entries()) {
        if (!run.isNewest()) break;
        const tell = (progress: TextProgress | null) => {
          if (!run.isNewest()) return;
          set({ textAdding: { name: file.name, progress, left: files.length - 1 - i } });
        };
        tell(null);
        try {
          const { id } = await lab.texts.add(file, { signal: run.signal, onProgress: tell });
          choose([...chosenIds(get().trainRequest).filter((one) => one !== id), id]);
        } catch (e) {
          const error = toLabError(e);
          if (error.code === "cancelled") break;
          set({ textRefused: [...get().textRefused, { name: file.name, error }] });
        }
      }
      if (run.isNewest()) set({ textAdding: null });
      await get().refreshTexts();
    },
    cancelTexts: () => {
      runs.stop();
      set({ textAdding: null });
    },
    deleteText: async (id) => {
      choose(chosenIds(get().trainRequest).filter((one) => one !== id));
      try {
        await lab.texts.delete(id);
      } catch (e) {
        set({ textRefused: [{ name: nameOf(get().texts, id), error: toLabError(e) }] });
      }
      await get().refreshTexts();
    },
    dismissRefused: (name) =>
      set({ textRefused: get().textRefused.filter((refused) => refused.name !== name) }),
  };
};

const nameOf = (texts: Task<KeptText[]>, id: string): string => {
  const kept = texts.status === "ready" ? texts.value : [];
  return kept.find((text) => text.id === id)?.name ?? "the text";
};

/** Ids of the texts to train on; none: the lab's corpus. */
export const chosenIds = ({ texts }: Pick<TrainForm, "texts">): string[] =>
  texts.split(" ").filter((id) => id !== "");

export interface ChosenTexts {
  /** What the request says of them; undefined for the lab's corpus. */
  refs: TextRef[] | undefined;
  chosen: KeptText[];
  /** Why they cannot be trained on; null if they can, or while it is not known. */
  problem: string | null;
}

/** The chosen texts as they are kept. */
export function chosenTexts(form: Pick<TrainForm, "texts">, texts: Task<KeptText[]>): ChosenTexts {
  const ids = chosenIds(form);
  if (ids.length === 0) return { refs: undefined, chosen: [], problem: null };
  const kept = texts.status === "ready" ? texts.value : [];
  const chosen = kept.filter(({ id }) => ids.includes(id));
  const refs = chosen.map(({ id, name }) => ({ id, name }));
  return { refs, chosen, problem: texts.status === "ready" ? problemOf(ids, chosen) : null };
}

function problemOf(ids: readonly string[], chosen: readonly KeptText[]): string | null {
  if (chosen.length < ids.length) {
    return "A text that was chosen is not kept here any more: add its file again, or choose others.";
  }
  if (heldOutPieces(chosen.map(({ pieces }) => pieces))) return null;
  const characters = chosen.reduce((sum, text) => sum + text.characters, 0);
  return `${characters.toLocaleString("en-US")} characters are too few to train on some and measure on the rest: add more text.`;
}
