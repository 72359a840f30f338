import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  decodeUrl,
  encodeUrl,
  fitsUrl,
  unreadParts,
  URL_DEFAULTS,
  type UrlState,
  writeUrl,
} from "../../src/state/url.ts";
import { linkRows } from "./rows.ts";
import type { BenchEdit } from "../../src/core/bench-edit.ts";
import { BASES } from "../../src/core/basis.ts";
import { SHOWN_SIDES } from "../../src/state/compare-slice.ts";
import { OPTION_NAMES } from "../../src/state/option-names.ts";
import { EXPLORE_VIEWS, LAB_TABS, LAYER_PARTS } from "../../src/state/view-slice.ts";

const index = fc.integer({ min: 0, max: 999 });
const name = fc.stringMatching(/^[A-Za-z0-9_-]{1,20}$/);
const benchEdit: fc.Arbitrary<BenchEdit> = fc
  .record({
    target: fc.oneof(
      fc.record({ kind: fc.constant("head" as const), layer: index, head: index }),
      fc.record({ kind: fc.constant("neuron" as const), layer: index, neuron: index }),
      fc.record({ kind: fc.constantFrom("attn", "mlp", "resid"), layer: index }),
    ),
    op: fc.constantFrom("zero", "mean", "scale"),
    amount: fc.integer({ min: -9999, max: 9999 }).map((n) => n / 100),
    pos: fc.option(fc.integer({ min: -99, max: 99 })),
    on: fc.boolean(),
  })
  .map((edit) => (edit.op === "scale" ? edit : { ...edit, amount: 0 }));
const state: fc.Arbitrary<UrlState> = fc.record({
  text: fc.option(fc.string({ unit: "grapheme", maxLength: 80 })),
  prependBos: fc.boolean(),
  lab: fc.constantFrom(...LAB_TABS),
  head: fc.option(fc.record({ layer: index, head: index })),
  position: fc.option(index),
  saeId: fc.option(name),
  feature: fc.option(index),
  steer: linkRows,
  model: fc.option(fc.tuple(name, name).map(([owner, model]) => `${owner}/${model}`)),
  revision: fc.option(name),
  hub: fc.option(name.map((host) => `https://${host}.example/`)),
  device: fc.constantFrom("auto", "webgpu", "wasm"),
  view: fc.constantFrom(...EXPLORE_VIEWS),
  neuron: fc.option(fc.record({ layer: index, neuron: index })),
  otherText: fc.option(fc.string({ unit: "grapheme", maxLength: 80 })),
  part: fc.option(fc.record({ kind: fc.constantFrom(...LAYER_PARTS), layer: index })),
  cell: fc.option(
    fc.tuple(index, index).map(([a, b]) => ({ q: Math.max(a, b), k: Math.min(a, b) })),
  ),
  sides: fc.constantFrom(...SHOWN_SIDES),
  basis: fc.constantFrom(...BASES),
  dimFirst: fc.boolean(),
  edits: fc.array(benchEdit, { maxLength: 6 }),
  options: fc.dictionary(
    fc.constantFrom(...OPTION_NAMES),
    fc.string({ unit: "grapheme", maxLength: 40 }).filter(fitsUrl),
    { maxKeys: 5 },
  ),
});

describe("what of a link makes no sense", () => {
  it.each([
    ["", []],
    ["?lab=train&view=residual&head=1.2&bos=0&prompt=a&lens.show=rank", []],
    ["?lab=explore&view=attention&device=auto&bos=1&prompt=", []],
    ["?lab=bogus&view=xyz&pos=3", ["lab=bogus", "view=xyz"]],
    ["?head=1&neuron=a.b&pos=-1&feature=many", ["head=1", "neuron=a.b", "pos=-1", "feature=many"]],
    ["?sae=../x&utm=1&device=tpu", ["sae=../x", "utm=1", "device=tpu"]],
    ["?edits=h1.3z_nonsense&steer=4a1", ["edits=h1.3z_nonsense"]],
    [`?view=${"x".repeat(60)}`, [`view=${"x".repeat(40)}…`]],
  ])("%s", (search, parts) => {
    expect(unreadParts(search)).toEqual(parts);
  });
  it("is nothing of a link that was written here", () => {
    fc.assert(
      fc.property(state, (s) => {
        expect(unreadParts(encodeUrl(s))).toEqual([]);
      }),
    );
  });
});

describe("the bench as a link", () => {
  it("leaves defaults out", () => {
    expect(encodeUrl(URL_DEFAULTS)).toBe("");
    expect(decodeUrl("")).toEqual(URL_DEFAULTS);
  });

  it("reads as people write it", () => {
    const link =
      "?prompt=The%20cat%20sat&bos=0&lab=steer&head=2.5&pos=3&model=openai-community/gpt2";
    expect(decodeUrl(link)).toEqual({
      ...URL_DEFAULTS,
      text: "The cat sat",
      prependBos: false,
      lab: "steer",
      head: { layer: 2, head: 5 },
      position: 3,
      model: "openai-community/gpt2",
    });
  });

  it("keeps an empty prompt apart from the default one", () => {
    expect(encodeUrl({ ...URL_DEFAULTS, text: "" })).toBe("?prompt=");
    expect(decodeUrl("?prompt=").text).toBe("");
  });

  it("comes back as it went", () => {
    fc.assert(
      fc.property(state, (s) => {
        fc.pre(s.text === null || fitsUrl(s.text));
        fc.pre(s.otherText === null || fitsUrl(s.otherText));
        expect(decodeUrl(encodeUrl(s))).toEqual(s);
      }),
    );
  });

  it("never fails on what others wrote, and what it reads is a state that it can write", () => {
    const keys = fc.constantFrom(
      ...["prompt", "lab", "head", "pos", "sae", "feature", "model", "rev", "view", "edits"],
      ...["neuron", "other", "lens.show"],
    );
    const pair = fc.tuple(keys, fc.string({ unit: "binary" }));
    const anything = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.array(pair).map((pairs) => `?${pairs.map(([k, v]) => `${k}=${v}`).join("&")}`),
    );
    fc.assert(
      fc.property(anything, (search) => {
        const read = decodeUrl(search);
        expect(decodeUrl(encodeUrl(read))).toEqual(read);
      }),
    );
  });

  it.each([
    ["?lab=kitchen", "lab"],
    ["?head=2", "head"],
    ["?head=-1.5", "head"],
    ["?head=1.5.2", "head"],
    ["?pos=1e3", "position"],
    ["?pos=-1", "position"],
    ["?feature=NaN", "feature"],
    ["?device=quantum", "device"],
    ["?model=../../secret", "model"],
    ["?model=a/b/c", "model"],
    ["?model=javascript:alert(1)", "model"],
    ["?sae=a/b", "saeId"],
  ] as const)("ignores the bad value in %s", (search, key) => {
    expect(decodeUrl(search)[key]).toEqual(URL_DEFAULTS[key]);
  });

  it("stays short: a prompt that is long, or that an address cannot hold, is left out", () => {
    expect(fitsUrl("a".repeat(1501))).toBe(false);
    expect(fitsUrl("é".repeat(400))).toBe(false); // as written, six characters each
    expect(fitsUrl("half a pair \ud83d")).toBe(false);
    expect(fitsUrl("whole pair 😀")).toBe(true);
    expect(encodeUrl({ ...URL_DEFAULTS, text: "a".repeat(100_000) })).toBe("");
  });
});

describe("a link that has no room for all", () => {
  const long: fc.Arbitrary<UrlState> = state.chain(
    (s) =>
      fc.record({
        ...Object.fromEntries(Object.entries(s).map(([key, value]) => [key, fc.constant(value)])),
        text: fc.option(fc.string({ unit: "binary", maxLength: 900 })),
        otherText: fc.option(fc.string({ unit: "grapheme", maxLength: 900 })),
        edits: fc.array(benchEdit, { maxLength: 60 }),
        options: fc.dictionary(
          fc.constantFrom(...OPTION_NAMES),
          fc.string({ unit: "binary", maxLength: 400 }),
        ),
      }) as unknown as fc.Arbitrary<UrlState>,
  );
  const KEYS: Record<string, keyof UrlState> = { prompt: "text", other: "otherText" };

  it("is never longer than links may be; what it does not bring back, it says that it left out", () => {
    fc.assert(
      fc.property(long, (s) => {
        const { query, left } = writeUrl(s);
        expect(query.length).toBeLessThanOrEqual(1901);
        const read = decodeUrl(query);
        const lost = new Set(left.map(({ key }) => KEYS[key] ?? key));
        for (const [key, value] of Object.entries(s)) {
          if (key === "options" || lost.has(key)) continue;
          expect(read[key as keyof UrlState], key).toEqual(value);
        }
        for (const [name, value] of Object.entries(s.options)) {
          if (!lost.has(name)) expect(read.options[name as keyof typeof s.options]).toBe(value);
        }
      }),
    );
  });

  it("keeps the place on the bench and the prompt before edits and options", () => {
    const text = "a".repeat(1400);
    const { query, left } = writeUrl({
      ...URL_DEFAULTS,
      ...{ text, head: { layer: 2, head: 1 }, basis: "tl" },
      options: { "examples.plus": "b".repeat(450), "lens.show": "rank" },
    });
    expect(decodeUrl(query)).toMatchObject({ text, basis: "tl", options: { "lens.show": "rank" } });
    expect(left).toEqual([
      { key: "examples.plus", words: "the setting examples.plus, which is too long" },
    ]);
  });

  it("names edits of features of another autoencoder, which it cannot hold", () => {
    const of = (sae: string): BenchEdit => ({
      ...{
        target: { kind: "feature", sae, feature: 4 },
        op: "zero",
        amount: 0,
        pos: null,
        on: true,
      },
    });
    const s = { ...URL_DEFAULTS, saeId: "mine", edits: [of("mine"), of("other")] };
    const { query, left } = writeUrl(s);
    expect(decodeUrl(query).edits).toEqual([of("mine")]);
    expect(left).toEqual([{ key: "edits", words: "edits of features of another autoencoder" }]);
  });

  it("holds no numbers of a direction, and says so", () => {
    const at = { hook: "blocks.1.hook_resid_post", head: null, name: "odd → even", vector: [1, 0] };
    const along: BenchEdit = {
      target: { kind: "direction", ...at },
      ...{ op: "add", amount: 2, pos: null, on: true },
    };
    const head: BenchEdit = {
      target: { kind: "head", layer: 1, head: 2 },
      ...{ op: "zero", amount: 0, pos: null, on: true },
    };
    const { query, left } = writeUrl({ ...URL_DEFAULTS, edits: [along, head] });
    expect(decodeUrl(query).edits).toEqual([head]);
    expect(left).toEqual([
      { key: "edits", words: "the edit along “odd → even”, whose numbers no link holds" },
    ]);
  });

  it("of an option that no figure has is not understood", () => {
    expect(unreadParts("?lens.bogus=1&lens.show=rank")).toEqual(["lens.bogus=1"]);
  });
});
