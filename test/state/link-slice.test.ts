/** What of a link is not as it says, in words. */
import { steerMisfit } from "../../src/state/steer-slice.ts";
import { describe, expect, it } from "vitest";
import { linkMisfits } from "../../src/state/link-slice.ts";
import { linkOf } from "../../src/state/origin.ts";
import { restore, startSync } from "../../src/state/sync.ts";
import { benchStore, viewOf } from "./bench-store.ts";
import { settle, summary, table } from "./saes.ts";

/** The page as a link opens it: an address, no history, nothing stored. */
async function opened(search: string, saes = [summary("mine")]) {
  const bench = benchStore();
  const noop = () => {};
  const browser = {
    ...{ location: { search, pathname: "/", hash: "" }, storage: null },
    ...{ history: { state: null, pushState: noop, replaceState: noop } },
    ...{ onBack: noop, onLeave: noop },
  };
  restore(bench.store, browser);
  startSync(bench.store, browser, 0);
  void bench.state().loadModel("tinylab-gpt2-4l");
  await bench.arrive({ id: "tinylab-gpt2-4l" });
  bench.nth("sae.list").resolve(saes);
  await settle();
  bench.nth("prompt.view").resolve(viewOf("When"));
  await settle();
  return bench;
}
const notices = (bench: Awaited<ReturnType<typeof opened>>) => linkMisfits(bench.state());

describe("a place that the model on the bench lacks is named, with what is shown instead", () => {
  it.each([
    ["?head=3.1", []],
    [
      "?head=9.9",
      ["Head 9.9: tinylab-gpt2-4l has layers 0 to 3 of heads 0 to 1. All heads are shown."],
    ],
    [
      "?head=0.2",
      ["Head 0.2: tinylab-gpt2-4l has layers 0 to 3 of heads 0 to 1. All heads are shown."],
    ],
    [
      "?neuron=1.24",
      ["Neuron 1.24: tinylab-gpt2-4l has layers 0 to 3 of neurons 0 to 23. None is selected."],
    ],
    ["?part=mlp.4", ["Layer 4: tinylab-gpt2-4l has layers 0 to 3. Its last is selected."]],
    ["?pos=4&prompt=When", []],
    [
      "?pos=5&cell=9.2&prompt=When",
      [
        "Position 5: the prompt has 5 tokens, counted from 0. The last is selected.",
        "The locked pair 9.2: the prompt has 5 tokens, counted from 0. No pair is locked.",
      ],
    ],
  ])("%s", async (search, expected) => {
    expect(notices(await opened(search))).toEqual(expected);
  });

  it("says nothing more once another place is selected, another prompt typed, or the notice put away", async () => {
    const bench = await opened("?head=9.9&pos=99&prompt=When");
    expect(notices(bench)).toHaveLength(2);
    bench.state().selectHead({ layer: 0, head: 0 });
    expect(notices(bench)).toHaveLength(1);
    bench.state().setText("Then");
    expect(notices(bench)).toEqual([]);
    bench.state().setText("When");
    bench.state().dismissLink();
    expect(notices(bench)).toEqual([]);
  });
});

describe("an autoencoder's part of a link", () => {
  it("that the autoencoder lacks is named; the steering of it is left out", async () => {
    const bench = await opened("?sae=mine&feature=99999&steer=1a2_40a3");
    bench.nth("sae.features").resolve(table("mine"));
    bench.nth("prompt.view").resolve(viewOf("When"));
    await settle();
    bench.nth("prompt.view").resolve(viewOf("When"));
    await settle();
    const { feature, steerRows } = bench.state();
    expect(feature).toBeLessThan(3);
    expect(steerRows.map((row) => steerMisfit(bench.state(), row))).toEqual([
      null,
      "its autoencoder has 3 features",
    ]);
    expect(notices(bench)).toEqual([
      `Feature 99999: “MINE” has features 0 to 2. Feature ${feature} is shown instead.`,
      "Steered feature 40: “MINE” has features 0 to 2. Not used.",
    ]);
  });
  it("that is of one not in this browser says which is here instead", async () => {
    const bench = await opened("?sae=theirs&feature=7");
    expect(notices(bench)).toEqual([
      "The autoencoder “theirs” is not in this browser. None is on the bench, without feature 7 of the other.",
    ]);
  });
});

describe("an option", () => {
  it("whose value is no choice is named with what holds, until it is set", async () => {
    const bench = await opened("?lens.show=bogus");
    bench.state().tellOdd("lens.show", { value: "bogus", shown: "top" }); // as its figure does
    expect(notices(bench)).toEqual(["lens.show=bogus is no choice here; top holds."]);
    bench.state().setOption("lens.show", "rank");
    expect(notices(bench)).toEqual([]);
  });
});

describe("the link to what is on the screen", () => {
  it("brings back the selection, the locked pair, the sides, the basis and word lists", async () => {
    const bench = await opened("");
    const s = bench.state();
    s.selectLayerPart({ kind: "attn", layer: 2 });
    s.setBasis("tl");
    s.setShownSides("difference");
    s.setDimFirst(true);
    s.toggleLock({ q: 3, k: 1 });
    s.setOption("examples.plus", " king\n man\n boy");
    const { url, missing } = linkOf(bench.state(), "https://lab.example/app/");
    expect(missing).toEqual([]);
    const other = await opened(new URL(url).search);
    expect(other.state()).toMatchObject({
      layerPart: { kind: "attn", layer: 2 },
      lock: { q: 3, k: 1 },
      ...{ basis: "tl", shownSides: "difference", dimFirst: true },
      options: { "examples.plus": " king\n man\n boy" },
    });
  });
  it("names what it has no room for", async () => {
    const bench = await opened("");
    bench.state().setOption("examples.plus", "word\n".repeat(400));
    bench.state().setText("half \ud83d");
    const { url, missing } = linkOf(bench.state(), "https://lab.example/app/");
    expect(url.length).toBeLessThan(2000);
    expect(missing).toEqual([
      "the prompt, which has half a character that no link can hold",
      "the setting examples.plus, which is too long",
    ]);
  });
  it("names the autoencoders of steered rows that are in this browser only, each once", async () => {
    const bench = await opened("", [summary("mine"), summary("other")]);
    for (const feature of [1, 2]) bench.state().addSteer(feature, "other");
    bench.state().addSteer(3, "mine");
    bench.store.setState({ saeId: "mine" });
    const { missing } = linkOf(bench.state(), "https://lab.example/app/");
    expect(missing).toEqual([
      "the autoencoder, which is in this browser only",
      "the autoencoder “OTHER”, which is in this browser only",
    ]);
  });
});
