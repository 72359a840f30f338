import { describe, expect, it } from "vitest";
import { activeEdits, editMisfit } from "../../src/state/edits-slice.ts";
import { runs } from "../../src/state/compare-slice.ts";
import { LabError } from "../../src/core/lab-error.ts";
import { benchStore, viewOf } from "./bench-store.ts";
import { settle, summary } from "./saes.ts";

const head = (layer: number, h: number) =>
  ({ target: { kind: "head", layer, head: h }, op: "zero", amount: 0, pos: null }) as const;
const zeroHead = (layer: number, h: number) => ({
  hook: `blocks.${layer}.attn.hook_z`,
  head: h,
  op: "zero",
});

describe("the edits on the bench", () => {
  it("make a second run, without touching the first", async () => {
    const { state, ready, nth, count } = benchStore();
    await ready();
    state().addEdit(head(1, 0));
    expect(nth("prompt.view").input).toMatchObject({ edits: [] });
    nth("prompt.view").resolve(viewOf("plain"));
    await settle();
    expect(nth("prompt.view").input).toMatchObject({ edits: [zeroHead(1, 0)], basis: "raw" });
    const before = count("prompt.view");
    nth("prompt.view").resolve(viewOf("edited"));
    await settle();
    expect(state().shownView).toEqual(viewOf("plain"));
    expect(state().otherView).toEqual(viewOf("edited"));
    expect(count("prompt.view")).toBe(before);
  });

  it("are switched off one by one, undone and redone", async () => {
    const { state, ready } = benchStore();
    await ready();
    state().addEdit(head(1, 0));
    state().addEdit(head(2, 1));
    state().changeEdit(0, { on: false });
    expect(activeEdits(state())).toEqual([zeroHead(2, 1)]);
    state().undoEdits();
    expect(activeEdits(state())).toHaveLength(2);
    state().undoEdits();
    expect(state().benchEdits).toHaveLength(1);
    state().redoEdits();
    state().redoEdits();
    expect(activeEdits(state())).toEqual([zeroHead(2, 1)]);
    state().undoEdits();
    state().removeEdit(0); // a new step: what was undone is gone
    expect(state().undoneEdits.future).toEqual([]);
    expect(activeEdits(state())).toEqual([zeroHead(2, 1)]);
    state().clearEdits();
    state().undoEdits();
    expect(state().benchEdits).toHaveLength(1);
  });

  it("have one place each: the newer takes the older's", async () => {
    const { state, ready } = benchStore();
    await ready();
    state().addEdit(head(1, 0));
    state().addEdit({ ...head(1, 0), op: "scale", amount: 3 });
    expect(state().benchEdits).toEqual([{ ...head(1, 0), op: "scale", amount: 3, on: true }]);
    state().addEdit({ ...head(1, 0), pos: 2 });
    expect(state().benchEdits).toHaveLength(2);
  });

  it("that the model or the shelf does not have are kept, and not used", async () => {
    const { state, store, ready } = benchStore();
    await ready();
    state().addEdit(head(40, 0));
    state().addEdit({
      target: { kind: "feature", sae: "gone", feature: 1 },
      op: "zero",
      amount: 0,
      pos: null,
    });
    expect(activeEdits(state())).toEqual([]);
    expect(editMisfit(state(), state().benchEdits[0]!)).toMatch(/no such place/);
    expect(editMisfit(state(), state().benchEdits[1]!)).toMatch(/autoencoder/);
    store.setState({ saes: { status: "ready", value: [summary("gone")] } });
    expect(activeEdits(state())).toHaveLength(1);
  });

  it("that fail leave the unedited run on the screen", async () => {
    const { state, ready, nth } = benchStore();
    await ready();
    state().addEdit(head(1, 0));
    nth("prompt.view").resolve(viewOf("plain"));
    await settle();
    nth("prompt.view").reject(new LabError("out-of-memory", "too much"));
    await settle();
    expect(state().promptView.status).toBe("ready");
    expect(state().otherView).toBeNull();
    expect(state().otherProblem?.message).toBe("too much");
  });
});

describe("two prompts", () => {
  it("are run with the same edits", async () => {
    const { state, ready } = benchStore();
    await ready();
    state().addEdit(head(1, 0));
    state().setText("first");
    state().setOtherText("second");
    const { a, b } = runs(state());
    expect([a.prompt, b?.prompt]).toEqual([
      { text: "first", prependBos: true },
      { text: "second", prependBos: true },
    ]);
    expect(a.edits).toEqual([zeroHead(1, 0)]);
    expect(b?.edits).toEqual(a.edits);
    state().swapPrompts();
    expect([state().text, state().otherText]).toEqual(["second", "first"]);
  });
});
