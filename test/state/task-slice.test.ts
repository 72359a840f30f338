/** The Circuits lab's task and sweeps over a fake worker: what is asked, undone, kept, stopped. */
import { describe, expect, it } from "vitest";
import { LabError } from "../../src/core/lab-error.ts";
import type { PatchQuestion } from "../../src/core/patching.ts";
import { writeTask } from "../../src/core/task-file.ts";
import type { MadeTask, ReadPair, Task, TaskRequest } from "../../src/core/task.ts";
import { storedTask, storeTask, TASK_KEY } from "../../src/state/stored-task.ts";
import { chosenTask } from "../../src/state/task-slice.ts";
import { benchStore } from "./bench-store.ts";
import { settle } from "./saes.ts";

const taskOf = (name: string): Task => ({
  ...{ name, prependBos: true },
  pairs: [1, 2].map((n) => ({
    ...{ clean: `${name} ${n}`, corrupted: "x", answers: [" a"], wrong: [], roles: [] },
  })),
});
const readOf = (n: number, problem: string | null = null): ReadPair => ({
  clean: { ids: [n, 1], strings: ["a", "b"] },
  corrupted: { ids: [n, 2], strings: ["a", "c"] },
  ...{ answers: [3], wrong: [], roles: [], problem },
});
const made = (name: string): MadeTask => ({ task: taskOf(name), leftOut: [], shortage: null });
const values = { logitDiff: null, logProb: -1, prob: 0.4, probDiff: null, rank: 1, kl: 0 };
const reading = { values, top: [{ string: " a", probability: 0.4 }] };
const baseline = { clean: reading, corrupted: reading };

async function opened() {
  const bench = benchStore();
  await bench.ready();
  const { state, nth } = bench;
  const running = state().refreshTask();
  nth("task.make").resolve(made("ioi"));
  await settle();
  nth("task.read").resolve([readOf(10), readOf(20, "too long")]);
  await settle();
  return { ...bench, running };
}

describe("the task", () => {
  it("is made by the link's recipe and seed, read, and run where it can be", async () => {
    const { state, nth, running } = await opened();
    expect(nth("task.make").input).toMatchObject({ count: 8, seed: 0 });
    expect(state().openTask).toMatchObject({ choice: "ioi-flip", baseline: [null, null] });
    expect(nth("task.baseline").input).toHaveLength(1);
    nth("task.baseline").progress({ done: 1, total: 1 });
    expect(state().taskProgress).toEqual({ done: 1, total: 1 });
    nth("task.baseline").resolve([baseline]);
    await running;
    expect(state().openTask!.baseline).toEqual([baseline, null]);
    expect(state().taskProgress).toBeNull();

    state().setOption("circuits.seed", "7");
    void state().refreshTask();
    expect(nth("task.make").input).toMatchObject({ seed: 7 });
  });

  it("asks only for what is not known yet", async () => {
    const { state, nth, count, running } = await opened();
    nth("task.baseline").resolve([baseline]);
    await running;
    const again = state().refreshTask();
    nth("task.make").resolve(made("ioi"));
    await settle();
    nth("task.read").resolve([readOf(10), readOf(30)]);
    await settle();
    expect(count("task.baseline")).toBe(2);
    expect(nth("task.baseline").input).toMatchObject([{ clean: [30, 1] }]);
    nth("task.baseline").resolve([baseline]);
    await again;
    expect(state().openTask!.baseline).toEqual([baseline, baseline]);
  });

  it("from templates says what was left out of it, until it is changed", async () => {
    const { state, nth } = await opened();
    const request = { recipe: { name: "mine" }, count: 2, seed: 0 };
    const building = state().buildFromTemplates(request as unknown as TaskRequest);
    const notes = { ...made("mine"), leftOut: [{ list: "A", words: ["Xylophonist"] }] };
    nth("task.make").resolve(notes);
    await building;
    const refreshed = state().refreshTask();
    await settle();
    nth("task.read").resolve([readOf(10)]);
    await settle();
    expect(state().openTask).toMatchObject({ choice: "own", made: notes });
    state().editTask({ ...taskOf("mine"), name: "other" });
    expect(state().ownMade).toBeNull();
    state().stopTask();
    await refreshed;
  });

  it("edited becomes one's own; undo and redo go between", async () => {
    const { state } = await opened();
    const mine = taskOf("mine");
    state().editTask(mine);
    expect([chosenTask(state()), state().ownTask]).toEqual(["own", mine]);
    const other = taskOf("other");
    state().editTask(other);
    state().chooseTask("capitals");
    expect(chosenTask(state())).toBe("capitals");
    state().undoTask();
    expect([chosenTask(state()), state().ownTask]).toEqual(["own", other]);
    state().undoTask();
    state().undoTask();
    expect(chosenTask(state())).toBe("ioi-flip");
    state().undoTask(); // nothing before
    state().redoTask();
    expect([chosenTask(state()), state().ownTask]).toEqual(["own", mine]);
  });

  it("says why it cannot be made, and an old answer is not shown", async () => {
    const { state, nth } = await opened();
    const first = state().refreshTask();
    const second = state().refreshTask();
    nth("task.make").reject(new LabError("not-found", "no words"));
    await second;
    expect(state().taskError).toMatchObject({ code: "not-found" });
    nth("task.make", -2).resolve(made("old"));
    await settle();
    nth("task.read").resolve([readOf(10), readOf(20)]);
    await first;
    expect(state().openTask?.task.name).toBe("ioi");
  });

  it("of cases says which wrong ones have no right one, until it is another task", async () => {
    const { state, nth } = await opened();
    const one = (prompt: string) => ({ prompt, answers: [" a"], instead: [] });
    const built = state().buildFromCases([one("right")], [one("wrong"), one("longer")]);
    const ids = [
      [1, 2],
      [1, 3],
      [1, 2, 3],
    ];
    nth("task.read").resolve(
      ids.map((own) => ({ ...readOf(1), clean: { ids: own, strings: own.map(String) } })),
    );
    await settle();
    nth("task.baseline").resolve([baseline, baseline]);
    await built;
    expect(state()).toMatchObject({ unmatchedCases: ["longer"], searchWanted: true });
    expect(state().ownTask!.pairs).toHaveLength(1);
    state().editTask(taskOf("other"));
    expect(state().unmatchedCases).toEqual([]);
  });

  it("of a link that names one's own, where there is none, is the library's", () => {
    expect(chosenTask({ options: { "circuits.task": "own" }, ownTask: null })).toBe("ioi-flip");
    expect(chosenTask({ options: { "circuits.task": "nonsense" }, ownTask: null })).toBe(
      "ioi-flip",
    );
  });

  it("is kept over a reload; a damaged entry is passed over", () => {
    const kept = new Map<string, string>();
    const storage = {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, value: string) => void kept.set(key, value),
    };
    storeTask(storage, taskOf("mine"));
    expect(storedTask(storage)).toEqual(taskOf("mine"));
    kept.set(TASK_KEY, writeTask(taskOf("mine")).slice(0, 50));
    expect(storedTask(storage)).toBeNull();
    const forbidden = () => {
      throw new Error("forbidden");
    };
    expect(() => storeTask({ getItem: forbidden, setItem: forbidden }, taskOf("x"))).not.toThrow();
    expect(storedTask({ getItem: forbidden, setItem: forbidden })).toBeNull();
  });
});

describe("a sweep", () => {
  const question: PatchQuestion = {
    pairs: [1, 2].map(() => ({
      ...{ clean: [1], corrupted: [2], answers: [3], wrong: [], places: [[0]] },
    })),
    ...{ metric: "logProb", direction: "denoise", cells: null },
    sweep: { unit: "resid_pre", byPlace: false, layer: null },
  };
  const told = (pair: number, cells: number[], found: number[]) => ({
    ...{ pair, cells, values: Float64Array.from(found), done: 2, total: 6, secondsLeft: 1 },
  });

  it("fills as it is computed; stopped, what was found stays, and cells asked for later are added", async () => {
    const { state, nth } = await opened();
    const run = state().runPatch("key", question, 3);
    nth("patching.sweep").progress(told(1, [2, 0], [5, 7]));
    const shown = () => state().patchRuns["key"]!;
    expect(shown()).toMatchObject({ status: "running", done: 2, total: 6, secondsLeft: 1 });
    expect([...shown().values[1]!]).toEqual([7, NaN, 5]);
    expect([...shown().values[0]!]).toEqual([NaN, NaN, NaN]);
    state().stopPatching();
    await run;
    expect(shown().status).toBe("stopped");
    const more = state().runPatch("key", { ...question, cells: [1] }, 3);
    nth("patching.sweep").progress(told(1, [1], [6]));
    nth("patching.sweep").resolve({ runs: 1, seconds: 1 });
    await more;
    expect(shown().status).toBe("done");
    expect([...shown().values[1]!]).toEqual([7, 6, 5]);
  });

  it("gives way to another, and a failure is said", async () => {
    const { state, nth } = await opened();
    const first = state().runPatch("a", question, 3);
    const preview = { ...question, method: "gradient" as const, steps: 8 };
    const second = state().runPreview("b", preview, 3);
    expect(nth("patching.sweep").signal?.aborted).toBe(true);
    await first;
    expect(state().patchRuns["a"]!.status).toBe("stopped");
    nth("patching.preview").progress({
      ...{ pair: 0, values: Float64Array.of(1, 2, 3), done: 1, total: 2 },
    });
    expect([...state().previewRuns["b"]!.values[0]!]).toEqual([1, 2, 3]);
    nth("patching.preview").reject(new LabError("degenerate", "no slope"));
    await second;
    expect(state().previewRuns["b"]).toMatchObject({
      ...{ status: "failed", error: { code: "degenerate" } },
    });
  });
});
