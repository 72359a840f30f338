/** Computed edits in TransformerLens's basis, where they see its values, against weights that were really processed. */
import { expect, it } from "vitest";
import type { ComputedEdit } from "../../src/core/edits.ts";
import { hookNames, parseHook } from "../../src/core/hooks.ts";
import { runWithCache } from "../../src/lab/run-with-cache.ts";
import { basisKind } from "../../src/math/basis.ts";
import type { Sae } from "../../src/math/feature-change.ts";
import { centred } from "../../src/math/rows.ts";
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

/** What an edit adds along (1, …, 1) is told in neither basis: features in the stream write nothing along it. */
function streamSae(hook: string, seed: number): Sae {
  const { config, weights } = randomSae(hook, D, 17, seed);
  const { W_dec, b_dec } = weights;
  return { config, weights: { ...weights, W_dec: centred(W_dec, D), b_dec: centred(b_dec, D) } };
}
const saes = {
  stream: streamSae(at("hook_resid_post"), 1),
  z: randomSae(at("attn.hook_z"), D, 17, 2),
};

const stream = { hook: at("hook_resid_post"), sae: "stream" };
const z = { hook: at("attn.hook_z"), sae: "z" };
const cases: ComputedEdit[][] = [
  [{ ...stream, op: "ablate", feature: 3 }],
  [{ ...stream, op: "splice", features: [{ feature: 2, mode: "clamp", coefficient: 4 }] }],
  [{ ...z, op: "clamp", feature: 5, value: 2, pos: -1 }],
  [{ ...z, op: "splice", error: true, features: [{ feature: 1, mode: "add", coefficient: 1 }] }],
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
  [
    { hook: at("attn.hook_z"), op: "mean", over: [other, prompt] },
    { ...z, op: "ablate", feature: 0 },
  ],
];

it.each(cases)("%j …", async (...edits) => {
  const names = hookNames(ODD);
  const request = { prompts: [{ ids: prompt }], names, edits, basis: "tl" } as const;
  const { signal } = new AbortController();
  const model = referenceAsModel(reference);
  const { cache, logits } = await runWithCache(model, request, signal, sourcesOf(saes));
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
