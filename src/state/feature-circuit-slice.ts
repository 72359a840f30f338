/**
 * The feature circuit that is shown, made here or read from a file, and what the user has marked in it: pinned, grouped, hidden.
 * One is made at a time; while another is made, the last one stays. Marks can be undone, and are kept with the question.
 */
import type {
  CircuitFacts,
  CircuitProgress,
  CircuitQuestion,
  FeatureGraph,
  LogitTarget,
  Supernode,
} from "../core/feature-circuit.ts";
import { readGraph } from "../core/graph-file.ts";
import { type LabError, toLabError } from "../core/lab-error.ts";
import type { Slice } from "./store.ts";

export interface GraphMarks {
  /** Ids of nodes. */
  pinned: readonly string[];
  hidden: readonly string[];
  groups: readonly Supernode[];
}
export const NO_MARKS: GraphMarks = { pinned: [], hidden: [], groups: [] };

/** A question as it is asked: tokens of a difference as text. */
export type AskedCircuit = Omit<CircuitQuestion, "target"> & {
  target:
    Extract<LogitTarget, { kind: "top" }> | { kind: "difference"; token: string; against: string };
};

export interface ShownCircuit {
  /** The question that it answers, as text; the file's name of one that was read. */
  key: string;
  from: "bench" | "file";
  graph: FeatureGraph;
  /** What was asked, and how it went; null of a file. */
  question: CircuitQuestion | null;
  facts: CircuitFacts | null;
  lostLinks: number;
}
export interface FeatureCircuitSlice {
  featureCircuit: ShownCircuit | null;
  featureCircuitProgress: CircuitProgress | null;
  featureCircuitError: LabError | null;
  runFeatureCircuit: (asked: AskedCircuit) => Promise<void>;
  stopFeatureCircuit: () => void;
  openGraphFile: (name: string, text: string) => void;
  /** The file that was open when the page was left. */
  reopenGraphFile: () => Promise<void>;
  /** A file of which not even the text could be read, and whatever else is to be said in its place. */
  tellGraphError: (error: LabError | null) => void;
  /** By key of what they are in. */
  graphMarks: Readonly<Record<string, GraphMarks>>;
  markGraph: (change: (now: GraphMarks) => GraphMarks) => void;
  undoneMarks: { past: readonly GraphMarks[]; future: readonly GraphMarks[] };
  undoMarks: () => void;
  redoMarks: () => void;
}

const REMEMBERED = 100; // steps of undo
const KEPT = 20; // graphs whose marks are kept
const NO_STEPS = { past: [], future: [] };

/** A question's key: what its marks are kept by. Thresholds only show more or less of the same. */
export const circuitKey = (model: string, question: AskedCircuit): string => {
  const { ids, saes, target, heads } = question;
  return JSON.stringify([model, ids, [...saes].sort(), target, heads]);
};

export const marksOf = ({
  featureCircuit,
  graphMarks,
}: Pick<FeatureCircuitSlice, "featureCircuit" | "graphMarks">): GraphMarks =>
  (featureCircuit && graphMarks[featureCircuit.key]) ?? NO_MARKS;

export const createFeatureCircuitSlice: Slice<FeatureCircuitSlice> = (lab) => (set, get) => {
  let open: AbortController | null = null;
  const put = (marks: GraphMarks) => {
    const { featureCircuit, graphMarks } = get();
    if (!featureCircuit) return;
    const others = Object.entries(graphMarks).filter(([key]) => key !== featureCircuit.key);
    const kept = [...others.slice(1 - KEPT), [featureCircuit.key, marks] as const];
    set({ graphMarks: Object.fromEntries(kept) });
  };
  const step = (from: "past" | "future", to: "past" | "future") => {
    const { undoneMarks } = get();
    const next = undoneMarks[from].at(-1);
    if (!next) return;
    const left = undoneMarks[from].slice(0, -1);
    const kept = [...undoneMarks[to], marksOf(get())];
    put(next);
    set({
      undoneMarks: from === "past" ? { past: left, future: kept } : { past: kept, future: left },
    });
  };
  /** @returns the node that is selected in it */
  const showFile = (name: string, text: string) => {
    const { graph, clicked, lostLinks } = readGraph(text);
    open?.abort();
    open = null;
    const key = `file ${name}`;
    set({
      featureCircuit: { key, from: "file", graph, lostLinks, question: null, facts: null },
      ...{ featureCircuitProgress: null, featureCircuitError: null },
      undoneMarks: NO_STEPS,
    });
    return { graph, clicked };
  };
  return {
    featureCircuit: null,
    featureCircuitProgress: null,
    featureCircuitError: null,
    runFeatureCircuit: async (asked) => {
      const { model } = get();
      if (!lab.model || model.status !== "ready") return;
      open?.abort();
      const mine = (open = new AbortController());
      const key = circuitKey(model.value.id, asked);
      set({
        featureCircuitError: null,
        featureCircuitProgress: { what: "run", done: 0, total: 1, secondsLeft: null },
      });
      try {
        const { target } = asked;
        const id = (text: string) => lab.model!.toSingleToken(text);
        const question: CircuitQuestion = {
          ...asked,
          target:
            target.kind === "top"
              ? target
              : { ...target, token: id(target.token), against: id(target.against) },
        };
        const { graph, facts } = await lab.model.featureCircuit(question, {
          signal: mine.signal,
          onProgress: (featureCircuitProgress) => {
            if (open === mine) set({ featureCircuitProgress });
          },
        });
        if (open !== mine) return;
        const isOther = get().featureCircuit?.key !== key;
        set({
          featureCircuit: { key, from: "bench", graph, question, facts, lostLinks: 0 },
          ...(isOther && { undoneMarks: NO_STEPS }),
        });
      } catch (e) {
        const error = toLabError(e);
        if (open === mine && error.code !== "cancelled") set({ featureCircuitError: error });
      }
      if (open !== mine) return;
      open = null;
      set({ featureCircuitProgress: null });
    },
    stopFeatureCircuit: () => {
      open?.abort();
    },
    openGraphFile: (name, text) => {
      try {
        const { graph, clicked } = showFile(name, text);
        get().setOptions({ "graph.node": clicked, "graph.made": "file" });
        put({ pinned: graph.pinned, hidden: [], groups: graph.supernodes });
        void get().keepAnswer("graph", name, text);
      } catch (e) {
        set({ featureCircuitError: toLabError(e) });
      }
    },
    reopenGraphFile: async () => {
      const kept = Object.entries(await get().readAnswers("graph")).at(-1);
      if (!kept || get().featureCircuit) return;
      try {
        showFile(...kept); // what was selected is in the link, what was marked is kept by its name
      } catch (e) {
        set({ featureCircuitError: toLabError(e) });
      }
    },
    tellGraphError: (featureCircuitError) => set({ featureCircuitError }),
    graphMarks: {},
    markGraph: (change) => {
      const before = marksOf(get());
      const after = change(before);
      if (after === before) return;
      const past = [...get().undoneMarks.past, before].slice(-REMEMBERED);
      put(after);
      set({ undoneMarks: { past, future: [] } });
    },
    undoneMarks: NO_STEPS,
    undoMarks: () => step("past", "future"),
    redoMarks: () => step("future", "past"),
  };
};
