/**
 * Probes: the labelled data that is chosen, and the last sweep. One sweep is computed at a time; what it has found stays when it is
 * stopped. One's own data and the last results are kept in this browser.
 */
import { type LabError, toLabError } from "../core/lab-error.ts";
import type {
  FoundDirection,
  KeptProbes,
  ProbePlace,
  ProbeQuestion,
  ProbeRequest,
  ProbeResult,
  ProbeView,
  WrittenDirection,
} from "../core/probe.ts";
import { textHash } from "../core/text-hash.ts";
import { createNewest } from "./newest.ts";
import type { Slice } from "./store.ts";
import { IDLE, type Task } from "./task.ts";

export interface ProbeRun {
  status: "running" | "done" | "stopped" | "failed";
  key: string;
  modelId: string;
  question: ProbeQuestion;
  results: readonly ProbeResult[];
  stage: "reading" | "fitting";
  done: number;
  total: number;
  secondsLeft: number | null;
  seconds: number;
  error: LabError | null;
}

export interface ProbeSlice {
  /** A table of one's own. */
  probeTable: KeptProbes["own"];
  setProbeTable: (table: { name: string; text: string } | null) => void;
  /** What the chosen data come to. */
  probeView: Task<{ key: string; view: ProbeView }>;
  viewProbeData: (request: ProbeRequest) => Promise<void>;
  probeRun: ProbeRun | null;
  runProbes: (question: ProbeQuestion) => Promise<void>;
  stopProbes: () => void;
  /** The labelled cases as JSON, one text a line. @throws LabError */
  probeData: (request: ProbeRequest) => Promise<string>;
  /** A direction as it arrives in the stream. @throws LabError */
  probeWritten: (place: ProbePlace, unit: Float32Array) => Promise<WrittenDirection | null>;
  /** A direction as JSON and as safetensors. @throws LabError */
  probeFiles: (
    name: string,
    place: ProbePlace,
    direction: FoundDirection,
  ) => Promise<{ name: string; bytes: Uint8Array<ArrayBuffer> }[]>;
  /** Reads what was kept, once. */
  restoreProbes: () => Promise<void>;
}

/** The same for the same request: a table by its length and a hash of its text, FNV-1a. */
export function requestKey(request: ProbeRequest): string {
  const { source } = request;
  if (source.kind !== "own") return JSON.stringify(request);
  if (hashed.text !== source.text) hashed = { text: source.text, hash: textHash(source.text) };
  const named = { kind: "own", length: source.text.length, hash: hashed.hash };
  return JSON.stringify({ ...request, source: named });
}
/** The last: asked for again and again. */
let hashed = { text: "", hash: 0 };
export const questionKey = ({ request, ...rest }: ProbeQuestion): string =>
  JSON.stringify([requestKey(request), rest]);

export const createProbeSlice: Slice<ProbeSlice> = (lab) => (set, get) => {
  const runs = createNewest();
  const views = createNewest();
  let restored: Promise<void> | null = null;
  /** Without storage it holds for this visit. */
  const keep = (kept: Partial<KeptProbes>) => void lab.model?.keepProbes(kept).catch(() => {});
  const model = () => {
    if (lab.model) return lab.model;
    throw new Error("there is no model on the bench");
  };

  return {
    probeTable: null,
    setProbeTable: (probeTable) => {
      set({ probeTable });
      keep({ own: probeTable });
    },
    probeView: IDLE,
    viewProbeData: async (request) => {
      if (!lab.model) return;
      const run = views.start();
      const put = (probeView: ProbeSlice["probeView"]) => run.isNewest() && set({ probeView });
      if (get().probeView.status !== "ready") put({ status: "running", progress: null });
      try {
        const view = await lab.model.probeView(request, { signal: run.signal });
        put({ status: "ready", value: { key: requestKey(request), view } });
      } catch (e) {
        put({ status: "failed", error: toLabError(e) });
      }
    },
    probeRun: null,
    runProbes: async (question) => {
      if (!lab.model) return;
      const newest = runs.start();
      const began = performance.now();
      let run: ProbeRun = {
        ...{ status: "running", key: questionKey(question), modelId: lab.model.info.id, question },
        ...{ results: [], stage: "reading", done: 0, total: 0 },
        ...{ secondsLeft: null, seconds: 0, error: null },
      };
      const put = (patch: Partial<ProbeRun>) => {
        run = { ...run, ...patch, seconds: (performance.now() - began) / 1000 };
        if (newest.isNewest()) set({ probeRun: run });
      };
      put({});
      try {
        await lab.model.probe(question, {
          signal: newest.signal,
          onProgress: ({ result, ...told }) =>
            put({ ...told, ...(result && { results: [...run.results, result] }) }),
        });
        put({ status: "done", secondsLeft: null });
      } catch (e) {
        const error = toLabError(e);
        if (error.code === "cancelled") put({ status: "stopped", secondsLeft: null });
        else put({ status: "failed", error, secondsLeft: null });
      }
      if (newest.isNewest() && run.results.length > 0) {
        const { key, modelId, results } = run;
        keep({ last: { key, modelId, question, results: [...results] } });
      }
    },
    stopProbes: () => {
      const { probeRun } = get();
      if (probeRun?.status !== "running") return;
      runs.stop();
      set({ probeRun: { ...probeRun, status: "stopped", secondsLeft: null } });
      const { key, modelId, question, results } = probeRun;
      if (results.length > 0) keep({ last: { key, modelId, question, results: [...results] } });
    },
    probeData: async (request) => model().probeData(request),
    probeWritten: async (place, unit) => model().probeWritten(place, unit),
    probeFiles: async (name, place, direction) => model().probeFiles(name, place, direction),
    restoreProbes: () => {
      if (!lab.model) return Promise.resolve();
      restored ??= lab.model
        .keptProbes()
        .then(({ own, last }) => {
          const now = get();
          if (own && !now.probeTable) set({ probeTable: own });
          if (last && !now.probeRun) {
            const n = last.question.places.length;
            const done = last.results.length;
            set({
              probeRun: {
                ...last,
                ...{ status: done < n ? "stopped" : "done", stage: "fitting", done, total: n },
                ...{ secondsLeft: null, seconds: 0, error: null },
              },
            });
          }
        })
        .catch(() => {}); // a browser without storage keeps none
      return restored;
    },
  };
};
