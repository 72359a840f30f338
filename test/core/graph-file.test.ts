/** The graph JSON: what Neuronpedia's upload requires, there and back, and files that are none. */
import { describe, expect, it } from "vitest";
import type { FeatureGraph, GraphNode } from "../../src/core/feature-circuit.ts";
import { cantorPair, readGraph, writeGraph } from "../../src/core/graph-file.ts";
import { LabError } from "../../src/core/lab-error.ts";
import { keyedRandom } from "../../src/math/keyed-random.ts";

/** A file as it may come, to be damaged anywhere. */
type Json = Record<string, ReturnType<typeof JSON.parse>>;
const node = (patch: Partial<GraphNode>): GraphNode => ({
  ...{ id: "", kind: "feature", layer: 0, pos: 1, index: 0, sae: null, label: "" },
  ...{ activation: null, effect: null, influence: null, probability: null, ...patch },
});
const GRAPH: FeatureGraph = {
  ...{ slug: "glassroom-circuit", model: "lab/tiny", prompt: "<|endoftext|> a b", layers: 4 },
  tokens: ["<|endoftext|>", " a", " b"],
  nodes: [
    node({ id: "E_17_1", kind: "token", layer: -1, index: 17, label: " a", influence: 0.9 }),
    node({ id: "0_2_1", index: 2, sae: "sae one", activation: 1.5, influence: 0.4, effect: -0.25 }),
    node({ id: "0_0_1", kind: "error", index: -1, sae: "sae one", label: "error of one" }),
    node({ id: "1_H3_2", kind: "head", layer: 1, pos: 2, index: 3, label: "L1H3", activation: 2 }),
    node({ id: "2_MLP_2", kind: "mlp", layer: 2, pos: 2, index: -1, label: "MLP 2" }),
    node({ id: "3_500_2", layer: 3, pos: 2, index: 500, sae: "sae two", activation: 0.5 }),
    node({
      ...{
        id: "5_42_2",
        kind: "logit",
        layer: 4,
        pos: 2,
        index: 42,
        label: ' "x',
        probability: 0.625,
      },
      ...{ influence: 0 },
    }),
  ],
  links: [
    { source: 0, target: 1, weight: 1.25 },
    { source: 1, target: 3, weight: -0.5 },
    { source: 5, target: 6, weight: 3 },
  ],
  ...{ nodeShare: 0.8, edgeShare: 0.98, scores: { replacement: 0.5, completeness: 0.75 } },
  pinned: ["3_500_2"],
  supernodes: [{ name: "say x", members: ["3_500_2", "1_H3_2"] }],
};
const written = () =>
  writeGraph(GRAPH, {
    clicked: "0_2_1",
    labelOf: ({ kind, index }) => (kind === "feature" && index === 2 ? "capitals" : ""),
    time: 1234,
  });

describe("the file", () => {
  it("has the fields that Neuronpedia's schema requires, and circuit-tracer's names", () => {
    const file = JSON.parse(written()) as Json;
    expect(Object.keys(file)).toEqual(["metadata", "qParams", "nodes", "links"]);
    const texts = { slug: "glassroom-circuit", scan: "lab-tiny", prompt: GRAPH.prompt };
    expect(file["metadata"]).toMatchObject({ ...texts, prompt_tokens: GRAPH.tokens });
    expect(file["metadata"]).toMatchObject({ node_threshold: 0.8, schema_version: 1 });
    expect(file["qParams"]).toEqual({
      ...{ linkType: "both", pinnedIds: ["3_500_2"], clickedId: "0_2_1", sg_pos: "" },
      supernodes: [["say x", "3_500_2", "1_H3_2"]],
    });
    for (const each of file["nodes"]) {
      expect(typeof each.node_id).toBe("string");
      expect(each.feature === null || Number.isInteger(each.feature)).toBe(true);
      expect(["string", "number"]).toContain(typeof each.layer);
      expect(Number.isInteger(each.ctx_idx)).toBe(true);
      for (const key of ["feature_type", "jsNodeId", "clerp"]) {
        expect(typeof each[key]).toBe("string");
      }
    }
    const [token, feature, error, , , late, logit] = file["nodes"];
    expect(token).toMatchObject({ layer: "E", feature: 1, feature_type: "embedding" });
    expect(token.clerp).toBe('Emb: " a"');
    // (0 + 2)(0 + 2 + 1)/2 + 2 and (3 + 500)(504)/2 + 500
    expect(feature).toMatchObject({
      feature: 5,
      feature_type: "cross layer transcoder",
      layer: "0",
    });
    expect(feature).toMatchObject({ jsNodeId: "0_2-0", clerp: "capitals", activation: 1.5 });
    expect(late.feature).toBe(127256);
    expect(cantorPair(3, 500)).toBe(127256);
    expect(error).toMatchObject({ feature: -1, feature_type: "mlp reconstruction error" });
    expect(logit).toMatchObject({ layer: "5", feature: 42, token_prob: 0.625 });
    expect(logit.clerp).toBe('Output " "x" (p=0.625)');
    expect(file["links"][1]).toEqual({ source: "0_2_1", target: "1_H3_2", weight: -0.5 });
    const gpt2 = { ...GRAPH, model: "openai-community/gpt2" };
    const said = JSON.parse(
      writeGraph(gpt2, { clicked: "", labelOf: () => "", time: 0 }),
    ) as typeof file;
    expect(said["metadata"].scan).toBe("gpt2-small");
  });

  it("is read back as it was", () => {
    const { graph, clicked, lostLinks } = readGraph(written());
    expect(lostLinks).toBe(0);
    expect(clicked).toBe("0_2_1");
    const labels = GRAPH.nodes.map(({ label }) => label);
    labels[1] = "capitals";
    labels[2] = 'Err: layer 0 " a"';
    expect(graph).toEqual({
      ...GRAPH,
      nodes: GRAPH.nodes.map((each, i) => ({ ...each, label: labels[i]! })),
    });
  });

  it("of circuit-tracer has no more than it must, and links that lead nowhere are told", () => {
    const file = {
      metadata: { slug: "a", scan: "gemma-2-2b", prompt_tokens: ["x", "y"], prompt: "xy" },
      qParams: {},
      nodes: [
        {
          node_id: "E_5_0",
          feature: 0,
          layer: "E",
          ctx_idx: 0,
          feature_type: "embedding",
          jsNodeId: "E",
          clerp: "",
        },
        {
          node_id: "7_1234_1",
          feature: 9,
          layer: 7,
          ctx_idx: 1,
          feature_type: "lorsa",
          jsNodeId: "l",
          clerp: "a",
          influence: null,
        },
        {
          node_id: "27_8_1",
          feature: 8,
          layer: "27",
          ctx_idx: 1,
          feature_type: "logit",
          jsNodeId: "L",
          clerp: 'Output "z" (p=0.5)',
          token_prob: 0.5,
        },
      ],
      links: [
        { source: "E_5_0", target: "7_1234_1", weight: 2 },
        { source: "gone", target: "7_1234_1", weight: 2 },
      ],
    };
    const { graph, lostLinks } = readGraph(JSON.stringify(file));
    expect(lostLinks).toBe(1);
    expect(graph).toMatchObject({ layers: 8, scores: null, nodeShare: 1, pinned: [] });
    expect(graph.nodes).toMatchObject([
      { kind: "token", layer: -1, index: 5, label: "x" },
      { kind: "feature", layer: 7, index: 1234, label: "a" },
      { kind: "logit", layer: 8, index: 8, label: "z", probability: 0.5 },
    ]);
  });

  it.each([
    ["no JSON", "{", /no JSON/],
    ["a list", "[]", /the file is \[\], expected an object/],
    ["no nodes", patched((f) => delete f["nodes"]), /nodes is missing, expected a list/],
    [
      "a position",
      patched((f) => (f["nodes"][1].ctx_idx = 3)),
      /nodes\[1\]\.ctx_idx is 3, .*3 tokens/,
    ],
    ["a weight", patched((f) => (f["links"][0].weight = "1")), /links\[0\]\.weight is "1"/],
    ["a layer", patched((f) => (f["nodes"][1].layer = "x")), /nodes\[1\]\.layer is "x"/],
    ["a name twice", patched((f) => (f["nodes"][1].node_id = "E_17_1")), /E_17_1.*another node/],
    ["a share", patched((f) => (f["metadata"].node_threshold = 2)), /node_threshold is 2/],
    ["groups", patched((f) => (f["qParams"].supernodes = [["a", 1]])), /supernodes\[0\]\[1\] is 1/],
    ["layers", patched((f) => (f["metadata"].glassroom.layers = 2)), /glassroom\.layers is 2/],
  ])("with %s wrong says what is wrong", (_, text, message) => {
    expect(() => readGraph(text)).toThrow(message);
    expect(() => readGraph(text)).toThrow(LabError);
  });

  it("damaged anywhere is read or refused, and nothing else", () => {
    const random = keyedRandom(77);
    const junk = [null, -1, 1e99, "", "NaN", [], {}, true, 0.5, ["a"]];
    for (let i = 0; i < 400; i++) {
      const file: unknown = JSON.parse(written());
      // One value somewhere is another.
      let at = file as Record<string, unknown>;
      for (;;) {
        const keys = Object.keys(at);
        const key = keys[Math.floor(random() * keys.length)]!;
        const next = at[key];
        const isLeaf = typeof next !== "object" || next === null || Object.keys(next).length === 0;
        if (isLeaf || random() < 0.2) {
          at[key] = junk[Math.floor(random() * junk.length)];
          break;
        }
        at = next as Record<string, unknown>;
      }
      try {
        const { graph } = readGraph(JSON.stringify(file));
        for (const { source, target, weight } of graph.links) {
          expect(graph.nodes[source] && graph.nodes[target]).toBeTruthy();
          expect(Number.isFinite(weight)).toBe(true);
        }
      } catch (e) {
        expect(e).toBeInstanceOf(LabError);
        expect((e as LabError).code).toBe("bad-file");
      }
    }
  });
});

function patched(change: (file: Json) => void): string {
  const file = JSON.parse(written()) as Json;
  change(file);
  return JSON.stringify(file);
}
