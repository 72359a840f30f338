/**
 * Tests of circuits, by what was asked, so that what was found is there when one comes back to it, after a reload, too. One runs
 * at a time; what it found stays when it is stopped.
 */
import { LabError, toLabError } from "../core/lab-error.ts";
import { LIBRARY } from "../core/task-library.ts";
import type { ReadPair } from "../core/task.ts";
import type { VerifyAsked, VerifyFinding } from "../core/verify.ts";
import type { LabModel } from "../api/lab.ts";
import type { Slice } from "./store.ts";
import { type OpenTask, runPair, withFormula } from "./task-slice.ts";
import {
  type TestCircuit,
  unseenPairs,
  verifyQuestion,
  type VerifySettings,
} from "./verify-question.ts";

/** Pairs of the open task's recipe from another draw, or the open task's own. */
export const VERIFY_PROMPTS = ["held-out", "own"] as const;
export type VerifyPrompts = (typeof VERIFY_PROMPTS)[number];

export interface VerifyAsk {
  open: OpenTask;
  circuit: TestCircuit;
  circuitName: string;
  prompts: VerifyPrompts;
  /** Of the pairs that are drawn. */
  count: number;
  /** Of the draw; another than the open task's. */
  draw: number;
  settings: VerifySettings;
}

export interface VerifyRun {
  status: "running" | "done" | "stopped" | "failed";
  asked: VerifyAsked | null;
  found: readonly VerifyFinding[];
  done: number;
  total: number;
  secondsLeft: number | null;
  seconds: number;
  error: LabError | null;
}

export interface VerifySlice {
  verifyRuns: Readonly<Record<string, VerifyRun>>;
  /** Why the tests could not be kept, or read. */
  verifyKeepError: LabError | null;
  /** Reads the tests that this browser keeps, once. */
  readVerify: () => Promise<void>;
  runVerify: (key: string, ask: VerifyAsk) => Promise<void>;
  stopVerify: () => void;
}

const KEPT = 8; // tests whose findings are kept

/** The same for the same question to the same model. */
export const verifyKey = ({ open, ...ask }: VerifyAsk): string =>
  JSON.stringify([
    open.stamp,
    open.choice,
    open.read.map((pair) => [runPair(pair), pair.roles]),
    ask,
  ]);

/** Seconds between two writings of a test that goes on: a page that is left loses no more. */
const WRITE = 5;

export const createVerifySlice: Slice<VerifySlice> = (lab) => (set, get) => {
  let running: AbortController | null = null;
  let reading: Promise<void> | null = null;
  const keep = async (key: string, run: VerifyRun) => {
    const { asked, found, done, seconds, status } = run;
    if (!asked || found.length === 0) return;
    const savedAt = new Date().toISOString();
    const test = { key, done: status === "done", asked, found, runs: done, seconds, savedAt };
    try {
      await lab.circuits.keepTest(test);
      set({ verifyKeepError: null });
    } catch (e) {
      set({ verifyKeepError: toLabError(e) });
    }
  };
  return {
    verifyRuns: {},
    verifyKeepError: null,
    readVerify: () =>
      (reading ??= lab.circuits
        .tests()
        .then((tests) => {
          const kept = tests.map(({ key, done, asked, found, runs, seconds }) => {
            const status = done ? "done" : "stopped";
            const run: VerifyRun = {
              ...{ status, asked, found, done: runs, total: runs, seconds },
              ...{ secondsLeft: null, error: null },
            };
            return [key, run] as const;
          });
          set({ verifyRuns: { ...Object.fromEntries(kept), ...get().verifyRuns } });
        })
        .catch((e: unknown) => {
          reading = null;
          set({ verifyKeepError: toLabError(e) });
        })),
    runVerify: async (key, ask) => {
      const { model } = lab;
      if (!model) return;
      running?.abort();
      const mine = (running = new AbortController());
      const began = performance.now();
      let written = 0;
      let run: VerifyRun = {
        ...{ status: "running", asked: null, found: [], done: 0, total: 0 },
        ...{ secondsLeft: null, seconds: 0, error: null },
      };
      const put = (patch: Partial<VerifyRun>) => {
        run = { ...run, ...patch, seconds: (performance.now() - began) / 1000 };
        const others = Object.entries(get().verifyRuns).filter(([other]) => other !== key);
        set({ verifyRuns: Object.fromEntries([...others.slice(1 - KEPT), [key, run]]) });
      };
      put({});
      try {
        const asked = await prepare(model, ask);
        mine.signal.throwIfAborted();
        put({ asked });
        await model.verifyCircuit(asked.question, {
          signal: mine.signal,
          onProgress: ({ found, ...told }) => {
            put({ ...told, found: [...run.found, ...found] });
            if (run.seconds - written < WRITE) return;
            written = run.seconds;
            void keep(key, run);
          },
        });
        put({ status: "done", secondsLeft: null });
      } catch (e) {
        const error = toLabError(e);
        put(error.code === "cancelled" ? { status: "stopped" } : { status: "failed", error });
      }
      if (running === mine) running = null;
      void keep(key, run);
    },
    stopVerify: () => running?.abort(),
  };
};

async function prepare(model: LabModel, ask: VerifyAsk): Promise<VerifyAsked> {
  const { open, circuit, circuitName, settings, draw } = ask;
  const own = open.read.filter(({ problem }) => problem === null);
  const told = { circuitName, task: open.task.name };
  if (ask.prompts === "own" || open.choice === "own") {
    const asked = verifyQuestion(circuit, own, [], settings);
    return { ...asked, ...told, seed: null, dropped: 0 };
  }
  const { recipe } = LIBRARY[open.choice];
  const { task } = await model.makeTask({ recipe, count: ask.count, seed: draw });
  const read = await model.readTask(task);
  const usable = read.filter(({ problem }) => problem === null);
  const fresh: ReadPair[] = withFormula(unseenPairs(usable, own), own[0]?.formula);
  if (fresh.length === 0) {
    throw new LabError(
      "not-found",
      `draw ${draw} has no pair that the open task does not have; take another seed, or fewer pairs in the task`,
    );
  }
  const asked = verifyQuestion(circuit, fresh, own, settings);
  return { ...asked, ...told, seed: draw, dropped: usable.length - fresh.length };
}
