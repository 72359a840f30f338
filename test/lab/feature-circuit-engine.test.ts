/**
 * A feature circuit of the real engine: its links and effects are what small changes of the engine's own run come to, its patterns and
 * scales held by edits; its scores are those of the whole matrix.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { DirectEdit } from "../../src/core/edits.ts";
import type { CircuitQuestion, FeatureGraph, GraphNode } from "../../src/core/feature-circuit.ts";
import { featureCircuit } from "../../src/lab/feature-circuit.ts";
import { encode } from "../../src/math/sae.ts";
import type { LoadedModel } from "../../src/model/loaded-model.ts";
import { nodeEngine, type NodeEngine } from "../model/node-engine.ts";
import { tinyCheckpoint } from "../model/tiny-checkpoint.ts";
import { engineAsModel } from "./engine-model.ts";
import { randomSae } from "./frozen-reference.ts";

const files = tinyCheckpoint(
  {
    ...{ n_layer: 2, n_embd: 12, n_head: 3, n_inner: 17, n_positions: 8, vocab_size: 29 },
    bos_token_id: 28,
  },
  { seed: 4 },
);
const [D, H, V, IDS] = [12, 3, 29, [28, 3, 11, 3]];
const T = IDS.length;
const HOOK = "blocks.0.hook_resid_post";
const sae = randomSae({ hook: HOOK, variant: "standard", dIn: D, dSae: 10 }, 31);
const HELD = [
  "ln_final.hook_scale",
  ...[0, 1].flatMap((l) =>
    ["ln1.hook_scale", "ln2.hook_scale", "attn.hook_pattern"].map((site) => `blocks.${l}.${site}`),
  ),
];
const { signal } = new AbortController();
const question: CircuitQuestion = {
  ...{ ids: IDS, saes: ["a"], target: { kind: "difference", token: 5, against: 9 } },
  ...{ heads: "nodes", skipFirst: false, mostNodes: 1e4, nodeShare: 1, edgeShare: 1 },
};

let engine: NodeEngine;
let model: LoadedModel;
let graph: FeatureGraph;
let plain: Map<string, Float32Array>;
const holding = (hooks: readonly string[]): DirectEdit[] =>
  hooks.map((hook) => ({ hook, op: "replace", value: plain.get(hook)! }));
beforeAll(async () => {
  engine = await nodeEngine(files.config, files.weights);
  model = engineAsModel(engine);
  const names = [
    ...[...HELD, HOOK, "blocks.0.hook_attn_out", "blocks.0.hook_mlp_out"],
    ...["blocks.1.hook_attn_out", "blocks.1.hook_mlp_out"],
  ];
  const run = await model.run({ ids: [IDS], names, edits: [], logits: "none", signal });
  plain = new Map(names.map((name) => [name, run.cache.get(name)!.data]));
  const openSae = (id: string) => Promise.resolve({ id, name: id, sae });
  ({ graph } = await featureCircuit(model, question, openSae, {
    ...{ signal, progress: () => {} },
  }));
});
afterAll(() => engine.release());

const rowOf = (data: Float32Array, pos: number) => data.subarray(pos * D, (pos + 1) * D);
/** What the node writes, made 1 + e times as large. */
function scaled({ kind, layer, pos, index }: GraphNode, e: number): DirectEdit[] {
  const times = (hook: string, more: Partial<DirectEdit> = {}): DirectEdit => ({
    ...{ hook, pos, op: "scale", value: 1 + e },
    ...more,
  });
  if (kind === "token") return [times("hook_embed"), times("hook_pos_embed")];
  if (kind === "head") return [times(`blocks.${layer}.attn.hook_z`, { head: index })];
  if (kind === "mlp") return [times(`blocks.${layer}.mlp.hook_post`)];
  const { W_dec, b_dec } = sae.weights;
  const x = rowOf(plain.get(HOOK)!, pos);
  const f = encode(Float32Array.from(x), sae.weights, sae.config);
  const from = (i: number, d: number) => f[i]! * W_dec[i * D + d]!;
  const value = Float32Array.from(x, (v, d) => {
    if (kind === "feature") return e * from(index, d);
    const rebuilt = [...f.keys()].reduce((sum, i) => sum + from(i, d), b_dec[d]!);
    return e * (v - rebuilt);
  });
  return [{ hook: HOOK, pos, op: "add", value }];
}
/** By how much something read off a run rises for a unit of e, patterns, scales and `held` as they were. */
async function slope(
  node: GraphNode,
  held: readonly string[],
  step: number,
  names: string[],
  read: (run: Awaited<ReturnType<LoadedModel["run"]>>) => number,
): Promise<number> {
  const at = async (e: number) =>
    read(
      await model.run({
        ...{ ids: [IDS], names, logits: "last", signal },
        // What is scaled comes first: what is held downstream takes its own value whatever comes in.
        edits: [...scaled(node, e), ...holding([...HELD, ...held])],
      }),
    );
  return ((await at(step)) - (await at(-step))) / (2 * step);
}
const difference = ({ logits }: { logits: { data: Float32Array } | null }) => {
  const last = logits!.data.slice(-V);
  return last[5]! - last[9]!;
};
const nodesOf = (...kinds: GraphNode["kind"][]) =>
  graph.nodes.flatMap((node, n) => (kinds.includes(node.kind) ? [{ node, n }] : []));
const linkOf = (source: number, target: number) =>
  graph.links.find((link) => link.source === source && link.target === target)?.weight ?? 0;
const close = (found: number, wanted: number) =>
  expect(Math.abs(found - wanted)).toBeLessThan(2e-3 * Math.max(1, Math.abs(wanted)));

describe("links", () => {
  it("into the logits are what their sources add directly", async () => {
    const [logit] = nodesOf("logit");
    let some = 0;
    for (const { node, n } of nodesOf("feature", "error", "head", "mlp")) {
      if (node.pos !== T - 1) continue;
      const isLast = node.layer === 1;
      // Of the last layer's own hooks what is scaled is not held; what comes after it is.
      const held = isLast
        ? node.kind === "head"
          ? ["blocks.1.hook_mlp_out"]
          : []
        : ["blocks.1.hook_attn_out", "blocks.1.hook_mlp_out"];
      if (!isLast && node.kind !== "feature" && node.kind !== "error") {
        expect(linkOf(n, logit!.n)).toBe(0); // the autoencoder stands between
        continue;
      }
      const wanted = await slope(node, held, 0.25, [], difference);
      close(linkOf(n, logit!.n), wanted);
      if (Math.abs(wanted) > 0.05) some++;
    }
    expect(some).toBeGreaterThan(4);
  });

  it("into a feature are what its sources add to its activation", async () => {
    let some = 0;
    const targets = nodesOf("feature").filter(({ node }) => node.pos === T - 1);
    for (const { node, n } of nodesOf("token", "head", "mlp")) {
      if (node.layer > 0) continue;
      const out = ["blocks.0.hook_attn_out", "blocks.0.hook_mlp_out"];
      const held = { token: out, head: [out[1]!], mlp: [] }[node.kind as "token"];
      for (const target of targets.slice(0, 3)) {
        const wanted = await slope(node, held, 0.25, [HOOK], ({ cache }) => {
          const x = rowOf(cache.get(HOOK)!.data, T - 1);
          return x.reduce(
            (sum, v, d) => sum + v * sae.weights.W_enc[d * 10 + target.node.index]!,
            0,
          );
        });
        close(linkOf(n, target.n), wanted);
        if (Math.abs(wanted) > 0.05) some++;
      }
    }
    expect(targets.length).toBeGreaterThan(1);
    expect(some).toBeGreaterThan(4);
  });
});

it("effects are what the metric gains, heads and MLPs answering", async () => {
  let some = 0;
  for (const { node } of nodesOf("feature", "error", "head", "mlp")) {
    if (node.layer === 0 && (node.kind === "head" || node.kind === "mlp")) continue; // through the SAE
    const wanted = await slope(node, [], 0.02, [], difference);
    close(node.effect!, wanted);
    if (Math.abs(wanted) > 0.05) some++;
  }
  expect(some).toBeGreaterThan(6);
});

it("scores are those of the matrix: tokens and errors by all paths, and what comes in as error", () => {
  const N = graph.nodes.length;
  const A = Array.from({ length: N }, () => new Array<number>(N).fill(0));
  for (const { source, target, weight } of graph.links) A[target]![source] = Math.abs(weight);
  const share = A.map((row) => {
    const sum = row.reduce((a, b) => a + b, 0);
    return row.map((v) => (sum === 0 ? 0 : v / sum));
  });
  const w = graph.nodes.map(({ kind }) => Number(kind === "logit"));
  const influence = new Array<number>(N).fill(0);
  let power = w;
  for (let k = 0; k < N; k++) {
    power = w.map((_, s) => power.reduce((sum, v, t) => sum + v * share[t]![s]!, 0));
    power.forEach((v, s) => (influence[s]! += v));
  }
  const of = (kind: GraphNode["kind"]) =>
    graph.nodes.reduce((sum, node, n) => (node.kind === kind ? sum + influence[n]! : sum), 0);
  const isError = graph.nodes.map(({ kind }) => kind === "error");
  const own = influence.map((v, n) => v + w[n]!);
  const explained = own.map(
    (v, t) => v * (1 - share[t]!.reduce((a, b, s) => a + Number(isError[s]) * b, 0)),
  );
  const sum = (values: number[]) => values.reduce((a, b) => a + b, 0);
  expect(of("token")).toBeGreaterThan(0.01);
  expect(of("error")).toBeGreaterThan(0.01);
  expect(graph.scores!.replacement).toBeCloseTo(of("token") / (of("token") + of("error")), 9);
  expect(graph.scores!.completeness).toBeCloseTo(sum(explained) / sum(own), 9);
  // Of the last layer's heads only those at the last position give to anything.
  expect(nodesOf("head")).toHaveLength(H * T + H);
});
