/**
 * GPT-2 as an ONNX graph over the checkpoint's own weight file: every hook point is an output under its TransformerLens
 * name, every edit an input (`graph-sites.ts`); behind the forward pass lies the backward pass. Made from `config.json` in a few milliseconds; nothing of the weights
 * is copied or converted.
 *
 * Inputs: `input_ids` int64 [B, T]; `logit_rows` int64 [K], which rows of the flattened final residual (of the last block's own positions) are
 * unembedded, of all tokens or of few (`FEW_LOGITS`); `past_key_values.{l}.key|value` float [B, H, P, h] (P may be 0); `{site}.mul|add`, `slots.{stage}`,
 * `rows.{stage}`, `last_positions`, `result_rows|result_slots.{l}`; for gradients `grad_rows|grad_from.{place}`, `grad_none`,
 * `grad_slots.{stage}`, `{site}.seed`, `seed_slots.{stage}` and the metric (`LOGIT_GRADIENT`); for cut edges those of
 * `graph-edges.ts`.
 * Outputs: `logits` [K, V], `present.{l}.key|value`, the hook points, and `grad.{hook point}`.
 */
import { LabError } from "../core/lab-error.ts";
import type { Gpt2Config } from "../core/types.ts";
import { block } from "./graph-block.ts";
import { GraphBuilder, type Placement, type Value } from "./graph-builder.ts";
import { firstSender, readBy } from "./graph-edges.ts";
import { embedding, splitVocabulary, unembedding } from "./graph-embed.ts";
import { layerNorm } from "./graph-norm.ts";
import {
  continued,
  declareInputs,
  GRAD_NONE,
  type GraphContext,
  LAST_POSITIONS,
  onlyLast,
  pickRows,
  type Traced,
} from "./graph-sites.ts";

export interface GraphOptions {
  /** Whether the unembedding is `wte.weight`; else `lm_head.weight`. */
  tiedHead: boolean;
  /** The largest matrix that the device takes in one piece. @default no limit */
  maxBytes?: number;
  /**
   * Tensors of blocks and LayerNorms that are not read from the checkpoint but fed at each run, under their names; the gradient
   * with respect to each is an output, `grad.{name}`. @default none
   */
  fed?: ReadonlySet<string>;
  /** A graph in which edges can be cut (`graph-edges.ts`), without a backward pass. @default false */
  cuts?: boolean;
}

/**
 * @param tensors by GPT-2's names without "transformer."
 * @throws LabError "bad-file" if a tensor is missing
 */
export function buildGraph(
  config: Gpt2Config,
  tensors: ReadonlyMap<string, Placement>,
  { tiedHead, maxBytes = Infinity, fed = new Set(), cuts = false }: GraphOptions,
): Uint8Array<ArrayBuffer> {
  const g = new GraphBuilder();
  const place = (name: string) => {
    const placement = tensors.get(name);
    if (!placement) throw new LabError("bad-file", `the checkpoint has no tensor "${name}"`);
    return placement;
  };
  const ids = g.input("input_ids", "int64", ["R.embed", "T"]);
  declareInputs(g, config);

  for (const name of fed) g.input(name, "float", place(name).shape);
  const weight = (name: string) => (fed.has(name) ? name : g.weight(name, place(name)));
  const c: GraphContext = { g, config, weight, fed, last: null, ...places(g, ids) };
  const atEnd: GraphContext = cuts ? c : { ...c, last: LAST_POSITIONS };
  const split = (name: string) => splitVocabulary(c, name, place(name), maxBytes);
  const vocabulary = split("wte.weight");
  const embedded = embedding(c, vocabulary, ids);
  const blocks: Traced[] = [];
  let x = embedded.out;
  let senders = cuts ? firstSender(c, x) : null;
  for (let layer = 0; layer < config.n_layer; layer++) {
    const passed = block(c, layer === config.n_layer - 1 ? atEnd : c, layer, x, senders);
    blocks.push(passed);
    ({ out: x, senders } = passed);
  }
  const last = readLast(c, x, senders);
  const final = layerNorm(atEnd, "final", last, "ln_f", "ln_final");
  const toFinal = unembedding(c, tiedHead ? vocabulary : split("lm_head.weight"), final.out);

  if (cuts) return g.finish();
  const none = noGradient(c);
  let grad = final.back(toFinal);
  for (const [layer, { back }] of [...blocks.entries()].reverse()) {
    const own = layer === config.n_layer - 1 ? onlyLast(atEnd, none, 1) : none;
    grad = back(continued(g, layer, grad, own));
  }
  embedded.back(continued(g, "embed", grad, none));
  return g.finish();
}

/** 0 at every position, [1, T, d]; nothing at all where no gradient is asked for. */
function noGradient({ g, config, positions }: GraphContext): Value {
  const T = g.op("Shape", [positions]);
  const shape = g.op("Concat", [g.ints([1]), T, g.ints([config.n_embd])], { ints: { axis: 0 } });
  return g.op("Expand", [GRAD_NONE, shape]);
}

/** The stream as the logits read it. */
function readLast(c: GraphContext, x: Value, senders: Value | null): Value {
  const last = pickRows(c.g, "final", x);
  return senders ? readBy(c, "final", last, pickRows(c.g, "final", senders)) : last;
}

/** Positions P … P+T−1 of the given tokens, and which keys j each may see: j ≤ position. */
function places(g: GraphBuilder, ids: Value): Pick<GraphContext, "positions" | "visible" | "zero"> {
  const size = (value: Value, axis: number) =>
    g.op("Gather", [g.op("Shape", [value]), g.int(axis)], { ints: { axis: 0 } });
  const past = size("past_key_values.0.key", 2);
  const end = g.op("Add", [past, size(ids, 1)]);
  const positions = g.op("Range", [past, end, g.int(1)]);
  const keys = g.op("Range", [g.int(0), end, g.int(1)]);
  const asRow = g.op("Unsqueeze", [keys, g.ints([0])]);
  const asColumn = g.op("Unsqueeze", [positions, g.ints([1])]);
  const visible = g.op("LessOrEqual", [asRow, asColumn]);
  return { positions, visible, zero: g.op("Mul", [past, g.int(0)]) };
}
