import { describe, expect, it } from "vitest";
import { LabError } from "../../src/core/lab-error.ts";
import { shownPosition } from "../../src/state/prompt-slice.ts";
import { benchStore, viewOf } from "./bench-store.ts";
import { settle } from "./saes.ts";

const texts = (calls: unknown): string => (calls as { prompt: { text: string } }).prompt.text;

describe("the prompt", () => {
  it("is run once per answer, always in its newest form", async () => {
    const { state, ready, nth, count } = benchStore();
    await ready();
    const before = count("prompt.view");
    for (const text of ["a", "ab", "abc"]) state().setText(text);
    expect(count("prompt.view")).toBe(before + 1); // the others wait for this answer
    expect(texts(nth("prompt.view").input)).toBe("a");
    nth("prompt.view").resolve(viewOf("a"));
    await settle();
    expect(state().shownView?.tokens.strings.join("")).toBe("<|endoftext|>a");
    expect(count("prompt.view")).toBe(before + 2); // "ab" was never run
    expect(texts(nth("prompt.view").input)).toBe("abc");
    expect(state().promptView.status).toBe("running");
    nth("prompt.view").resolve(viewOf("abc"));
    await settle();
    expect(state().promptView).toEqual({ status: "ready", value: viewOf("abc") });
    expect(count("prompt.view")).toBe(before + 2);
  });

  it("keeps the last answer on screen when the next one fails", async () => {
    const { state, ready, nth } = benchStore();
    await ready();
    const shown = state().shownView;
    state().setText("");
    const error = new LabError("bad-input", "the prompt is empty");
    nth("prompt.view").reject(error);
    await settle();
    expect(state().promptView).toEqual({ status: "failed", error });
    expect(state().shownView).toBe(shown);
    expect(state().text).toBe("");
  });

  it("waits for a model", async () => {
    const { state, count } = benchStore();
    state().setText("early");
    await settle();
    expect(count("prompt.view")).toBe(0);
    expect(state().promptView.status).toBe("idle");
  });

  it("is not run again when it did not change", async () => {
    const { state, ready, count } = benchStore();
    await ready();
    const before = count("prompt.view");
    state().setText(state().text);
    state().setPrependBos(true);
    expect(count("prompt.view")).toBe(before);
  });

  it("gives back the text that a sample replaced, unless something was typed since", async () => {
    const { state, ready } = benchStore();
    await ready();
    const first = state().text;
    state().replaceText("a sample");
    expect(state().undoReplace()).toBe(true);
    expect(state().text).toBe(first);
    expect(state().undoReplace()).toBe(false);
    state().replaceText("a sample");
    state().setText("a sample!");
    expect(state().undoReplace()).toBe(false);
    expect(state().text).toBe("a sample!");
  });
});

describe("the position", () => {
  it("follows the last token until one is selected, and stays inside a shorter prompt", async () => {
    const { state, ready, nth } = benchStore();
    await ready(); // BOS W h e n
    expect(shownPosition(state())).toBe(4);
    state().selectPosition(2);
    expect(shownPosition(state())).toBe(2);
    state().setText("x");
    nth("prompt.view").resolve(viewOf("x"));
    await settle();
    expect(shownPosition(state())).toBe(1);
    expect(state().position).toBe(2); // comes back with a longer prompt
    state().selectPosition(1);
    expect(state().position).toBeNull(); // the last token is followed again
  });

  it("keeps the token when BOS comes or goes", async () => {
    const { state, ready } = benchStore();
    await ready();
    state().selectPosition(2);
    state().setPrependBos(false);
    expect(state().position).toBe(1);
    state().setPrependBos(true);
    expect(state().position).toBe(2);
  });

  it("cannot be said without tokens", () => {
    expect(shownPosition(benchStore().state())).toBeNull();
  });
});
