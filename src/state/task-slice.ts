/**
 * The task of the Circuits lab: one of the library's, which the link names with its seed, or one's own, which this browser
 * keeps. It is read with the model's tokenizer, and its baseline is computed for the pairs that can be run.
 */
import { LabError, toLabError } from "../core/lab-error.ts";
import { LIBRARY, LIBRARY_IDS, type LibraryId } from "../core/task-library.ts";
import type { Case } from "../core/task-cases.ts";
import type {
  MadeTask,
  PairBaseline,
  ReadPair,
  RunPair,
  Task,
  TaskMetric,
  TaskRequest,
} from "../core/task.ts";
import type { LabModel } from "../api/lab.ts";
import { createNewest } from "./newest.ts";
import { fromCases, fromTemplates } from "./task-builders.ts";
import { parseFormula } from "../core/metric-formula.ts";
import { type Options, wholeIn } from "./options-slice.ts";
import type { Slice, Store } from "./store.ts";

export const TASK_CHOICES = [...LIBRARY_IDS, "own"] as const;
export type TaskChoice = (typeof TASK_CHOICES)[number];
export const MOST_MADE = 200;
export const MADE_AT_FIRST = 8;

export interface OpenTask {
  choice: TaskChoice;
  task: Task;
  /** How it was made, if it was. */
  made: MadeTask | null;
  read: readonly ReadPair[];
  /** By pair; null where it is not known, or cannot be. */
  baseline: readonly (PairBaseline | null)[];
  /** The model that it was read for. */
  model: string;
  /** What its numbers are of (`LabModel.stamp`). */
  stamp: string;
}
/** A state that undo goes back to. */
interface Step {
  choice: string | null;
  own: Task | null;
}

export interface TaskSlice {
  ownTask: Task | null;
  /** How one's own was made of templates; null of any other, and after a change. */
  ownMade: MadeTask | null;
  openTask: OpenTask | null;
  /** The baseline's, while it is computed; done and total are pairs. */
  taskProgress: { done: number; total: number } | null;
  taskError: LabError | null;
  /** Reads the task that is chosen, and computes what is not known of it. */
  refreshTask: () => Promise<void>;
  stopTask: () => void;
  /** Makes it one's own task; a step that can be undone. */
  editTask: (task: Task) => void;
  chooseTask: (choice: TaskChoice) => void;
  /** A task of one's own from templates. @throws LabError for what cannot be made */
  buildFromTemplates: (request: TaskRequest) => Promise<MadeTask>;
  /** One from cases, whose search is to start by itself. @throws LabError */
  buildFromCases: (right: readonly Case[], wrong: readonly Case[]) => Promise<void>;
  /** Wrong cases of the task at hand that no right one was found for. */
  unmatchedCases: readonly string[];
  /** Whether the sweep is to start as soon as the baseline is known. */
  searchWanted: boolean;
  searchStarted: () => void;
  undoneTasks: { past: readonly Step[]; future: readonly Step[] };
  undoTask: () => void;
  redoTask: () => void;
}

const REMEMBERED = 100; // steps of undo
const KNOWN_MOST = 4000; // baselines that are kept

export const chosenTask = ({
  options,
  ownTask,
}: Pick<Store, "options" | "ownTask">): TaskChoice => {
  const text = options["circuits.task"];
  const choice = TASK_CHOICES.find((name) => name === text) ?? TASK_CHOICES[0];
  return choice === "own" && ownTask === null ? TASK_CHOICES[0] : choice;
};
export const readCount = wholeIn(1, MOST_MADE);
export const readSeed = wholeIn(0, 999_999);

export const runPair = ({ clean, corrupted, answers, wrong, formula }: ReadPair): RunPair => ({
  ...{ clean: clean.ids, corrupted: corrupted.ids, answers, wrong },
  ...(formula !== undefined && { formula }),
});
/** The formula that is written, if it can be read. */
export function writtenFormula({ options }: { options: Options }): string | undefined {
  const text = options["circuits.formula"];
  if (text === undefined) return undefined;
  try {
    parseFormula(text);
    return text;
  } catch {
    return undefined; // where it is written, the page says why
  }
}
/** The formula that a question is asked by, where one is its metric: all of its pairs have the same. */
export const formulaOf = ({
  metric,
  pairs,
}: {
  metric: TaskMetric;
  pairs: readonly Pick<RunPair, "formula">[];
}): { formula?: string } => {
  const formula = metric === "formula" ? pairs[0]?.formula : undefined;
  return formula === undefined ? {} : { formula };
};
export const withFormula = (read: readonly ReadPair[], formula: string | undefined): ReadPair[] =>
  read.map((pair) => (formula === undefined ? pair : { ...pair, formula }));

const required = (model: LabModel | null): LabModel => {
  if (model) return model;
  throw new LabError("internal", "there is no model on the bench yet");
};

export const createTaskSlice: Slice<TaskSlice> = (lab) => (set, get) => {
  const newest = createNewest();
  /** By the pair's token ids, of one model. */
  const known = new Map<string, PairBaseline>();
  let knownFor: LabModel | null = null;

  const source = async (model: LabModel, choice: TaskChoice) => {
    if (choice === "own") return { task: get().ownTask!, made: get().ownMade };
    const { options } = get();
    const made = await model.makeTask({
      recipe: LIBRARY[choice satisfies LibraryId].recipe,
      count: readCount(options["circuits.count"] ?? "") ?? MADE_AT_FIRST,
      seed: readSeed(options["circuits.seed"] ?? "") ?? 0,
    });
    return { task: made.task, made };
  };
  const remember = () => {
    const { undoneTasks, options, ownTask } = get();
    const step = { choice: options["circuits.task"] ?? null, own: ownTask };
    return { step, undoneTasks };
  };
  const go = (from: "past" | "future", to: "past" | "future") => {
    const { step, undoneTasks } = remember();
    const next = undoneTasks[from].at(-1);
    if (!next) return;
    const left = undoneTasks[from].slice(0, -1);
    const kept = [...undoneTasks[to], step];
    set({
      ...{ ownTask: next.own, ownMade: null },
      unmatchedCases: [],
      undoneTasks: from === "past" ? { past: left, future: kept } : { past: kept, future: left },
    });
    get().setOption("circuits.task", next.choice);
  };
  const change = (choice: TaskChoice, own: Task | null) => {
    const { step, undoneTasks } = remember();
    const past = [...undoneTasks.past, step].slice(-REMEMBERED);
    set({ ownTask: own, ownMade: null, undoneTasks: { past, future: [] }, unmatchedCases: [] });
    get().setOption("circuits.task", choice === TASK_CHOICES[0] ? null : choice);
  };

  return {
    ...{ ownTask: null, ownMade: null },
    openTask: null,
    taskProgress: null,
    taskError: null,
    refreshTask: async () => {
      const { model } = lab;
      if (!model) return; // it is read when a model arrives
      if (knownFor !== model) known.clear();
      knownFor = model;
      const run = newest.start();
      const put = (patch: Partial<TaskSlice>) => run.isNewest() && set(patch);
      const choice = chosenTask(get());
      if (get().openTask?.model !== model.info.id) set({ openTask: null });
      put({ taskError: null });
      try {
        const { task, made } = await source(model, choice);
        const read = withFormula(await model.readTask(task), writtenFormula(get()));
        const keys = read.map((pair) => JSON.stringify(runPair(pair)));
        const baseline = () =>
          read.map((pair, i) => (pair.problem === null ? (known.get(keys[i]!) ?? null) : null));
        const open = { choice, task, made, read, model: model.info.id, stamp: model.stamp };
        put({ openTask: { ...open, baseline: baseline() } });
        const missing = read.flatMap((pair, i) =>
          pair.problem === null && !known.has(keys[i]!) ? [i] : [],
        );
        if (missing.length === 0) {
          put({ taskProgress: null });
          return;
        }
        if (!run.isNewest()) return;
        put({ taskProgress: { done: 0, total: missing.length } });
        const found = await model.taskBaseline(
          missing.map((i) => runPair(read[i]!)),
          { signal: run.signal, onProgress: (taskProgress) => put({ taskProgress }) },
        );
        if (known.size + found.length > KNOWN_MOST) known.clear();
        if (knownFor === model) found.forEach((one, j) => known.set(keys[missing[j]!]!, one));
        put({ openTask: { ...open, baseline: baseline() }, taskProgress: null });
      } catch (e) {
        const error = toLabError(e);
        put({ taskProgress: null, taskError: error.code === "cancelled" ? null : error });
      }
    },
    stopTask: () => {
      newest.stop();
      set({ taskProgress: null });
    },
    editTask: (task) => change("own", task),
    chooseTask: (choice) => {
      if (choice !== chosenTask(get())) change(choice, get().ownTask);
    },
    buildFromTemplates: async (request) => {
      const made = await fromTemplates(required(lab.model), request);
      get().editTask(made.task);
      set({ ownMade: made });
      return made;
    },
    buildFromCases: async (right, wrong) => {
      const { task, unmatched } = await fromCases(required(lab.model), right, wrong);
      get().editTask(task);
      get().setOption("circuits.part", "patching");
      set({ searchWanted: true, unmatchedCases: unmatched });
    },
    unmatchedCases: [],
    searchWanted: false,
    searchStarted: () => set({ searchWanted: false }),
    undoneTasks: { past: [], future: [] },
    undoTask: () => go("past", "future"),
    redoTask: () => go("future", "past"),
  };
};
