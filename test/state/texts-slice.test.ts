/** Adding texts, one after another; choosing what is trained on; what is gone. */
import { describe, expect, it } from "vitest";
import type { KeptText } from "../../src/core/kept-text.ts";
import { LabError } from "../../src/core/lab-error.ts";
import { chosenTexts } from "../../src/state/texts-slice.ts";
import { fakeBench, settle } from "./saes.ts";

const text = (id: string, pieces = 40): KeptText => ({
  ...{ id, name: `${id}.txt`, bytes: 10, characters: 9, pieces, tokens: null, warnings: [] },
  addedAt: "2026-01-01",
});
const files = (...names: string[]) => names.map((name) => new File(["x"], name));

describe("texts", () => {
  it("are added one after another, told of, and chosen", async () => {
    const { state, ready, nth, count } = fakeBench();
    await ready();
    void state().addTexts(files("a.txt", "b.txt"));
    nth("text.add").progress({ done: 1, total: 2 });
    expect(state().textAdding).toEqual({ name: "a.txt", progress: { done: 1, total: 2 }, left: 1 });
    expect(count("text.add")).toBe(1);
    nth("text.add").resolve(text("a"));
    await settle();
    nth("text.add").reject(new LabError("bad-file", "there is no text in this file"));
    await settle();
    nth("text.list").resolve([text("a")]);
    await settle();
    expect(state()).toMatchObject({ textAdding: null, trainRequest: { texts: "a" } });
    expect(state().textRefused).toMatchObject([{ name: "b.txt", error: { code: "bad-file" } }]);
  });

  it("are given up with what is left of them; what was added stays", async () => {
    const { state, ready, nth, count } = fakeBench();
    await ready();
    void state().addTexts(files("a.txt", "b.txt", "c.txt"));
    nth("text.add").resolve(text("a"));
    await settle();
    state().cancelTexts();
    await settle();
    expect(nth("text.add").signal?.aborted).toBe(true);
    expect(count("text.add")).toBe(2);
    expect(state()).toMatchObject({
      textAdding: null,
      trainRequest: { texts: "a" },
      textRefused: [],
    });
  });

  it("go into the request by id and name", async () => {
    const { state, ready, nth } = fakeBench();
    await ready();
    state().setTrainRequest({ texts: "b a" });
    void state().startTraining();
    nth("text.list").resolve([text("a"), text("b"), text("c")]);
    await settle();
    expect(nth("sae.train").input).toMatchObject({
      texts: [
        { id: "a", name: "a.txt" },
        { id: "b", name: "b.txt" },
      ],
    });
  });

  it("that are deleted are trained on no more", async () => {
    const { state, ready, nth } = fakeBench();
    await ready();
    state().setTrainRequest({ texts: "b a" });
    void state().deleteText("b");
    expect(state().trainRequest.texts).toBe("a");
    expect(nth("text.delete").input).toEqual({ id: "b" });
  });
});

it("says what keeps them from being trained on", () => {
  const kept = (...value: KeptText[]) => ({ status: "ready", value }) as const;
  const problem = (texts: string, ...value: KeptText[]) =>
    chosenTexts({ texts }, kept(...value)).problem;
  expect(problem("", text("a"))).toBeNull();
  expect(problem("a", text("a"))).toBeNull();
  expect(problem("a b", text("a"))).toMatch(/not kept here any more/);
  expect(problem("a", text("a", 1))).toMatch(/9 characters are too few/);
  expect(chosenTexts({ texts: "a" }, { status: "idle" }).problem).toBeNull();
});
