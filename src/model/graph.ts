/**
 * GPT-2 as an ONNX graph over the checkpoint's own weight file: every hook point is an output under its TransformerLens
 * name, every edit an input (`graph-sites.ts`). Made from `config.json` in a few milliseconds; nothing of the weights
 * is copied or converted.
 *
 * Inputs: `input_ids` int64 [B, T]; `logit_rows` int64 [K], which rows of the flattened [B·T] final residual are
 * unembedded; `past_key_values.{l}.key|value` float [B, H, P, h] (P may be 0); `{site}.mul|add`.
 * Outputs: `logits` [K, V], `present.{l}.key|value`, and the hook points.
 */
import { LabError } from "../core/lab-error.ts";
import type { Gpt2Config } from "../core/types.ts";
import { type BlockContext, block, layerNorm } from "./graph-block.ts";
import { GraphBuilder, type Placement, type Value } from "./graph-builder.ts";
import { declareEdits } from "./graph-sites.ts";

/**
 * @param tensors by GPT-2's names without "transformer."
 * @param tiedHead whether the unembedding is `wte.weight`; else `lm_head.weight`
 * @throws LabError "bad-file" if a tensor is missing
 */
export function buildGraph(
  config: Gpt2Config,
  tensors: ReadonlyMap<string, Placement>,
  tiedHead: boolean,
): Uint8Array<ArrayBuffer> {
  const g = new GraphBuilder();
  const weight = (name: string) => {
    const placement = tensors.get(name);
    if (!placement) throw new LabError("bad-file", `the checkpoint has no tensor "${name}"`);
    return g.weight(name, placement);
  };
  const ids = g.input("input_ids", "int64", ["B", "T"]);
  const rows = g.input("logit_rows", "int64", ["K"]);
  declareEdits(g, config);

  const { positions, visible } = places(g, ids);
  const c: BlockContext = { g, config, weight, visible };
  let x = embedding(c, ids, positions);
  for (let layer = 0; layer < config.n_layer; layer++) x = block(c, layer, x);
  const final = layerNorm(c, x, "ln_f", "ln_final.hook_normalized");
  g.output(final, ["B", "T", config.n_embd]);
  const picked = g.op("Gather", [g.op("Reshape", [final, g.ints([-1, config.n_embd])]), rows], {
    ints: { axis: 0 },
  });
  // Gemm multiplies by the transposed matrix, so the embedding serves both ways without a second copy.
  const head = weight(tiedHead ? "wte.weight" : "lm_head.weight");
  g.op("Gemm", [picked, head], { as: "logits", ints: { transB: 1 } });
  g.output("logits", ["K", config.vocab_size]);
  return g.finish();
}

/** Positions P … P+T−1 of the given tokens, and which keys j each may see: j ≤ position. */
function places(g: GraphBuilder, ids: Value): { positions: Value; visible: Value } {
  const size = (value: Value, axis: number) =>
    g.op("Gather", [g.op("Shape", [value]), g.int(axis)], { ints: { axis: 0 } });
  const past = size("past_key_values.0.key", 2);
  const end = g.op("Add", [past, size(ids, 1)]);
  const positions = g.op("Range", [past, end, g.int(1)]);
  const keys = g.op("Range", [g.int(0), end, g.int(1)]);
  const asRow = g.op("Unsqueeze", [keys, g.ints([0])]);
  const asColumn = g.op("Unsqueeze", [positions, g.ints([1])]);
  return { positions, visible: g.op("LessOrEqual", [asRow, asColumn]) };
}

/** Token embedding + position embedding. */
function embedding({ g, config, weight }: BlockContext, ids: Value, positions: Value): Value {
  const tokens = g.op("Gather", [weight("wte.weight"), ids], { as: "hook_embed" });
  const rows = g.op("Gather", [weight("wpe.weight"), positions]);
  const places = g.op("Expand", [rows, g.op("Shape", [tokens])], { as: "hook_pos_embed" });
  for (const hook of [tokens, places]) g.output(hook, ["B", "T", config.n_embd]);
  return g.op("Add", [tokens, places]);
}
