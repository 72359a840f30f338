import { describe, expect, it } from "vitest";
import { DEFAULT_PROMPT } from "../../src/state/prompt-slice.ts";
import { decodeSettings, encodeSettings, type Settings } from "../../src/state/settings.ts";
import { DEFAULT_WRITER } from "../../src/state/writer-slice.ts";
import { DEFAULT_TRAIN_FORM } from "../../src/state/train-form.ts";
import { DRAFTS_KEY } from "../../src/state/stored-drafts.ts";
import { restore, startSync, type Browser } from "../../src/state/sync.ts";
import { benchStore } from "./bench-store.ts";
import { settle } from "./saes.ts";

/** An address bar with a history, without a browser. */
function fakeBrowser(search = "", saved: Record<string, string> = {}) {
  const entries = [{ search, state: null as unknown }];
  let at = 0;
  let back = () => {};
  let leave = () => {};
  const write = (replace: boolean) => (state: unknown, _: string, url?: string | URL | null) => {
    const entry = { search: new URL(String(url), "http://here/").search, state };
    if (!replace) entries.splice(++at, Infinity, entry);
    else entries[at] = entry;
  };
  const browser: Browser = {
    location: {
      get search() {
        return entries[at]!.search;
      },
      pathname: "/lab/",
      hash: "",
    },
    history: {
      get state(): unknown {
        return entries[at]!.state;
      },
      pushState: write(false),
      replaceState: write(true),
    },
    storage: {
      getItem: (key) => saved[key] ?? null,
      setItem: (key, value) => void (saved[key] = value),
    },
    onBack: (listener) => (back = listener),
    onLeave: (listener) => (leave = listener),
  };
  const goBack = () => {
    at--;
    back();
  };
  return {
    browser,
    entries,
    saved,
    goBack,
    leave: () => leave(),
    search: () => entries[at]!.search,
  };
}

async function open(search = "") {
  const fake = fakeBrowser(search);
  const bench = benchStore();
  restore(bench.store, fake.browser);
  startSync(bench.store, fake.browser, 0);
  await bench.ready();
  await settle();
  return { ...fake, ...bench };
}

describe("the address", () => {
  it("stays plain at the start, and follows what is typed without filling the history", async () => {
    const { state, search, entries } = await open();
    expect(search()).toBe("");
    state().setText("The cat");
    state().setText("The cat sat");
    await settle();
    expect(search()).toBe("?prompt=The+cat+sat");
    state().selectPosition(1);
    await settle();
    expect(search()).toBe("?pos=1&prompt=The+cat+sat");
    expect(entries).toHaveLength(1);
    state().setText(DEFAULT_PROMPT);
    state().selectPosition(null);
    await settle();
    expect(search()).toBe("");
  });

  it("is up to date when the page is left, and what was typed stays with its own step", async () => {
    const { state, search, entries, leave } = await open();
    state().setText("left early");
    leave();
    expect(search()).toBe("?prompt=left+early");
    state().setText("before the head");
    state().selectHead({ layer: 0, head: 1 });
    expect(entries.map((entry) => entry.search)).toEqual([
      "?prompt=before+the+head",
      "?head=0.1&prompt=before+the+head",
    ]);
  });

  it("makes a step of opening a head or a lab, and Back undoes it", async () => {
    const { state, search, entries, goBack } = await open();
    state().selectHead({ layer: 1, head: 1 });
    expect(search()).toBe("?head=1.1");
    state().setLab("train");
    expect(search()).toBe("?lab=train&head=1.1");
    expect(entries).toHaveLength(3);
    goBack();
    expect(state().labTab).toBe("explore");
    expect(state().head).toEqual({ layer: 1, head: 1 });
    goBack();
    expect(state().head).toBeNull();
    expect(search()).toBe("");
    expect(entries).toHaveLength(3); // going back wrote nothing
  });

  it("is read before anything is shown", () => {
    const bench = benchStore();
    const { browser } = fakeBrowser("?prompt=Hi&bos=0&head=3.0&lab=features&device=wasm&feature=7");
    restore(bench.store, browser);
    expect(bench.state()).toMatchObject({
      text: "Hi",
      prependBos: false,
      head: { layer: 3, head: 0 },
      labTab: "features",
      device: "wasm",
      feature: 7,
    });
  });

  it("leaves a long prompt to the history entry, from which a reload takes it", async () => {
    const long = "word ".repeat(20_000);
    const { state, search, browser } = await open();
    state().setText(long);
    await settle();
    expect(search()).toBe("");
    const reloaded = benchStore();
    restore(reloaded.store, browser);
    expect(reloaded.state().text).toBe(long);
  });

  it("leaves edits and settings that are too long to the history entry as well", async () => {
    const { state, browser } = await open();
    const words = "word\n".repeat(500);
    state().setOption("examples.minus", words);
    state().setOption("lens.show", "rank");
    const edits = Array.from({ length: 60 }, (_, i) => ({
      ...({
        target: { kind: "neuron", layer: 3, neuron: i },
        op: "scale",
        amount: 1.2345,
      } as const),
      ...{ pos: null, on: true },
    }));
    for (const edit of edits) state().addEdit(edit);
    await settle();
    const reloaded = benchStore();
    restore(reloaded.store, browser);
    expect(reloaded.state().benchEdits).toEqual(edits);
    expect(reloaded.state().options).toEqual({ "examples.minus": words, "lens.show": "rank" });
  });

  it("that says anything says the basis too; the plain one leaves it to the settings", () => {
    const saved = { "glassroom.settings": JSON.stringify({ basis: "tl" }) };
    const basisAt = (search: string) => {
      const bench = benchStore();
      restore(bench.store, fakeBrowser(search, saved).browser);
      return bench.state().basis;
    };
    expect(basisAt("")).toBe("tl");
    expect(basisAt("?view=lens")).toBe("raw");
    expect(basisAt("?view=lens&basis=tl")).toBe("tl");
  });

  it("keeps a model of the Hub in the link, also while it is still on its way", async () => {
    const { browser, search } = fakeBrowser("?model=a/b&rev=v2&head=9.9");
    const { store, state, arrive } = benchStore();
    const link = restore(store, browser);
    startSync(store, browser, 0);
    void state().loadModel(link.model!, { revision: link.revision! });
    state().setText("typed meanwhile");
    await settle();
    expect(search()).toBe("?model=a%2Fb&rev=v2&head=9.9&prompt=typed+meanwhile");
    await arrive({ id: "a/b", source: "hub", revision: "v2" });
    expect(search()).toBe("?model=a%2Fb&rev=v2&head=9.9&prompt=typed+meanwhile");
  });
});

describe("settings", () => {
  it("are kept from one visit to the next", async () => {
    const { state, browser } = await open();
    state().setTheme("dark");
    state().setPresenter(true);
    const next = benchStore();
    restore(next.store, browser);
    expect(next.state()).toMatchObject({ theme: "dark", presenter: true });
  });

  it("come back as they went; a damaged entry costs a setting, never the page", () => {
    const settings: Settings = {
      theme: "light",
      presenter: true,
      basis: "tl",
      recent: [{ id: "a/b", revision: "main" }],
      chosenEdited: "an-id",
      tuneText: "a b => c",
      chosenSae: "mine",
      writer: { ...DEFAULT_WRITER, kind: "hub", id: "owner/name", keptKey: "k", rememberKey: true },
      chosenMirror: "https://hub.school.example/",
      exampleWidth: "whole",
      trainRequest: { ...DEFAULT_TRAIN_FORM, variant: "standard", tokens: "12,000" },
      trials: {
        "m|wasm": {
          device: "wasm",
          perHarvestedToken: 1e-4,
          perStep: 0.2,
          harvestedTokens: 9,
          steps: 2,
        },
      },
    };
    expect(decodeSettings(encodeSettings(settings))).toEqual(settings);
    const damaged = { trials: { ...settings.trials, x: { device: "wasm", perStep: -1 }, y: null } };
    expect(decodeSettings(JSON.stringify(damaged)).trials).toEqual(settings.trials);
    const odd = { ...settings.trainRequest, k: 32 };
    expect(decodeSettings(JSON.stringify({ trainRequest: odd }))).toEqual({});
    for (const wrong of [{ variant: "p-anneal" }, { decoderNorm: "free" }]) {
      const form = { ...settings.trainRequest, ...wrong };
      expect(decodeSettings(JSON.stringify({ trainRequest: form }))).toEqual({});
    }
    // A form of a version that knew two ways to train: what was typed stays, what is new is as by default.
    const old = {
      ...{ name: "", hook: null, expansion: "16", variant: "standard", l1: "3", k: "40" },
      ...{ lr: "1e-4", batchSize: "512", tokens: "1e6", seed: "7" },
    };
    expect(decodeSettings(JSON.stringify({ trainRequest: old })).trainRequest).toEqual({
      ...DEFAULT_TRAIN_FORM,
      ...old,
    });
    expect(decodeSettings(null)).toEqual({});
    expect(decodeSettings("{nonsense")).toEqual({});
    expect(decodeSettings("[1]")).toEqual({});
    expect(decodeSettings('{"theme":"pink","presenter":1,"recent":[{"id":3},null]}')).toEqual({
      recent: [],
    });
  });

  it("do without a storage that throws", () => {
    const { browser } = fakeBrowser();
    const refuse = () => {
      throw new DOMException("denied", "SecurityError");
    };
    const bench = benchStore();
    const denied = { ...browser, storage: { getItem: refuse, setItem: refuse } };
    restore(bench.store, denied);
    startSync(bench.store, denied);
    bench.state().setTheme("dark");
    expect(bench.state().theme).toBe("dark");
  });
});

describe("what was typed into dialogs", () => {
  it("is there after a reload, until it is put to use", async () => {
    const { state, saved, leave } = await open();
    state().setDraft("cases", { right: "2 + 2 =\t4", wrong: "" });
    state().setDraft("pairs", "a,b,c,d");
    state().setDraft("pairs", null);
    leave();
    const later = benchStore();
    restore(later.store, fakeBrowser("", saved).browser);
    expect(later.state().drafts).toEqual({ cases: { right: "2 + 2 =\t4", wrong: "" } });
  });

  it.each([
    ["no JSON", "{", {}],
    ["no object", "null", {}],
    ["a field less", '{"hubModel":{"id":"gpt2"},"pairs":"a"}', { pairs: "a" }],
    ["another type", '{"recipe":3,"labelled":["x"]}', {}],
  ])("is left out where the storage has %s", (_, text, kept) => {
    const bench = benchStore();
    restore(bench.store, fakeBrowser("", { [DRAFTS_KEY]: text }).browser);
    expect(bench.state().drafts).toEqual(kept);
  });
});
