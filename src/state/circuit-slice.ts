/**
 * Circuits that were found, by whatever method: shown, verified and edited by the parts of the Circuits lab, and kept by this
 * browser. What is shown is changed at once and written behind the page's back; what could not be written is said.
 */
import type { FoundCircuit } from "../core/found-circuit.ts";
import { type LabError, toLabError } from "../core/lab-error.ts";
import type { Slice } from "./store.ts";

export interface CircuitSlice {
  /** Newest first; null until they have been read. */
  circuits: readonly FoundCircuit[] | null;
  /** Why they could not be read, or the last change not be kept. */
  circuitsError: LabError | null;
  /** Reads what is kept, once. */
  readCircuits: () => Promise<void>;
  /** Keeps a circuit, in the place of one of the same id, and opens it. */
  keepCircuit: (circuit: FoundCircuit) => Promise<void>;
  /** Its name, its edges, or how it is laid out. */
  changeCircuit: (
    id: string,
    patch: Partial<Pick<FoundCircuit, "name" | "mask" | "threshold" | "view">>,
  ) => Promise<void>;
  removeCircuit: (id: string) => Promise<void>;
  /** The one that was put away last. */
  removedCircuit: FoundCircuit | null;
  restoreCircuit: () => Promise<void>;
  /** The id of the one that is shown; null for none. */
  openCircuit: string | null;
  showCircuit: (id: string | null) => void;
}

/** The circuits of a model, by its sizes: edges are numbered alike. */
export const circuitsFor = (
  circuits: readonly FoundCircuit[] | null,
  { n_layer, n_head }: Pick<FoundCircuit, "n_layer" | "n_head">,
): readonly FoundCircuit[] =>
  circuits?.filter((each) => each.n_layer === n_layer && each.n_head === n_head) ?? [];

export const createCircuitSlice: Slice<CircuitSlice> = (lab) => (set, get) => {
  let reading: Promise<void> | null = null;
  /** Writes follow one another, so that the last word is the last written. */
  let writing: Promise<void> = Promise.resolve();
  const write = (change: () => Promise<void>): Promise<void> => {
    writing = writing
      .then(change)
      .then(() => set({ circuitsError: null }))
      .catch((e: unknown) => set({ circuitsError: toLabError(e) }));
    return writing;
  };
  const put = (circuit: FoundCircuit) => {
    const known = get().circuits ?? [];
    const at = known.findIndex(({ id }) => id === circuit.id);
    set({ circuits: at < 0 ? [circuit, ...known] : known.with(at, circuit) });
    return write(() => lab.circuits.save(circuit));
  };
  return {
    circuits: null,
    circuitsError: null,
    readCircuits: () =>
      (reading ??= lab.circuits
        .list()
        .then((kept) => {
          // What was found meanwhile is newer than what was kept.
          const news = get().circuits ?? [];
          const ids = new Set(news.map(({ id }) => id));
          set({ circuits: [...news, ...kept.filter(({ id }) => !ids.has(id))] });
        })
        .catch((e: unknown) => {
          reading = null;
          set({ circuits: get().circuits ?? [], circuitsError: toLabError(e) });
        })),
    keepCircuit: async (circuit) => {
      set({ openCircuit: circuit.id });
      await put(circuit);
    },
    changeCircuit: async (id, patch) => {
      const found = get().circuits?.find((each) => each.id === id);
      if (found) await put({ ...found, ...patch });
    },
    removeCircuit: async (id) => {
      const found = get().circuits?.find((each) => each.id === id);
      if (!found) return;
      set({
        circuits: get().circuits!.filter((each) => each.id !== id),
        removedCircuit: found,
        ...(get().openCircuit === id && { openCircuit: null }),
      });
      await write(() => lab.circuits.delete(id));
    },
    removedCircuit: null,
    restoreCircuit: async () => {
      const { removedCircuit } = get();
      if (!removedCircuit) return;
      set({ removedCircuit: null });
      await get().keepCircuit(removedCircuit);
    },
    openCircuit: null,
    showCircuit: (openCircuit) => set({ openCircuit }),
  };
};
