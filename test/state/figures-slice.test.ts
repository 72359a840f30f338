import { describe, expect, it, vi } from "vitest";
import { LabError } from "../../src/core/lab-error.ts";
import { benchStore } from "./bench-store.ts";
import { settle } from "./saes.ts";

const METHOD = "figure.residual";

async function bench() {
  const made = benchStore();
  await made.ready();
  const asked = () => made.state().asked[METHOD]!;
  const ask = () => made.state().askFigure("residual", {});
  return { ...made, asked, ask };
}

describe("a figure's numbers", () => {
  it("are asked for once, for both sides where there are two", async () => {
    const { state, nth, count, asked, ask } = await bench();
    ask();
    ask();
    expect(count(METHOD)).toBe(1);
    expect(asked()).toMatchObject({ running: true, shown: null });
    nth(METHOD).resolve("A");
    await settle();
    expect(asked()).toMatchObject({
      shown: { a: "A", b: null },
      running: false,
      progress: null,
      error: null,
    });
    ask();
    expect(count(METHOD)).toBe(1);

    state().setOtherText("another");
    ask();
    nth(METHOD).resolve("A");
    await settle();
    expect(nth(METHOD).input).toMatchObject({ prompt: { text: "another" } });
    nth(METHOD).resolve("B");
    await settle();
    expect(asked().shown).toEqual({ a: "A", b: "B" });
  });

  it("follow the typing: a quick answer is waited for, then the newest question is asked", async () => {
    const { state, nth, count, asked, ask } = await bench();
    ask();
    for (const text of ["x", "xy", "xyz"]) {
      state().setText(text);
      ask();
    }
    expect(count(METHOD)).toBe(1);
    nth(METHOD).resolve("old");
    await settle();
    expect(asked().shown).toEqual({ a: "old", b: null }); // better than what was there
    expect(count(METHOD)).toBe(2);
    expect(nth(METHOD).input).toMatchObject({ prompt: { text: "xyz" } });
  });

  it("that take long are given up for a newer question", async () => {
    const { state, nth, count, asked, ask } = await bench();
    const clock = vi.spyOn(performance, "now");
    clock.mockReturnValue(0);
    ask();
    clock.mockReturnValue(1000);
    state().setText("newer");
    ask();
    clock.mockRestore();
    expect(nth(METHOD, -2).signal?.aborted).toBe(true);
    expect(count(METHOD)).toBe(2);
    nth(METHOD).resolve("new");
    await settle();
    expect(asked()).toMatchObject({ shown: { a: "new", b: null }, error: null });
  });

  it("stay when the next cannot be computed, and the error is said", async () => {
    const { state, nth, asked, ask } = await bench();
    ask();
    nth(METHOD).resolve("good");
    await settle();
    state().setText("bad");
    ask();
    const error = new LabError("bad-input", "no");
    nth(METHOD).reject(error);
    await settle();
    expect(asked()).toMatchObject({ shown: { a: "good", b: null }, error });
  });

  it("of another model are no picture of this one", async () => {
    const { state, nth, asked, ask, arrive } = await bench();
    ask();
    nth(METHOD).resolve("of the first");
    await settle();
    void state().loadModel("other/model");
    await arrive({ id: "other/model" });
    ask();
    expect(asked().shown).toBeNull();
  });

  it("can be stopped", async () => {
    const { state, nth, asked, ask } = await bench();
    ask();
    state().stopAsking(METHOD);
    expect(nth(METHOD).signal?.aborted).toBe(true);
    expect(asked()).toMatchObject({ running: false, error: null });
    await settle();
    expect(asked()).toMatchObject({ running: false, error: null, stopped: true });
    ask(); // and asked for again
    expect(asked()).toMatchObject({ running: true, stopped: false });
  });

  it("tell how far they are", async () => {
    const { nth, asked, ask } = await bench();
    ask();
    nth(METHOD).progress({ done: 1, total: 2 });
    expect(asked().progress).toEqual({ done: 1, total: 2 });
  });

  it("tell it of each side, which stays when it is stopped and goes when the answer is there", async () => {
    const { state, nth, asked, ask } = await bench();
    state().setOtherText("another");
    ask();
    nth(METHOD).progress("half of A");
    expect(asked().told).toEqual({ a: "half of A", b: null });
    nth(METHOD).resolve("A");
    await settle();
    nth(METHOD).progress("half of B");
    expect(asked().told).toEqual({ a: "half of A", b: "half of B" });
    state().stopAsking(METHOD);
    expect(asked().told).toEqual({ a: "half of A", b: "half of B" });
    ask();
    expect(asked().told).toEqual({ a: null, b: null });
    nth(METHOD).progress("half of A");
    nth(METHOD).resolve("A");
    await settle();
    nth(METHOD).resolve("B");
    await settle();
    expect(asked()).toMatchObject({ shown: { a: "A", b: "B" }, told: { a: null, b: null } });
  });
});
