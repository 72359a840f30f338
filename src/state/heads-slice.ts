/**
 * What was found of single heads in a task: traces of pairs of tokens, and evidence for roles, by the question they answer. The
 * latter takes a while, and is there after a reload, too.
 */
import type { RolesAnswer, RolesProgress, RolesQuestion } from "../core/head-roles.ts";
import { type LabError, toLabError } from "../core/lab-error.ts";
import type { PairQuestion, PairTrace } from "../core/pair-trace.ts";
import { createNewest } from "./newest.ts";
import type { Slice } from "./store.ts";

export interface RoleRun {
  status: "running" | "done" | "stopped" | "failed";
  progress: RolesProgress | null;
  answer: RolesAnswer | null;
  error: LabError | null;
}

export interface HeadsSlice {
  pairTraces: Readonly<Record<string, PairTrace | LabError>>;
  /** The newest one only: an older one is given up. */
  tracePair: (key: string, question: PairQuestion) => Promise<void>;
  roleRuns: Readonly<Record<string, RoleRun>>;
  findRoles: (key: string, question: RolesQuestion) => Promise<void>;
  stopRoles: () => void;
  /** Reads what this browser keeps, once. */
  readRoles: () => Promise<void>;
}

const KEPT = 24;
function kept<T>(all: Readonly<Record<string, T>>, key: string, value: T): Record<string, T> {
  const others = Object.entries(all).filter(([other]) => other !== key);
  return Object.fromEntries([...others.slice(1 - KEPT), [key, value]]);
}

export const createHeadsSlice: Slice<HeadsSlice> = (lab) => (set, get) => {
  const newest = createNewest();
  let open: AbortController | null = null;
  let reading: Promise<void> | null = null;
  return {
    pairTraces: {},
    tracePair: async (key, question) => {
      const { model } = lab;
      if (!model || key in get().pairTraces) return;
      const run = newest.start();
      const found = await model.tracePair(question, { signal: run.signal }).catch(toLabError);
      if (run.isNewest()) set({ pairTraces: kept(get().pairTraces, key, found) });
    },
    roleRuns: {},
    findRoles: async (key, question) => {
      const { model } = lab;
      if (!model) return;
      open?.abort();
      const mine = (open = new AbortController());
      let run: RoleRun = {
        ...{ status: "running", progress: null, error: null },
        answer: get().roleRuns[key]?.answer ?? null,
      };
      const put = (patch: Partial<RoleRun>) => {
        run = { ...run, ...patch };
        set({ roleRuns: kept(get().roleRuns, key, run) });
      };
      put({});
      try {
        const answer = await model.headRoles(question, {
          signal: mine.signal,
          onProgress: (progress) => put({ progress }),
        });
        put({ status: "done", answer });
        void get().keepAnswer("roles", key, answer);
      } catch (e) {
        const error = toLabError(e);
        put(error.code === "cancelled" ? { status: "stopped" } : { status: "failed", error });
      }
      if (open === mine) open = null;
    },
    stopRoles: () => open?.abort(),
    readRoles: () =>
      (reading ??= get()
        .readAnswers("roles")
        .then((answers) => {
          const runs = Object.entries(answers).map(([key, answer]): [string, RoleRun] => [
            key,
            { status: "done", progress: null, answer, error: null },
          ]);
          set({ roleRuns: { ...Object.fromEntries(runs), ...get().roleRuns } });
        })),
  };
};
