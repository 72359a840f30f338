/** The attention figure's worker method, on a made-up model, against the float64 reference's vectors. */
import { beforeAll, describe, expect, it } from "vitest";
import type { AttentionFacts } from "../../src/core/attention.ts";
import type { Basis } from "../../src/core/basis.ts";
import type { Edit } from "../../src/core/edits.ts";
import { attentionHandlers } from "../../src/lab/attention-figure.ts";
import { bench } from "../../src/lab/bench.ts";
import { readParameter } from "../../src/lab/basis-parameters.ts";
import { runInBasis } from "../../src/lab/run-in-basis.ts";
import { relative } from "../reference/compare.ts";
import { madeUpModel, ODD } from "../reference/models.ts";
import { referenceAsModel } from "./reference-model.ts";

const { signal } = new AbortController();
const [H, h, D] = [5, 7, 35];
const IDS = [4, 9, 4, 200, 17, 9];
const T = IDS.length;
const model = { ...referenceAsModel(madeUpModel(ODD, 11)), dispose: () => Promise.resolve() };

async function ask(layer: number | null, basis: Basis, edits: Edit[] = []) {
  const input = { prompt: { ids: IDS }, edits, basis, layer };
  const answer = await attentionHandlers["figure.attention"](input, {
    ...{ signal, progress: () => {} },
  });
  return answer.value;
}
/** ‖v_k W_O‖ by writing the vectors. */
async function written(layer: number, basis: Basis): Promise<number[]> {
  const hook = `blocks.${layer}.attn.hook_v`;
  const request = { ids: [IDS], names: [hook], edits: [], logits: "none" } as const;
  const v = (await runInBasis(model, basis, request)).cache.get(hook)!.data;
  const W_O = (await readParameter(model, `blocks.${layer}.attn.W_O`, basis)).data;
  return Array.from({ length: H * T }, (_, n) => {
    const [head, t] = [Math.floor(n / T), n % T];
    const out = Array.from({ length: D }, (__, d) => {
      let sum = 0;
      for (let i = 0; i < h; i++) sum += v[(t * H + head) * h + i]! * W_O[(head * h + i) * D + d]!;
      return sum;
    });
    return Math.hypot(...out);
  });
}

beforeAll(() => bench.set(model));

describe("figure.attention", () => {
  it("tells patterns, scores and lengths of every layer", async () => {
    const facts = await ask(null, "raw");
    expect(facts.pattern.dims).toEqual([3, H, T, T]);
    expect(facts.outputNorms.dims).toEqual([3, H, T]);
    const at = (kind: "pattern" | "scores", l: number, head: number, q: number, k: number) =>
      facts[kind].data[((l * H + head) * T + q) * T + k]!;
    // A pattern is the softmax of its scores.
    const [l, head, q] = [2, 3, 4];
    const exps = IDS.map((_, k) => Math.exp(at("scores", l, head, q, k)));
    const sum = exps.reduce((a, b) => a + b, 0);
    exps.forEach((exp, k) => expect(at("pattern", l, head, q, k)).toBeCloseTo(exp / sum, 6));
    expect(at("scores", l, head, 1, 2)).toBe(-Infinity);
    const layer1 = facts.outputNorms.data.subarray(H * T, 2 * H * T);
    expect(relative(layer1, await written(1, "raw"))).toBeLessThan(1e-6);
  });

  it("tells one layer alone, in TransformerLens's basis too", async () => {
    const all = await ask(null, "tl");
    const one = await ask(2, "tl");
    const part = (
      kind: "pattern" | "scores" | "valueNorms" | "outputNorms",
      facts: AttentionFacts,
    ) => facts[kind].data.slice(-one[kind].data.length);
    expect(one.layer).toBe(2);
    for (const kind of ["pattern", "scores", "valueNorms", "outputNorms"] as const) {
      expect(one[kind].data).toEqual(part(kind, all));
    }
    expect(relative(one.outputNorms.data, await written(2, "tl"))).toBeLessThan(1e-6);
    const raw = await ask(2, "raw"); // b_V is in the one and not in the other
    expect(relative(one.valueNorms.data, raw.valueNorms.data)).toBeGreaterThan(0.01);
  });

  it("follows edits, and refuses a layer that there is not", async () => {
    const edits: Edit[] = [{ op: "scale", hook: "blocks.1.attn.hook_v", value: 3, head: 4 }];
    const [before, after] = [await ask(1, "raw"), await ask(1, "raw", edits)];
    const ratio = (n: number) => after.valueNorms.data[n]! / before.valueNorms.data[n]!;
    expect(ratio(4 * T + 2)).toBeCloseTo(3, 5);
    expect(ratio(3 * T + 2)).toBeCloseTo(1, 6);
    await expect(ask(3, "raw")).rejects.toThrow(/no layer 3; this model has 3/);
  });
});
