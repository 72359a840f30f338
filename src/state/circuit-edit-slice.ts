/** Changes of a circuit and of its drawing that can be undone, step by step, as long as the page is open. */
import type { EdgeMask } from "../core/circuit.ts";
import { type CircuitView, PLAIN_VIEW } from "../core/circuit-view.ts";
import type { FoundCircuit } from "../core/found-circuit.ts";
import type { Slice } from "./store.ts";

export interface CircuitEdit {
  mask?: EdgeMask;
  threshold?: number;
  view?: CircuitView;
}
type State = Required<CircuitEdit>;
interface Steps {
  past: readonly State[];
  future: readonly State[];
}
export interface CircuitEditSlice {
  /** By circuit. */
  circuitSteps: Readonly<Record<string, Steps>>;
  editCircuit: (id: string, edit: CircuitEdit) => Promise<void>;
  undoCircuit: (id: string) => Promise<void>;
  redoCircuit: (id: string) => Promise<void>;
}

const REMEMBERED = 100;
const NONE: Steps = { past: [], future: [] };

const stateOf = ({ mask, threshold, view = PLAIN_VIEW }: FoundCircuit): State => ({
  ...{ mask, threshold, view },
});

export const createCircuitEditSlice: Slice<CircuitEditSlice> = () => (set, get) => {
  const find = (id: string) => get().circuits?.find((circuit) => circuit.id === id);
  const change = async (id: string, edit: CircuitEdit, steps: Steps) => {
    set({ circuitSteps: { ...get().circuitSteps, [id]: steps } });
    await get().changeCircuit(id, edit);
  };
  return {
    circuitSteps: {},
    editCircuit: async (id, edit) => {
      const found = find(id);
      if (!found) return;
      const { past } = get().circuitSteps[id] ?? NONE;
      const steps = { past: [...past, stateOf(found)].slice(-REMEMBERED), future: [] };
      await change(id, edit, steps);
    },
    undoCircuit: async (id) => {
      const found = find(id);
      const { past, future } = get().circuitSteps[id] ?? NONE;
      const last = past.at(-1);
      if (!found || !last) return;
      await change(id, last, { past: past.slice(0, -1), future: [stateOf(found), ...future] });
    },
    redoCircuit: async (id) => {
      const found = find(id);
      const { past, future } = get().circuitSteps[id] ?? NONE;
      const next = future[0];
      if (!found || !next) return;
      await change(id, next, { past: [...past, stateOf(found)], future: future.slice(1) });
    },
  };
};
