/** What dashboards ask about one feature, on the embedded model, each against a second way to the same number. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Edit } from "../../src/core/edits.ts";
import type { AblationRequest } from "../../src/core/feature-studies.ts";
import type { SaeConfig, SaeSummary } from "../../src/core/sae.ts";
import { effectReader, logitEffects } from "../../src/lab/direct-effects.ts";
import { ablationEffects } from "../../src/lab/feature-ablation.ts";
import { shareSpace } from "../../src/core/sae-space.ts";
import { neighboursElsewhere } from "../../src/lab/feature-across.ts";
import { alignedNeurons, largestEntries } from "../../src/lab/feature-neurons.ts";
import { featureOnText } from "../../src/lab/feature-text.ts";
import { featuresByToken } from "../../src/lab/features-by-token.ts";
import { headNorms } from "../../src/lab/head-norms.ts";
import { resolveEdits } from "../../src/lab/resolve-edits.ts";
import { encode } from "../../src/math/sae.ts";
import type { LoadedModel } from "../../src/model/loaded-model.ts";
import { embeddedEngine, type NodeEngine } from "../model/node-engine.ts";
import { randomSae, sourcesOf } from "./edit-models.ts";
import { engineAsModel } from "./engine-model.ts";

let engine: NodeEngine;
let model: LoadedModel;
beforeAll(async () => {
  engine = await embeddedEngine();
  model = engineAsModel(engine);
});
afterAll(() => engine.release());

const { signal } = new AbortController();
const F = 40;
const D = 192;
const resid = "blocks.1.hook_resid_post";
const saes = {
  resid: randomSae(resid, D, F),
  z: randomSae("blocks.2.attn.hook_z", D, F),
  mlp: randomSae("blocks.0.mlp.hook_post", 4 * D, F),
};
const norm = (x: ArrayLike<number>) => Math.hypot(...Array.from(x));
const dot = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).reduce((sum, v, i) => sum + v * b[i]!, 0);
const rowOf = ({ config, weights }: typeof saes.resid, f: number) =>
  weights.W_dec.subarray(f * config.dIn, (f + 1) * config.dIn);

describe("ablation", () => {
  const contexts = [
    [11, 500, 77, 1200, 9, 340],
    [99, 5, 2048, 31],
  ];
  /** Active on the most tokens but not on all. */
  let f = 0;
  beforeAll(async () => {
    const on = await Promise.all(contexts.map((context) => allActive(context)));
    const counts = Array.from(
      { length: F },
      (_, i) => on.flat().filter((row) => row[i]! > 0).length,
    );
    f = counts.indexOf(Math.max(...counts.filter((n) => n < on.flat().length)));
  });
  /** ln p(next) of each token, by a run of its own with these edits. */
  async function chances(context: number[], edits: Edit[]): Promise<number[]> {
    const ids = [engine.config.bos_token_id, ...context];
    const sources = sourcesOf({ sae: saes.resid });
    const direct = await resolveEdits(model, [ids], edits, { signal, sources });
    const { logits } = await model.run({
      ids: [ids],
      names: [],
      edits: direct,
      logits: "all",
      signal,
    });
    const V = engine.config.vocab_size;
    return context.slice(1).map((next, t) => {
      const row = Array.from(logits!.data.subarray((t + 1) * V, (t + 2) * V));
      const most = Math.max(...row);
      return row[next]! - most - Math.log(row.reduce((sum, z) => sum + Math.exp(z - most), 0));
    });
  }
  /** All features of each token. */
  const allActive = async (context: number[]) => {
    const ids = [engine.config.bos_token_id, ...context];
    const request = { ids: [ids], names: [resid], edits: [], logits: "none" as const, signal };
    const { cache } = await model.run(request);
    const all = encode(cache.get(resid)!.data, saes.resid.weights, saes.resid.config);
    return context.map((_, t) => all.subarray((t + 1) * F, (t + 2) * F));
  };
  const active = async (context: number[]) => (await allActive(context)).map((row) => row[f]!);
  const ablate = (t: number): Edit => ({
    hook: resid,
    op: "ablate",
    sae: "sae",
    feature: f,
    pos: t + 1,
  });
  it.each(["along", "here"] as const)(
    "%s: what single runs with the feature ablated give",
    async (mode) => {
      const told: number[] = [];
      const request: AblationRequest = { sae: "sae", feature: f, mode, contexts };
      const { contexts: found } = await ablationEffects(model, saes.resid, request, {
        signal,
        progress: ({ done }) => told.push(done),
      });
      expect(told).toEqual([1, 2]);
      let checked = 0;
      for (const { context, effects } of found) {
        const ids = contexts[context]!;
        const on = await active(ids);
        const plain = await chances(ids, []);
        const everywhere = await chances(
          ids,
          on.flatMap((v, t) => (v > 0 ? [ablate(t)] : [])),
        );
        expect(effects).toHaveLength(ids.length);
        expect(effects.at(-1)).toBeNaN();
        for (let t = 0; t + 1 < ids.length; t++) {
          const one =
            mode === "along" ? everywhere : on[t]! > 0 ? await chances(ids, [ablate(t)]) : plain;
          expect(effects[t]).toBeCloseTo(one[t]! - plain[t]!, 4);
          if (Math.abs(effects[t]!) > 1e-3) checked += 1;
        }
      }
      expect(checked).toBeGreaterThan(1);
    },
  );
});

describe("neurons beside a feature", () => {
  it("are those of the largest |cosine| of W_dec with W_out, and of W_enc with W_in", async () => {
    const { weights } = saes.resid;
    const found = await alignedNeurons(model, saes.resid, { sae: "sae", feature: 5, layer: 2 });
    const W_out = engine.weight("h.2.mlp.c_proj.weight"); // [m, D]
    const W_in = engine.weight("h.2.mlp.c_fc.weight"); // [D, m]
    const m = 4 * D;
    const column = Array.from({ length: D }, (_, d) => weights.W_enc[d * F + 5]!);
    const written = Array.from({ length: m }, (_, n) => {
      const w = W_out.subarray(n * D, (n + 1) * D);
      return dot(w, rowOf(saes.resid, 5)) / norm(w) / norm(rowOf(saes.resid, 5));
    });
    const read = Array.from({ length: m }, (_, n) => {
      const w = Array.from({ length: D }, (_, d) => W_in[d * m + n]!);
      return dot(w, column) / norm(w) / norm(column);
    });
    for (const [got, all] of [
      [found.writes, written],
      [found.reads!, read],
    ] as const) {
      const order = [...all.keys()].sort((a, b) => Math.abs(all[b]!) - Math.abs(all[a]!));
      expect(got.map(({ neuron }) => neuron)).toEqual(order.slice(0, 5));
      got.forEach(({ neuron, cosine, layer }) => {
        expect(cosine).toBeCloseTo(all[neuron]!, 5);
        expect(layer).toBe(2);
      });
    }
    expect(found.entries).toBeNull();
  });
  it("of an SAE of z: what its direction writes through W_O; it does not read the stream", async () => {
    const found = await alignedNeurons(model, saes.z, { sae: "sae", feature: 1, layer: 2 });
    const W_O = engine.weight("h.2.attn.c_proj.weight");
    const own = rowOf(saes.z, 1);
    const direction = Array.from({ length: D }, (_, d) =>
      dot(
        own,
        Array.from({ length: D }, (_, i) => W_O[i * D + d]!),
      ),
    );
    const { neuron, cosine } = found.writes[0]!;
    const w = engine.weight("h.2.mlp.c_proj.weight").subarray(neuron * D, (neuron + 1) * D);
    expect(cosine).toBeCloseTo(dot(w, direction) / norm(w) / norm(direction), 5);
    expect(found.reads).toBeNull();
  });
  it("of an SAE of its own neurons: the largest entries, with their share of the sum of sizes", async () => {
    expect(largestEntries(Float32Array.of(1, -3, 0, 0.5, 0.25, -0.25))).toEqual([
      { neuron: 1, weight: -3, share: 0.6 },
      { neuron: 0, weight: 1, share: 0.2 },
      ...[
        { neuron: 3, weight: 0.5, share: 0.1 },
        { neuron: 4, weight: 0.25, share: 0.05 },
        { neuron: 5, weight: -0.25, share: 0.05 },
      ],
    ]);
    const at = async (layer: number) =>
      (await alignedNeurons(model, saes.mlp, { sae: "sae", feature: 0, layer })).entries;
    expect(await at(0)).toHaveLength(5);
    expect(await at(1)).toBeNull();
  });
});

it("the norm through each head is that of its part of the decoder's row", () => {
  const config = { hook: "blocks.0.attn.hook_z", dIn: 6 };
  const gpt2 = { ...engine.config, n_head: 3, n_embd: 6 };
  const W_dec = Float32Array.of(9, 9, 9, 9, 9, 9, 3, 4, 0, 0, -5, 12);
  expect(headNorms({ W_dec }, config, gpt2, 1)).toEqual([5, 0, 13]);
  expect(headNorms({ W_dec }, { ...config, hook: "blocks.0.hook_attn_out" }, gpt2, 1)).toBeNull();
});

describe("features by output token", () => {
  it.each(["raw", "tl"] as const)(
    "%s: the column of the effects that dashboards show",
    async (basis) => {
      for (const sae of Object.values(saes)) {
        const found = await featuresByToken(
          model,
          sae,
          { sae: "sae", token: 321, basis, n: 7 },
          signal,
        );
        const column = await Promise.all(
          Array.from({ length: F }, async (_, feature) => {
            return (await logitEffects(model, sae.config, sae.weights, { feature, basis }))[321]!;
          }),
        );
        const order = [...column.keys()].sort((a, b) => column[b]! - column[a]!);
        expect(found.promote.map(({ feature }) => feature)).toEqual(order.slice(0, 7));
        expect(found.suppress.map(({ feature }) => feature)).toEqual(order.slice(-7).reverse());
        found.promote.forEach(({ feature, effect }) =>
          expect(effect).toBeCloseTo(column[feature]!, 4),
        );
      }
    },
  );
  it("refuse what is no token", async () => {
    const ask = (token: number) =>
      featuresByToken(model, saes.resid, { sae: "sae", token, basis: "raw", n: 1 }, signal);
    await expect(ask(engine.config.vocab_size)).rejects.toThrow(/token \d+ is not among/);
    expect(await effectReader(model, resid, { token: 0, basis: "raw" })).toEqual(
      engine.weight("wte.weight").slice(0, D),
    );
  });
});

it("a feature on a text is `encode` of the model's activations, BOS left out", async () => {
  const ids = [engine.config.bos_token_id, 400, 17, 3000, 8];
  const encodeText = (_: string, bos: boolean) => ({ ids: bos ? ids : ids.slice(1), warnings: [] });
  const reading = engineAsModel(
    engine,
    {},
    {
      encode: encodeText,
      strings: (list: readonly number[]) => list.map((id) => `t${id}`),
      decode: String,
    },
  );
  const { cache } = await model.run({
    ids: [ids],
    names: [resid],
    edits: [],
    logits: "none",
    signal,
  });
  const all = encode(cache.get(resid)!.data, saes.resid.weights, saes.resid.config);
  for (const feature of [0, 3, 9]) {
    const found = await featureOnText(reading, saes.resid, { sae: "sae", feature, text: "…" });
    expect(found.tokens).toEqual(["t400", "t17", "t3000", "t8"]);
    found.activations.forEach((v, t) => expect(v).toBeCloseTo(all[(t + 1) * F + feature]!, 4));
  }
});

describe("features of other SAEs", () => {
  const config = (patch: Partial<SaeConfig>) => ({ ...saes.resid.config, ...patch }) as SaeConfig;
  it("are compared where both write into one space", () => {
    const own = config({ modelId: "openai-community/gpt2" });
    const share = (patch: Partial<SaeConfig>) =>
      shareSpace(own, config({ modelId: "gpt2", ...patch }), engine.config);
    expect(share({ hook: "blocks.3.hook_resid_pre" })).toBe(true);
    expect(share({ hook: "blocks.3.hook_mlp_out" })).toBe(true);
    expect(share({ hook: "blocks.1.attn.hook_z" })).toBe(false);
    expect(share({ hook: "blocks.40.hook_resid_pre" })).toBe(false); // an import of a deeper model
    expect(share({ hook: "model.layers.1" })).toBe(false);
    expect(share({ dIn: 2 * D })).toBe(false);
    expect(share({ modelId: "another" })).toBe(false);
    const z = config({ hook: "blocks.1.attn.hook_z" });
    expect(shareSpace(z, z, engine.config)).toBe(true);
    expect(shareSpace(z, config({ hook: "blocks.2.attn.hook_z" }), engine.config)).toBe(false);
  });
  it("by cosine, the nearest first", async () => {
    const other = randomSae("blocks.3.hook_resid_pre", D, 30);
    other.weights.W_dec.set(
      rowOf(saes.resid, 4).map((v) => 2 * v),
      7 * D,
    );
    const summaries = [{ id: "b", name: "B", config: other.config } as SaeSummary];
    const found = await neighboursElsewhere(
      { sae: "a", feature: 4 },
      saes.resid,
      summaries,
      () => Promise.resolve(other),
      { signal, progress: () => {} },
    );
    const [b] = found.others;
    expect(b).toMatchObject({ saeId: "b", name: "B", hook: other.config.hook, dSae: 30 });
    expect(b!.nearest[0]!.feature).toBe(7);
    expect(b!.nearest[0]!.cosine).toBeCloseTo(1, 6);
    for (const { feature, cosine } of b!.nearest) {
      const [x, y] = [rowOf(saes.resid, 4), rowOf(other, feature)];
      expect(cosine).toBeCloseTo(dot(x, y) / norm(x) / norm(y), 6);
    }
  });
});
