/** Edge attribution patching: one run at a time; what it scores becomes a circuit that is kept and shown. */
import { circuitGraph, pruneDangling } from "../core/circuit.ts";
import { edgeStrengths, strongestFirst, thresholdMask } from "../core/circuit-cut.ts";
import type { EapQuestion } from "../core/edge-attribution.ts";
import { type LabError, toLabError } from "../core/lab-error.ts";
import { createNewest } from "./newest.ts";
import type { Slice } from "./store.ts";
import { formulaOf } from "./task-slice.ts";
import { newId } from "../core/new-id.ts";

export interface EapRun {
  /** Pairs. */
  done: number;
  total: number;
  secondsLeft: number | null;
}
export interface EapSlice {
  /** While it is under way. */
  eapRun: EapRun | null;
  eapError: LabError | null;
  /** How long the last one took. */
  eapSeconds: number | null;
  /** What the last one asked (`eapKey`), whether it is under way, stopped, failed or done. */
  eapAsked: string | null;
  /** Circuits that were found, by what was asked: their ids. */
  eapFound: Readonly<Record<string, string>>;
  /** @param task the task's name */
  runEap: (question: EapQuestion, task: string) => Promise<void>;
  stopEap: () => void;
  /** Reads what was found before this page was opened. */
  readEap: () => Promise<void>;
}

/** The same for the same question about the same task of the same model. @param stamp the model's */
export const eapKey = (question: EapQuestion, task: string, stamp: string): string =>
  JSON.stringify([stamp, task, question]);

/** Edges that a new circuit begins with; the slider takes it from there. */
const AT_FIRST = 40;

export const createEapSlice: Slice<EapSlice> = (lab) => (set, get) => {
  const runs = createNewest();
  return {
    eapRun: null,
    eapError: null,
    eapSeconds: null,
    eapAsked: null,
    eapFound: {},
    runEap: async (question, task) => {
      const { model } = get();
      if (!lab.model || model.status !== "ready") return;
      const { id, config } = model.value;
      const run = runs.start();
      const total = question.pairs.length;
      const key = eapKey(question, task, lab.model.stamp);
      set({ eapRun: { done: 0, total, secondsLeft: null }, eapError: null, eapAsked: key });
      try {
        const { scores, seconds } = await lab.model.edgeAttribution(question, {
          signal: run.signal,
          onProgress: (eapRun) => {
            if (run.isNewest()) set({ eapRun });
          },
        });
        if (!run.isNewest()) return;
        const strengths = edgeStrengths(scores, "absolute", question.metric);
        const order = strongestFirst(strengths);
        const last = order[Math.min(AT_FIRST, order.length) - 1];
        const threshold = last === undefined ? 0 : strengths[last]!;
        const made = newId();
        set({ eapRun: null, eapSeconds: seconds, eapFound: { ...get().eapFound, [key]: made } });
        await get().keepCircuit({
          ...{ id: made, name: circuitName(question.method, task) },
          ...{ method: question.method, model: id, task, pairs: total, metric: question.metric },
          ...{ n_layer: config.n_layer, n_head: config.n_head, corruption: "resample" },
          ...formulaOf(question),
          ...(question.method === "eap-ig" && { steps: question.steps }),
          ...{ threshold, scores, savedAt: new Date().toISOString() },
          mask: pruneDangling(circuitGraph(config), thresholdMask(strengths, threshold)),
        });
        void get().keepAnswer("eap", key, { circuit: made });
      } catch (e) {
        if (!run.isNewest()) return;
        const error = toLabError(e);
        set({ eapRun: null, eapError: error.code === "cancelled" ? null : error });
      }
    },
    readEap: async () => {
      const kept = Object.entries(await get().readAnswers("eap"));
      const before = Object.fromEntries(kept.map(([key, { circuit }]) => [key, circuit]));
      set({ eapFound: { ...before, ...get().eapFound } });
    },
    stopEap: () => {
      runs.stop();
      set({ eapRun: null });
    },
  };
};

const circuitName = (method: EapQuestion["method"], task: string) =>
  `${task}, ${method === "eap" ? "EAP" : "EAP-IG"}`;
