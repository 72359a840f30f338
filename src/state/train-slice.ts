/**
 * The training run: its form, the run under way (whatever lab is open), and the points of its charts, which are kept with those of
 * the last few runs.
 */
import type { KeptRun } from "../core/kept-run.ts";
import { LabError, toLabError } from "../core/lab-error.ts";
import type { DensityHistogram } from "../core/density.ts";
import type { SweepMember } from "../core/sweep.ts";
import type { ForkChange } from "../core/sae-fork.ts";
import type { FeatureSample, SaeSummary, TrainProgress, TrainRequest } from "../core/sae.ts";
import type { TrainPoint } from "../core/train-point.ts";
import { createNewest } from "./newest.ts";
import type { Slice } from "./store.ts";
import { IDLE, type Task } from "./task.ts";
import { chosenIds, chosenTexts } from "./texts-slice.ts";
import { DEFAULT_TRAIN_FORM, planTraining, type TrainForm } from "./train-form.ts";

export interface TrainSlice {
  trainRequest: TrainForm;
  setTrainRequest: (patch: Partial<TrainForm>) => void;
  training: Task<SaeSummary, TrainProgress>;
  /** The run that the charts are of, by its (first) SAE; null before there is one. */
  shownRun: string | null;
  /** Of that run. */
  trainPoints: TrainPoint[];
  /** Of a sweep the points of each of its SAEs, the first being those of `trainPoints`; else none. */
  sweepPoints: readonly SweepMember[];
  /** What was asked for in that run; null if that is not known. */
  trainedRequest: TrainRequest | null;
  /** Densities of its features, as they were told last. */
  trainDensity: DensityHistogram | null;
  /** A few of them, as they were looked at last. */
  trainSamples: { step: number; features: FeatureSample[] } | null;
  /** Whether they are looked at while a run is under way. */
  watching: boolean;
  setWatching: (on: boolean) => Promise<void>;
  /** Runs that this browser keeps the charts of, newest first. */
  keptRuns: readonly KeptRun[];
  /** Reads them, once; if the charts are empty, they are the newest's. */
  readRuns: () => Promise<void>;
  /** Shows another one's charts; not while a run is under way. */
  showRun: (id: string) => void;
  /** A new run from where another stands. */
  forkTraining: (id: string, change: ForkChange) => Promise<void>;
  startTraining: () => Promise<void>;
  /** Goes on with an unfinished run from its last checkpoint. */
  resumeTraining: (id: string) => Promise<void>;
  pauseTraining: (paused: boolean) => Promise<void>;
  /** Ends the run; what its last checkpoint holds stays on the shelf as unfinished. */
  cancelTraining: () => void;
  /** Puts away what the finished or failed run left on the page. */
  dismissTraining: () => void;
}

/** Adds new points; steps that are run again after a resume replace their first run. */
export function mergePoints(
  points: readonly TrainPoint[],
  added: readonly TrainPoint[],
): TrainPoint[] {
  const first = added[0];
  if (!first) return points as TrainPoint[];
  const last = points.at(-1);
  if (!last || last.step < first.step) return [...points, ...added];
  return [...points.filter(({ step }) => step < first.step), ...added];
}

const NOTHING_YET = {
  trainPoints: [],
  sweepPoints: [],
  trainDensity: null,
  trainSamples: null,
};

/** So many points apart the charts of a run under way are kept: should the page close, they stand beside its checkpoint. */
const KEPT_EVERY = 20;

const requestOf = (saes: Task<SaeSummary[]>, id: string): TrainRequest | null =>
  (saes.status === "ready" ? saes.value.find((sae) => sae.id === id)?.request : null) ?? null;

/** The same for each member of a sweep. */
export const mergeMembers = (
  known: readonly SweepMember[],
  added: readonly SweepMember[],
): SweepMember[] =>
  added.map(({ id, name, points }) => {
    const before = known.find((member) => member.id === id)?.points ?? [];
    return { id, name, points: mergePoints(before, points) };
  });

export const createTrainSlice: Slice<TrainSlice> = (lab) => (set, get) => {
  const runs = createNewest();
  let reading: Promise<void> | null = null;
  let pauseAsked = false;
  // "Paused" is the user's word: a message sent before the worker heard it does not undo it.
  const heard = (progress: TrainProgress): TrainProgress =>
    pauseAsked && progress.status === "running" ? { ...progress, status: "paused" } : progress;

  const keep = () => {
    const { shownRun: id, trainPoints: points, sweepPoints: members, ...state } = get();
    if (id === null || points.length === 0) return;
    const { trainedRequest: request, trainDensity: density, trainSamples: samples } = state;
    const named = state.saes.status === "ready" && state.saes.value.find((sae) => sae.id === id);
    const name = members[0]?.name ?? (named ? named.name : (request?.name ?? request?.hook ?? id));
    const run: KeptRun = { id, name, request, points, members, density, samples };
    set({ keptRuns: [run, ...state.keptRuns.filter((other) => other.id !== id)] });
    void get().keepAnswer("run", id, run);
  };

  const follow = async (
    work: (signal: AbortSignal, onProgress: (p: TrainProgress) => void) => Promise<SaeSummary>,
  ) => {
    const run = runs.start();
    if (get().trial.status === "running") get().cancelTrial(); // a trial would be in the way of the run
    set({ training: { status: "running", progress: null } });
    try {
      const onProgress = (progress: TrainProgress) => {
        if (!run.isNewest()) return;
        if (progress.runId !== get().shownRun) set(NOTHING_YET);
        const { past = [] } = progress;
        const known = get().trainPoints.length;
        const before = mergePoints(get().trainPoints, past[0]?.points ?? []);
        set({
          shownRun: progress.runId,
          training: { status: "running", progress: heard(progress) },
          trainPoints: mergePoints(before, progress.points),
          ...(progress.members && {
            sweepPoints: mergeMembers(past.length > 1 ? past : get().sweepPoints, progress.members),
          }),
          ...(progress.density && { trainDensity: progress.density }),
          ...(progress.samples && {
            trainSamples: { step: progress.step, features: progress.samples },
          }),
        });
        const whole = (points: number) => Math.floor(points / KEPT_EVERY);
        if (whole(get().trainPoints.length) > whole(known)) keep();
      };
      const summary = await work(run.signal, onProgress);
      if (run.isNewest()) set({ training: { status: "ready", value: summary } });
    } catch (e) {
      const error = toLabError(e);
      if (run.isNewest()) {
        set({ training: error.code === "cancelled" ? IDLE : { status: "failed", error } });
      }
    }
    await get().refreshSaes(); // its name is there
    if (run.isNewest()) keep();
  };

  return {
    trainRequest: DEFAULT_TRAIN_FORM,
    setTrainRequest: (patch) => set({ trainRequest: { ...get().trainRequest, ...patch } }),
    training: IDLE,
    shownRun: null,
    trainPoints: [],
    sweepPoints: [],
    trainedRequest: null,
    trainDensity: null,
    trainSamples: null,
    keptRuns: [],
    readRuns: () =>
      (reading ??= (async () => {
        const kept = Object.values(await get().readAnswers("run")).reverse();
        const { keptRuns, shownRun, training } = get();
        const older = kept.filter(({ id }) => keptRuns.every((newer) => newer.id !== id));
        set({ keptRuns: [...keptRuns, ...older] });
        const newest = get().keptRuns[0];
        if (newest && shownRun === null && training.status !== "running") get().showRun(newest.id);
      })()),
    showRun: (id) => {
      const { keptRuns, training } = get();
      const run = keptRuns.find((each) => each.id === id);
      if (!run || training.status === "running") return;
      set({
        ...{ training: IDLE, shownRun: id, trainedRequest: run.request },
        ...{ trainPoints: run.points, sweepPoints: run.members },
        ...{ trainDensity: run.density, trainSamples: run.samples },
      });
    },
    watching: true,
    setWatching: async (watching) => {
      set({ watching });
      await lab.sae.setWatched(watching).catch(() => undefined); // a worker that is gone looks at nothing
    },
    forkTraining: async (id, change) => {
      if (get().training.status === "running") return;
      pauseAsked = false;
      const known = requestOf(get().saes, id);
      set({ trainedRequest: known && { ...known, ...change } });
      await follow((signal, onProgress) =>
        lab.sae.summaries.fork(id, change, { signal, onProgress }),
      );
    },
    startTraining: async () => {
      const { model, trainRequest, training } = get();
      if (training.status === "running") return;
      if (model.status !== "ready") {
        const error = new LabError(
          "not-found",
          "no model is on the bench yet; wait until it has loaded",
        );
        set({ training: { status: "failed", error } });
        return;
      }
      if (chosenIds(trainRequest).length > 0 && get().texts.status !== "ready") {
        await get().refreshTexts();
      }
      const { refs, problem } = chosenTexts(trainRequest, get().texts);
      const plan = planTraining(trainRequest, model.value.config);
      if (!plan.request || problem) return; // the form names what is wrong
      const requests = plan.requests.map((one) => (refs ? { ...one, texts: refs } : one));
      const request = requests[0]!;
      pauseAsked = false;
      set({ ...NOTHING_YET, shownRun: null, trainedRequest: request });
      await follow(async (signal, onProgress) => {
        const options = { signal, onProgress };
        if (requests.length === 1) return lab.sae.summaries.train(request, options);
        const [first] = await lab.sae.summaries.sweep(requests, options);
        return first!;
      });
    },
    resumeTraining: async (id) => {
      if (get().training.status === "running") return;
      pauseAsked = false;
      set({ trainedRequest: requestOf(get().saes, id) });
      await follow((signal, onProgress) => lab.sae.summaries.resume(id, { signal, onProgress }));
    },
    pauseTraining: async (paused) => {
      const { training } = get();
      if (training.status !== "running" || !training.progress) return;
      pauseAsked = paused;
      const { progress } = training;
      if (progress.status === "running" || progress.status === "paused") {
        const status = paused ? "paused" : "running";
        set({ training: { status: "running", progress: { ...progress, points: [], status } } });
      }
      try {
        await lab.sae.setPaused(paused);
      } catch (e) {
        runs.stop(); // a run that cannot be paused is not one to leave alone
        set({ training: { status: "failed", error: toLabError(e) } });
      }
    },
    cancelTraining: () => {
      runs.stop();
      set({ training: IDLE });
      keep();
    },
    dismissTraining: () => {
      if (get().training.status !== "running") set({ training: IDLE });
    },
  };
};
