/** Computed edits in TransformerLens's basis, where they see its values, against weights that were really processed. */
import { expect, it } from "vitest";
import type { ComputedEdit } from "../../src/core/edits.ts";
import { hookNames, parseHook } from "../../src/core/hooks.ts";
import { runWithCache } from "../../src/lab/run-with-cache.ts";
import { basisKind } from "../../src/math/basis.ts";
import { centred } from "../../src/math/rows.ts";
import { encode } from "../../src/math/sae.ts";
import { relative } from "../reference/compare.ts";
import { computedReference } from "../reference/computed-edits.ts";
import { referenceRun } from "../reference/forward.ts";
import { madeUpModel, ODD, randomValues } from "../reference/models.ts";
import { processed } from "../reference/tl-weights.ts";
import { randomSae, sourcesOf } from "./edit-models.ts";
import { referenceAsModel } from "./reference-model.ts";

const reference = madeUpModel(ODD, 5, false);
const twin = processed(reference);
const { n_embd: D, n_head: H } = ODD;
const prompt = [210, 3, 14, 159, 26];
const other = [210, 7, 77, 3, 8, 100];
const at = (site: string) => `blocks.1.${site}`;
const values = (length: number, key: number) => Float32Array.from(randomValues(length, key));

const saes = {
  stream: randomSae(at("hook_resid_post"), D, 17, 1),
  z: randomSae(at("attn.hook_z"), D, 17, 2),
};

const stream = { hook: at("hook_resid_post"), sae: "stream" };
const z = { hook: at("attn.hook_z"), sae: "z" };
const ofSaes: ComputedEdit[][] = [
  [{ ...stream, op: "ablate", feature: 3 }],
  [{ ...stream, op: "splice" }],
  [{ ...stream, op: "splice", features: [{ feature: 2, mode: "clamp", coefficient: 4 }] }],
  [{ ...stream, op: "steer", feature: 2, value: 3 }],
  [{ ...z, op: "clamp", feature: 5, value: 2, pos: -1 }],
  [{ ...z, op: "splice" }],
  [{ ...z, op: "splice", error: true, features: [{ feature: 1, mode: "add", coefficient: 1 }] }],
  [
    { hook: at("attn.hook_z"), op: "mean", over: [other, prompt] },
    { ...z, op: "ablate", feature: 0 },
    { ...stream, op: "ablate", feature: 3 },
  ],
];
const cases: ComputedEdit[][] = [
  [{ hook: at("attn.hook_z"), op: "project", directions: values(D / H, 3), head: 2 }],
  [{ hook: at("attn.hook_v"), op: "project", directions: [values(D / H, 4), values(D / H, 5)] }],
  [{ hook: at("hook_resid_mid"), op: "project", directions: centred(values(D, 6), D) }],
  ["attn.hook_v", "attn.hook_result", "ln1.hook_normalized", "hook_mlp_out"].map((site) => ({
    hook: at(site),
    op: "resample",
    from: other,
    pos: 2,
  })),
  [{ hook: at("attn.hook_pattern"), op: "resample", from: other, head: 1 }],
  [{ hook: at("attn.hook_z"), op: "mean", over: [other, prompt] }],
];
const names = hookNames(ODD);
const { signal } = new AbortController();
const model = referenceAsModel(reference);
const run = (edits: ComputedEdit[], basis: "raw" | "tl") =>
  runWithCache(model, { prompts: [{ ids: prompt }], names, edits, basis }, signal, sourcesOf(saes));

it.each(cases)("%j …", async (...edits) => {
  const { cache, logits } = await run(edits, "tl");
  const expected = referenceRun(
    twin,
    [prompt],
    edits.map((edit) => computedReference(edit, prompt.length, twin, saes)),
  );
  for (const [name, { data }] of cache) {
    const kind = basisKind(parseHook(name, ODD).site);
    const value = Float32Array.from(expected.get(name).value);
    const seen = kind === "same" || kind === "value" ? value : centred(value, D);
    expect(relative(data, seen), name).toBeLessThan(2e-5);
  }
  expect(relative(logits.data, expected.get("logits").value)).toBeLessThan(2e-5);
});

/** An SAE reads the checkpoint's own activations, so that its edits do the same to the model in either basis. */
it.each(ofSaes)("%j … does the same in both bases", async (...edits) => {
  const [raw, tl] = [await run(edits, "raw"), await run(edits, "tl")];
  const V = ODD.vocab_size;
  expect(relative(tl.logits.data, centred(raw.logits.data, V))).toBeLessThan(2e-5);
  const own = new Map(raw.cache);
  for (const [name, { data }] of tl.cache) {
    if (basisKind(parseHook(name, ODD).site) !== "centred") continue;
    expect(relative(data, centred(own.get(name)!.data, D)), name).toBeLessThan(2e-5);
  }
});

it.each(["raw", "tl"] as const)(
  "clamping to a feature's own value changes nothing, in %s",
  async (basis) => {
    const plain = await run([], basis);
    const { config, weights } = saes.stream;
    const x = new Map((await run([], "raw")).cache).get(stream.hook)!.data;
    const f = encode(x, weights, config);
    const feature = f.indexOf(Math.max(...f)) % config.dSae;
    const clamps = prompt.map((_, pos): ComputedEdit => {
      const value = f[pos * config.dSae + feature]!;
      return { ...stream, op: "clamp", feature, value, pos };
    });
    expect(relative((await run(clamps, basis)).logits.data, plain.logits.data)).toBeLessThan(1e-6);
  },
);
