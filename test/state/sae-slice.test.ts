import { describe, expect, it } from "vitest";
import { LabError } from "../../src/core/lab-error.ts";
import type { FeatureDashboard } from "../../src/core/feature-dashboard.ts";
import { textsOf } from "../../src/core/kept-text.ts";
import { saeForPrompt, selectedSae } from "../../src/state/sae-on-bench.ts";
import { fakeBench, info, settle, summary, table } from "./saes.ts";

const dashboard = (feature: number) => ({ saeId: "a", feature }) as FeatureDashboard;

describe("the SAE on the bench", () => {
  it("is chosen when a model arrives, with the feature of the largest activation", async () => {
    const { state, ready, refreshed, nth } = fakeBench();
    await ready();
    expect(selectedSae(state())?.id).toBe("a");
    expect(saeForPrompt(state())).toBe("a");
    expect(refreshed).toEqual(["a"]);
    expect(state().feature).toBe(2);
    expect(nth("sae.dashboard").input).toEqual({ id: "a", feature: 2, basis: "raw" });
  });

  it("tells effects anew when another basis is chosen", async () => {
    const { store, state, ready, nth, count } = fakeBench();
    await ready();
    nth("sae.dashboard").resolve(dashboard(2));
    await settle();
    const before = count("sae.dashboard");
    store.setState({ basis: "tl" });
    expect(count("sae.dashboard")).toBe(before + 1);
    expect(nth("sae.dashboard").input).toEqual({ id: "a", feature: 2, basis: "tl" });
    expect(state().shownDashboard).toEqual(dashboard(2)); // until the new one is there
  });

  it("keeps the feature that a link named", async () => {
    const { store, state, ready } = fakeBench();
    store.setState({ feature: 0 });
    await ready();
    expect(state().feature).toBe(0);
  });

  it("is another one, and said to be, when a link names one that is not here", async () => {
    const { store, state, ready } = fakeBench();
    store.setState({ saeId: "elsewhere", feature: 1 });
    await ready();
    expect(state().saeId).toBe("a");
    expect(state().shelf).toMatchObject({
      value: expect.stringContaining("“elsewhere” is not stored"),
    });
    expect(state().feature).toBe(2); // not the other one's feature 1
  });

  it("does not show a late answer of the SAE before", async () => {
    const { state, ready, nth, count } = fakeBench();
    await ready();
    const early = state().selectSae("b");
    const firstTable = nth("sae.features");
    const late = state().selectSae("a");
    expect(count("sae.features")).toBe(3);
    expect(firstTable.signal?.aborted).toBe(true);
    firstTable.resolve(table("b"));
    nth("sae.features").resolve(table("a"));
    await settle();
    expect(state().features).toEqual({ status: "ready", value: table("a") });
    nth("sae.dashboard").resolve(dashboard(2));
    await Promise.all([early, late]);
  });

  it("is not read with a model that it does not fit, and gives way to one that does", async () => {
    const { store, state, ready, nth } = fakeBench();
    await ready([summary("a")]);
    const wide = { ...info, id: "wide", config: { ...info.config, n_embd: 8 } };
    store.setState({ model: { status: "ready", value: wide } });
    expect(saeForPrompt(state())).toBeNull();
    const other = summary("w", { config: { ...summary("w").config, modelId: "wide", dIn: 8 } });
    nth("sae.list").resolve([summary("a"), other]);
    await settle();
    expect(state().saeId).toBe("w");
    expect(saeForPrompt(state())).toBe("w");
  });

  it("of a link waits for the model, which its dashboards need", async () => {
    const { store, state, nth, count } = fakeBench();
    store.setState({ saeId: "b", feature: 0 });
    const early = state().refreshSaes();
    nth("sae.list").resolve([summary("a"), summary("b")]);
    await early;
    expect([state().saeId, count("sae.features")]).toEqual(["b", 0]);
    store.setState({ model: { status: "ready", value: info } });
    nth("sae.list").resolve([summary("a"), summary("b")]);
    await settle();
    expect(nth("sae.features").input).toEqual({ id: "b" });
    nth("sae.features").resolve(table("b"));
    await settle();
    expect(nth("sae.dashboard").input).toEqual({ id: "b", feature: 0, basis: "raw" });
  });

  it("is no unfinished run", async () => {
    const { state, ready } = fakeBench();
    await ready();
    await state().selectSae(null);
    expect(state().saeId).toBeNull();
    const unfinished = summary("u", { status: "unfinished", hasDashboards: false });
    expect(
      saeForPrompt({ ...state(), saes: { status: "ready", value: [unfinished] }, saeId: "u" }),
    ).toBeNull();
  });

  it("says why the shelf cannot be read", async () => {
    const { state, nth } = fakeBench();
    const done = state().refreshSaes();
    const error = new LabError("internal", "the database is locked");
    nth("sae.list").reject(error);
    await done;
    expect(state().saes).toEqual({ status: "failed", error });
  });
});

describe("the feature looked at", () => {
  it("is the newest one chosen, and the last dashboard stays until it is there", async () => {
    const { state, ready, nth } = fakeBench();
    await ready();
    nth("sae.dashboard").resolve(dashboard(2));
    await settle();
    void state().selectFeature(0);
    const old = nth("sae.dashboard");
    void state().selectFeature(1);
    expect(state().dashboard.status).toBe("running");
    expect(state().shownDashboard?.feature).toBe(2);
    nth("sae.dashboard").resolve(dashboard(1));
    old.resolve(dashboard(0));
    await settle();
    expect(state().shownDashboard?.feature).toBe(1);
  });

  it("keeps the error of a dashboard that could not be had", async () => {
    const { state, ready, nth } = fakeBench();
    await ready();
    void state().selectFeature(1);
    nth("sae.dashboard").reject(new LabError("not-found", "no dashboards stored"));
    await settle();
    expect(state().dashboard).toMatchObject({ status: "failed", error: { code: "not-found" } });
  });
});

describe("the shelf", () => {
  it("keeps a run that was finished elsewhere while it stood here as unfinished", async () => {
    const { state, ready, nth, count } = fakeBench();
    await ready([summary("a"), summary("b", { status: "unfinished" })]);
    const done = state().deleteSae("b");
    nth("sae.list").resolve([summary("a"), summary("b")]);
    await settle();
    nth("sae.list").resolve([summary("a"), summary("b")]);
    await done;
    expect(count("sae.delete")).toBe(0);
    expect(state().shelf).toMatchObject({
      status: "failed",
      error: { message: expect.stringContaining("finished in another tab") as string },
    });
    expect(state().saes).toMatchObject({ value: [{ id: "a" }, { id: "b", status: "finished" }] });
  });

  it("deletes the SAE on the bench and goes on with the next", async () => {
    const { state, ready, nth } = fakeBench();
    await ready();
    void state().deleteSae("a");
    await settle();
    nth("sae.delete").resolve(null);
    await settle();
    expect(state().saeId).toBeNull();
    expect(state().features.status).toBe("idle");
    nth("sae.list").resolve([summary("b")]);
    await settle();
    expect(state().saeId).toBe("b");
    nth("sae.features").resolve(table("b"));
    await settle();
    nth("sae.dashboard").resolve(dashboard(2));
    await settle();
    expect(state().shelf).toEqual({ status: "ready", value: "Deleted “A”." });
  });

  it("refuses an empty name without asking the worker", async () => {
    const { state, ready, count } = fakeBench();
    await ready();
    await state().renameSae("a", "  ");
    expect(count("sae.rename")).toBe(0);
    expect(state().shelf).toMatchObject({ status: "failed", error: { code: "bad-input" } });
  });

  it("keeps the error of an import, and looks whether it is on the shelf all the same", async () => {
    const { state, ready, nth, count } = fakeBench();
    await ready();
    const lists = count("sae.list");
    const done = state().importSae([new File(["{}"], "cfg.json")]);
    nth("sae.import").reject(new LabError("quota", "no room"));
    await settle();
    expect(count("sae.list")).toBe(lists + 1);
    nth("sae.list").resolve([summary("a"), summary("unsaved")]);
    await done;
    expect(state().shelf).toMatchObject({ status: "failed", error: { code: "quota" } });
    expect(state().saes).toMatchObject({ value: [{ id: "a" }, { id: "unsaved" }] });
    expect(state().saeId).toBe("a");
  });

  it("measures on the texts that are chosen, else on those that it has", async () => {
    const { state, ready, nth } = fakeBench();
    await ready();
    const text = { id: "t", name: "mine.txt" };
    void state().measureSae("b", [text]);
    expect(nth("sae.measure").input).toEqual({ id: "b", again: true, texts: [text] });
    expect(state().shelf).toMatchObject({
      progress: { what: expect.stringContaining("mine.txt") as string },
    });
    void state().measureSae("b", []);
    expect(nth("sae.measure").input).toEqual({ id: "b", again: true, texts: [] });
    void state().measureSae("b");
    expect(nth("sae.measure").input).toEqual({ id: "b", again: true });
    const trained = summary("a");
    expect(textsOf({ ...trained, texts: [text] })).toEqual([text]);
    expect(textsOf({ ...trained, texts: [] })).toEqual([]);
    expect(textsOf({ request: { ...trained.request!, texts: [text] } })).toEqual([text]);
    expect(textsOf({ request: null })).toBeUndefined();
  });

  it("shows how far a measurement is, and forgets it when cancelled", async () => {
    const { state, ready, nth } = fakeBench();
    await ready();
    const done = state().measureSae("b");
    nth("sae.measure").progress({ dashboardShare: 0.25 });
    expect(state().shelf).toMatchObject({ progress: { share: 0.25, cancellable: true } });
    state().cancelShelf();
    await done;
    expect(nth("sae.measure").signal?.aborted).toBe(true);
    expect(state().shelf).toEqual({ status: "idle" });
  });
});
