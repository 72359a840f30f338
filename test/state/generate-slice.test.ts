import { describe, expect, it } from "vitest";
import { LabError } from "../../src/core/lab-error.ts";
import type { GeneratedToken } from "../../src/core/generation.ts";
import { pathOf } from "../../src/state/branch-tree.ts";
import { isWriting, isWrittenElsewhere } from "../../src/state/generate-slice.ts";
import { benchStore } from "./bench-store.ts";
import { settle } from "./saes.ts";

const token = (id: number): GeneratedToken => ({
  ...{ id, text: `t${id}`, string: `t${id}`, probability: 0.5, rank: 1 },
  alternatives: {
    ids: [id, id + 1],
    strings: [`t${id}`, `t${id + 1}`],
    logits: [1, 0],
    probabilities: [0.5, 0.3],
  },
});
const done = { text: "", tokens: [], end: null, stopped: "length" };
const head = {
  target: { kind: "head", layer: 1, head: 0 },
  op: "zero",
  amount: 0,
  pos: null,
} as const;

async function bench() {
  const fake = benchStore();
  await fake.ready();
  const { state, nth } = fake;
  const ids = (side: "a" | "b" = "a") => {
    const tree = state().written!.trees[side]!;
    return pathOf(tree, tree.current).map(({ id }) => id);
  };
  /** Answers the nth generation with tokens. */
  const answer = async (n: number, given: number[], end: object = done) => {
    for (const id of given) nth("model.generate", n).progress(token(id));
    nth("model.generate", n).resolve(end);
    await settle();
  };
  return { ...fake, ids, answer };
}

describe("writing", () => {
  it("goes on from where it stopped, with the tokens that are there", async () => {
    const { state, nth, ids, answer } = await bench();
    state().setOptions({ "sampling.seed": "9", "sampling.temperature": "0.5" });
    void state().write(2);
    expect(nth("model.generate").input).toMatchObject({
      sampling: { maxNewTokens: 2, seed: 9, temperature: 0.5 },
      begun: [],
      alternatives: 10,
      edits: [],
    });
    expect(isWriting(state())).toBe(true);
    await answer(-1, [10, 20]);
    expect(isWriting(state())).toBe(false);
    void state().write(1);
    expect(nth("model.generate").input).toMatchObject({ begun: [10, 20] });
    await answer(-1, [30]);
    expect(ids()).toEqual([10, 20, 30]);
  });

  it("keeps what it has when stopped, and goes on after that", async () => {
    const { state, nth, ids } = await bench();
    void state().write(5);
    const first = nth("model.generate");
    first.progress(token(10));
    state().stopWriting();
    first.progress(token(11)); // too late
    await settle();
    expect(first.signal?.aborted).toBe(true);
    expect(ids()).toEqual([10]);
    expect(state().written!.trees.a.branches[0]!.status).toBe("cancelled");
    void state().write(5);
    expect(nth("model.generate").input).toMatchObject({ begun: [10] });
  });

  it("writes both sides from one seed when there are edits, each with its own tree", async () => {
    const { state, nth, count, ids, answer } = await bench();
    state().addEdit(head);
    void state().write(3);
    expect(count("model.generate")).toBe(2);
    const [a, b] = [nth("model.generate", 0).input, nth("model.generate", 1).input];
    expect(a).toMatchObject({ edits: [], sampling: { seed: 1 } });
    expect(b).toMatchObject({ edits: [{ op: "zero", head: 0 }], sampling: { seed: 1 } });
    await answer(0, [10]);
    await answer(1, [77]);
    expect([ids("a"), ids("b")]).toEqual([[10], [77]]);
  });

  it("does not go on after the end of a text", async () => {
    const { state, count, answer } = await bench();
    void state().write(3);
    await answer(-1, [10], { ...done, end: token(99), stopped: "end-of-text" });
    expect(state().written!.trees.a.branches[0]!.end).toMatchObject({ id: 99, chosen: false });
    await state().write(3);
    expect(count("model.generate")).toBe(1);
    void state().writeBranch("a", 1, 1); // but instead of it
    expect(count("model.generate")).toBe(2);
  });

  it("says why it failed, and may be tried again", async () => {
    const { state, nth, answer, ids } = await bench();
    void state().write(3);
    nth("model.generate").reject(new LabError("bad-input", "the prompt has 300 tokens"));
    await settle();
    const [root] = state().written!.trees.a.branches;
    expect(root).toMatchObject({
      status: "failed",
      error: { message: "the prompt has 300 tokens" },
    });
    void state().write(3);
    expect(state().written!.trees.a.branches[0]!.error).toBeNull();
    await answer(-1, [10]);
    expect(ids()).toEqual([10]);
  });
});

describe("branches", () => {
  it("go on from another token, and the text stays", async () => {
    const { state, nth, ids, answer } = await bench();
    void state().write(3);
    await answer(-1, [10, 20, 30]);
    void state().writeBranch("a", 1, 1);
    expect(nth("model.generate").input).toMatchObject({ begun: [10, 21] });
    await answer(-1, [50]);
    expect(ids()).toEqual([10, 21, 50]);
    state().goToBranch("a", 0);
    expect(ids()).toEqual([10, 20, 30]);
    void state().writeBranch("a", 1, 1); // there already: only shown
    expect(ids()).toEqual([10, 21, 50]);
    state().deleteBranch("a", 1);
    expect(ids()).toEqual([10, 20, 30]);
  });

  it("are deleted while they are written without a trace", async () => {
    const { state, nth, ids, answer } = await bench();
    void state().write(1);
    await answer(-1, [10]);
    void state().writeBranch("a", 0, 1);
    const call = nth("model.generate");
    state().deleteBranch("a", 1);
    call.progress(token(60));
    await settle();
    expect(call.signal?.aborted).toBe(true);
    expect(ids()).toEqual([10]);
  });
});

describe("what was written", () => {
  it("belongs to its prompt, edits and model; the next writing begins anew", async () => {
    const { store, state, nth, answer } = await bench();
    void state().write(1);
    await answer(-1, [10]);
    const written = state().written!;
    expect(isWrittenElsewhere(written, state())).toBe(false);
    state().setOptions({ "sampling.seed": "4" }); // goes on with another seed
    store.setState({ basis: "tl" }); // nothing depends on it without edits
    expect(isWrittenElsewhere(written, state())).toBe(false);
    const model = state().model;
    const changes = [
      { text: "Twice" },
      { prependBos: false },
      { otherText: "Other" },
      { benchEdits: [{ ...head, on: true }] },
      {
        model: model.status === "ready" ? { ...model, value: { ...model.value, id: "b" } } : model,
      },
    ];
    for (const change of changes) {
      expect(isWrittenElsewhere(written, { ...state(), ...change })).toBe(true);
    }
    state().setText("Twice");
    void state().write(1);
    expect(nth("model.generate").input).toMatchObject({ prompt: { text: "Twice" }, begun: [] });
  });
});
