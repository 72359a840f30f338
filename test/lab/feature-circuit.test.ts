/** Feature circuits against differences of a frozen model in float64: every edge, every sum, of SAEs at every place. */
import { describe, expect, it } from "vitest";
import type { CircuitQuestion, HeadWay } from "../../src/core/feature-circuit.ts";
import type { CircuitNode } from "../../src/lab/circuit-nodes.ts";
import { circuitRows } from "../../src/lab/circuit-rows.ts";
import { featureCircuit } from "../../src/lab/feature-circuit.ts";
import { freeze } from "../../src/lab/frozen-model.ts";
import type { Gpt2Config } from "../../src/core/types.ts";
import { madeUpModel } from "../reference/models.ts";
import { referenceRun } from "../reference/forward.ts";
import {
  placed,
  type PlacedSae,
  randomSae,
  type SaeSpec,
  scaledRun,
  type Source,
} from "./frozen-reference.ts";
import { referenceAsModel } from "./reference-model.ts";

const { signal } = new AbortController();
const CONFIG: Gpt2Config = {
  ...{ n_layer: 2, n_head: 3, n_embd: 12, n_inner: 17, n_positions: 8, vocab_size: 29 },
  ...{ layer_norm_epsilon: 1e-5, activation_function: "gelu_new", bos_token_id: 28 },
  ...{ scale_attn_weights: true, scale_attn_by_inverse_layer_idx: false },
};
const IDS = [28, 3, 11, 3];
const T = IDS.length;
const { n_embd: D, n_inner: M, n_head: H, n_layer: L } = CONFIG;

const sae = (hook: string, variant: SaeSpec["variant"], more: Partial<SaeSpec> = {}): SaeSpec => ({
  ...{ hook, variant, dIn: hook.endsWith("hook_post") ? M : D, dSae: 10 },
  ...more,
});
const PLACES: [name: string, saes: SaeSpec[], activation: Gpt2Config["activation_function"]][] = [
  ["nothing replaced", [], "gelu"],
  [
    "residual SAEs",
    [
      sae("blocks.0.hook_resid_post", "gated", { applyBDecToInput: true }),
      sae("blocks.1.hook_resid_mid", "standard", { normalize: "centre" }),
    ],
    "gelu_new",
  ],
  [
    "SAEs in the branches",
    [
      sae("blocks.0.hook_resid_pre", "standard"),
      sae("blocks.0.hook_attn_out", "topk"),
      sae("blocks.0.mlp.hook_post", "standard"),
      sae("blocks.0.hook_mlp_out", "jumprelu"),
      sae("blocks.1.attn.hook_z", "standard", { applyBDecToInput: true }),
    ],
    "relu",
  ],
  [
    "transcoders",
    [
      sae("blocks.0.ln2.hook_normalized", "jumprelu", {
        out: { hook: "blocks.0.hook_mlp_out", width: D, skip: true },
      }),
      sae("blocks.1.hook_resid_mid", "standard", {
        out: { hook: "blocks.1.hook_mlp_out", width: D, skip: true },
      }),
      sae("blocks.1.hook_mlp_out", "standard"),
    ],
    "gelu_new",
  ],
  [
    "SAEs that normalise",
    [
      sae("blocks.1.hook_resid_pre", "standard", { normalize: "layer_norm" }),
      sae("blocks.1.hook_resid_post", "standard", { normalize: "constant_norm_rescale" }),
    ],
    "gelu_new",
  ],
];

async function setUp(
  specs: SaeSpec[],
  activation: Gpt2Config["activation_function"],
  heads: HeadWay,
  skipFirst: boolean,
) {
  const model = madeUpModel({ ...CONFIG, activation_function: activation }, 3, false);
  const engine = referenceAsModel(model);
  const saes = specs.map((spec, i) => ({ id: `sae ${i}`, sae: randomSae(spec, 100 + i) }));
  const plain = referenceRun(model, [IDS]);
  const own = saes.map(({ id, sae: one }) => placed(id, one, plain));
  const scale = plain.get("ln_final.hook_scale").value[T - 1]!;
  // M = 0.7·(logit 5 − mean) + 0.2·(logit 9 − mean)
  const weights = [
    [5, 0.7],
    [9, 0.2],
  ] as const;
  const V = CONFIG.vocab_size;
  const head = (d: number, v: number) => model.unembed.W[d * V + v]!;
  const logits = weights.map(([token]) => {
    const raw = Float64Array.from({ length: D }, (_, d) => {
      let mean = 0;
      for (let v = 0; v < V; v++) mean += head(d, v) / V;
      return head(d, token) - mean;
    });
    const bias = raw.reduce((sum, v, d) => sum + v * model.lnFinal.b[d]!, 0);
    const through = raw.map((v, d) => v * model.lnFinal.w[d]!);
    const middle = through.reduce((a, b) => a + b, 0) / D;
    return { token, direction: through.map((v) => v - middle), bias };
  });
  const frozen = await freeze(engine, {
    ...{ ids: IDS, saes, heads, skipFirst, signal },
    seed: (s) => {
      const sum = new Float64Array(D);
      logits.forEach(({ direction }, i) =>
        direction.forEach((v, d) => (sum[d]! += (weights[i]![1] / s) * v)),
      );
      return sum;
    },
    progress: () => undefined,
  });
  const rows = circuitRows(frozen, logits, Math.fround(scale));
  const z = (run: ReturnType<typeof referenceRun>) => run.get("logits").value.slice(-V);
  const centred = (run: ReturnType<typeof referenceRun>, token: number) => {
    const all = z(run);
    return all[token]! - all.reduce((a, b) => a + b, 0) / V;
  };
  const metric = (run: ReturnType<typeof referenceRun>) =>
    weights.reduce((sum, [token, w]) => sum + w * centred(run, token), 0);
  return {
    model,
    plain,
    own,
    rows,
    centred,
    metric,
    reference: { model, ids: IDS, plain, saes: own },
  };
}
type Setup = Awaited<ReturnType<typeof setUp>>;

function sourceOf(node: CircuitNode, own: readonly PlacedSae[]): Source {
  const { kind, layer, pos, index } = node;
  const of = own.find(({ id }) => id === node.sae?.id)!;
  if (kind === "feature") return { kind, pos, sae: of, at: of.active[pos]!.indexOf(index) };
  if (kind === "error") return { kind, pos, sae: of };
  if (kind === "head") return { kind, layer, head: index, pos };
  if (kind === "mlp") return { kind, layer, pos };
  return { kind: "token", pos };
}

/** How a target's value is read off a run; a head's and an MLP's along the metric's gradient, found by differences. */
function targetReader(node: CircuitNode, { own, centred, metric, reference }: Setup) {
  const { kind, layer, pos, index } = node;
  if (kind === "logit") return (run: ReturnType<typeof referenceRun>) => centred(run, index);
  if (kind === "feature") {
    const of = own.find(({ id }) => id === node.sae!.id)!;
    const { hook, dIn } = of.sae.config;
    return (run: ReturnType<typeof referenceRun>) =>
      of.read(run.get(hook).value.slice(pos * dIn, (pos + 1) * dIn), pos, index);
  }
  const [name, width, from] =
    kind === "head"
      ? [`blocks.${layer}.attn.hook_z`, D / H, pos * D + (index * D) / H]
      : [`blocks.${layer}.mlp.hook_post`, M, pos * M];
  const along = Array.from({ length: width }, (_, i) => {
    const at = (delta: number) => metric(nudged(reference, name, from + i, delta));
    return (at(1e-4) - at(-1e-4)) / 2e-4;
  });
  // An MLP answers to first order: its hidden layer by its slopes is what a small difference tells.
  return (run: ReturnType<typeof referenceRun>) => {
    const value = run.get(name).value;
    return along.reduce((sum, g, i) => sum + g * value[from + i]!, 0);
  };
}
function nudged(reference: Setup["reference"], name: string, index: number, delta: number) {
  // A live run in which one number of a hook is moved: before what the SAEs read there.
  const moved = { ...reference, nudge: { name, index, delta } };
  return scaledRun(moved, null, 0, { live: true, heads: false });
}

const close = (found: number, wanted: number, size: number) =>
  expect(Math.abs(found - wanted)).toBeLessThan(2e-4 * Math.max(1, size));

describe.each(PLACES)("%s", (_, specs, activation) => {
  it.each([
    ["nodes", true],
    ["nodes", false],
    ["through", false],
  ] as [HeadWay, boolean][])(
    "with heads as %s, and position 0 as a number: %s",
    async (heads, skipFirst) => {
      const setup = await setUp(specs, activation, heads, skipFirst);
      const { rows, own, metric, reference } = setup;
      const { nodes } = rows;
      expect(nodes.some(({ pos }) => pos === 0)).toBe(!skipFirst);
      expect(nodes.filter(({ kind }) => kind === "head")).toHaveLength(
        heads === "nodes" ? L * H * (T - Number(skipFirst)) : 0,
      );
      const step = 1e-3;
      const runs = nodes.map((node) =>
        node.kind === "logit"
          ? null
          : [step, -step].map((e) =>
              scaledRun(reference, sourceOf(node, own), e, {
                live: false,
                heads: heads === "nodes",
              }),
            ),
      );
      let edges = 0;
      nodes.forEach((node, n) => {
        if (node.kind === "token" || node.kind === "error") return;
        const row = rows.row(n);
        const sum = row.weight.reduce((a, b) => a + b, row.bias);
        const size = row.weight.reduce((a, b) => a + Math.abs(b), 0);
        close(sum, node.value!, size);
        const isVector = node.kind === "head" || node.kind === "mlp";
        // Differences of vector nodes need what comes before them to answer: only a few, in the test below.
        if (isVector) return;
        const read = targetReader(node, setup);
        const found = new Map(row.source.map((s, i) => [s, row.weight[i]!]));
        runs.forEach((pair, s) => {
          if (!pair) return;
          const wanted = (read(pair[0]!) - read(pair[1]!)) / (2 * step);
          close(found.get(s) ?? 0, wanted, size);
          if (Math.abs(wanted) > 1e-3) edges++;
        });
      });
      expect(edges).toBeGreaterThan(heads === "nodes" ? 10 : 1);

      // What the metric would lose without it: in the model in which all answer.
      if (skipFirst) return; // there position 0 answers to nothing
      nodes.forEach((node) => {
        if (node.kind === "logit") return;
        const [up, down] = [1e-3, -1e-3].map((e) =>
          metric(scaledRun(reference, sourceOf(node, own), e, { live: true, heads: false })),
        );
        close(node.effect!, (up! - down!) / 2e-3, 1 + Math.abs(node.effect!));
      });
    },
  );

  it("has heads and MLPs along the metric's gradient", async () => {
    const setup = await setUp(specs, activation, "nodes", false);
    const { rows, own, reference } = setup;
    const targets = rows.nodes.flatMap(({ kind, pos }, n) =>
      (kind === "head" || kind === "mlp") && pos >= T - 2 ? [n] : [],
    );
    for (const n of targets) {
      const node = rows.nodes[n]!;
      const row = rows.row(n);
      const size = row.weight.reduce((a, b) => a + Math.abs(b), 0);
      const read = targetReader(node, setup);
      row.source.forEach((s, i) => {
        const source = sourceOf(rows.nodes[s]!, own);
        const at = (e: number) =>
          read(scaledRun({ ...reference, free: node }, source, e, { live: false, heads: true }));
        close(row.weight[i]!, (at(1e-3) - at(-1e-3)) / 2e-3, size);
      });
    }
    expect(targets.length).toBeGreaterThan(0);
  });
});

describe("the whole", () => {
  const question: CircuitQuestion = {
    ...{ ids: IDS, saes: ["a", "b"], target: { kind: "top", mass: 0.95, most: 10 } },
    ...{ heads: "nodes", skipFirst: true, mostNodes: 2000, nodeShare: 0.8, edgeShare: 0.98 },
  };
  const reference = madeUpModel(CONFIG, 3, false);
  const engine = () => {
    const model = referenceAsModel(reference);
    return { ...model, info: { ...model.info, id: "made-up" } };
  };
  const saes = [
    sae("blocks.0.hook_resid_post", "standard"),
    sae("blocks.1.hook_resid_post", "standard"),
  ];
  const openSae = (id: string) => {
    const i = "ab".indexOf(id);
    return Promise.resolve({ id, name: `SAE ${id}`, sae: randomSae(saes[i]!, 7 + i) });
  };
  const told: unknown[] = [];
  const context = { signal, progress: (what: unknown) => told.push(what) };

  it("is pruned, named without doubles, scored, and tells what it left out", async () => {
    const model = engine();
    const { graph, facts } = await featureCircuit(model, question, openSae, context);
    const ids = graph.nodes.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(graph.tokens).toHaveLength(T);
    expect(facts).toMatchObject({ leftOut: 0, computed: expect.any(Number) as number });
    expect(facts.computed).toBeLessThanOrEqual(facts.candidates);
    expect(graph.nodes.length).toBeLessThan(facts.nodes);
    for (const { source, target } of graph.links) expect(source).toBeLessThan(target);
    for (const score of Object.values(graph.scores!)) {
      expect(score).toBeGreaterThan(0);
      expect(score).toBeLessThan(1);
    }
    for (const { kind, influence } of graph.nodes) {
      if (kind !== "token") expect(influence).toBeLessThanOrEqual(1);
    }
    // The fewest likeliest tokens of 95 %.
    const chances = graph.nodes.flatMap(({ probability }) => probability ?? []);
    const total = chances.reduce((a, b) => a + b, 0);
    expect(total >= 0.95 || chances.length === 10).toBe(true);
    if (total >= 0.95) expect(total - chances.at(-1)!).toBeLessThan(0.95);
    expect(told.at(-1)).toMatchObject({ what: "rows", done: facts.computed });

    told.length = 0;
    const wider = await featureCircuit(
      model,
      { ...question, nodeShare: 1, edgeShare: 1 },
      openSae,
      context,
    );
    expect(told).toEqual([]); // other thresholds are the same attribution
    expect(wider.graph.links.length).toBeGreaterThan(graph.links.length);
    expect(wider.graph.scores).toEqual(graph.scores);
  });

  it("keeps the most influential when there is room for a few", async () => {
    const whole = { ...question, nodeShare: 1, edgeShare: 1 };
    const all = await featureCircuit(engine(), whole, openSae, context);
    const few = await featureCircuit(engine(), { ...whole, mostNodes: 2 }, openSae, context);
    expect(few.facts.computed).toBe(2);
    expect(few.facts.leftOut).toBeGreaterThan(0);
    expect(all.facts.leftOut).toBe(0);
    const inner = few.graph.nodes.filter(({ kind }) => !["token", "error", "logit"].includes(kind));
    expect(inner.length).toBeLessThanOrEqual(2);
  });

  it("takes the difference of two logits as one node", async () => {
    const target = { kind: "difference", token: 4, against: 9 } as const;
    const { graph } = await featureCircuit(engine(), { ...question, target }, openSae, context);
    const logits = graph.nodes.filter(({ kind }) => kind === "logit");
    expect(logits).toMatchObject([{ index: 4, label: "logit “4” − “9”", probability: null }]);
    const same = { ...target, against: 4 };
    await expect(
      featureCircuit(engine(), { ...question, target: same }, openSae, context),
    ).rejects.toThrow(/the same/);
  });

  it("says what cannot be", async () => {
    const ask = (patch: Partial<CircuitQuestion>) =>
      featureCircuit(engine(), { ...question, ...patch }, openSae, context);
    await expect(ask({ ids: [28] })).rejects.toThrow(/2 to 128 tokens, the prompt has 1/);
    await expect(ask({ nodeShare: 0 })).rejects.toThrow(/nodeShare is 0/);
    await expect(ask({ mostNodes: 0.5 })).rejects.toThrow(/0.5/);
    await expect(ask({ target: { kind: "top", mass: 2, most: 5 } })).rejects.toThrow(/mass 2/);
    const twice = (id: string) =>
      Promise.resolve({ id, name: id, sae: randomSae(saes[0]!, id.length) });
    await expect(featureCircuit(engine(), question, twice, context)).rejects.toThrow(
      /choose one of them/,
    );
    const stopped = AbortSignal.abort(new Error("stopped"));
    await expect(
      featureCircuit(engine(), question, openSae, { ...context, signal: stopped }),
    ).rejects.toThrow(/stopped/);
  });
});
