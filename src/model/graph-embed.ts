/**
 * Token ids → the residual stream, and the last residual → logits. The embedding of GPT-2 small has 154 MB, more than
 * some GPUs bind at once: it is then read in parts, of whole rows, each where it lies in the file.
 */
import type { Placement, Value } from "./graph-builder.ts";
import { type GraphContext, site } from "./graph-sites.ts";
import { softmax } from "./graph-softmax.ts";

/** The tensors of which that holds; all others are bound whole. */
export const SPLIT_TENSORS: readonly string[] = ["wte.weight", "lm_head.weight"];

/** One part of the vocabulary's matrix: rows `from` … `to` − 1. */
export interface VocabularyPart {
  matrix: Value;
  from: number;
  to: number;
}

/** @param maxBytes of one part, as the device takes it: float32 whatever it is stored as */
export function splitVocabulary(
  { g, config }: Pick<GraphContext, "g" | "config">,
  name: string,
  placement: Placement,
  maxBytes: number,
): VocabularyPart[] {
  const { vocab_size: V, n_embd: d } = config;
  const count = Math.max(1, Math.ceil((4 * V * d) / maxBytes));
  const rows = Math.ceil(V / count);
  const stored = (placement.end - placement.begin) / V;
  return Array.from({ length: count }, (_, i) => {
    const [from, to] = [i * rows, Math.min(V, (i + 1) * rows)];
    const begin = placement.begin + from * stored;
    const part = { ...placement, shape: [to - from, d], begin, end: begin + (to - from) * stored };
    return { matrix: g.weight(count === 1 ? name : `${name} from ${from}`, part), from, to };
  });
}

/** Token embedding + position embedding. The gradient ends here. */
export function embedding(
  c: GraphContext,
  vocabulary: readonly VocabularyPart[],
  ids: Value,
): { out: Value; back: (grad: Value) => void } {
  const { g, weight, positions } = c;
  const tokens = site(c, "embed", "hook_embed", lookUp(c, vocabulary, ids));
  const rows = g.op("Gather", [weight("wpe.weight"), positions]);
  const expanded = g.op("Expand", [rows, g.op("Shape", [tokens.out])]);
  const places = site(c, "embed", "hook_pos_embed", expanded);
  return {
    out: g.op("Add", [tokens.out, places.out]),
    back: (grad) => [tokens, places].forEach(({ back }) => back(grad)),
  };
}

/** The rows of `ids`: each part answers for those it has, and the parts before it for the rest. */
function lookUp(
  { g }: Pick<GraphContext, "g">,
  vocabulary: readonly VocabularyPart[],
  ids: Value,
): Value {
  const [first, ...others] = vocabulary;
  if (others.length === 0) return g.op("Gather", [first!.matrix, ids]);
  const within = ({ from, to }: VocabularyPart) => {
    const own = g.op("Sub", [ids, g.int(from)]);
    return g.op("Min", [g.op("Max", [own, g.int(0)]), g.int(to - from - 1)]);
  };
  return others.reduce(
    (found, part) => {
      const here = g.op("GreaterOrEqual", [ids, g.int(part.from)]);
      const rows = g.op("Gather", [part.matrix, within(part)]);
      return g.op("Where", [g.op("Unsqueeze", [here, g.ints([-1])]), rows, found]);
    },
    g.op("Gather", [first!.matrix, within(first!)]),
  );
}

/** Where a metric of the logits is told: its gradient is constant + softmax · p, p the probabilities. */
export const LOGIT_GRADIENT = {
  /** Which rows of `logits` the metric reads, [Kg]. */
  rows: "grad_logit_rows",
  /** [Kg, V] */
  constant: "grad_logit.constant",
  /** [Kg, 1]; 0, or minus the sum of `constant`: what a metric says of probabilities does not change when all logits rise */
  softmax: "grad_logit.softmax",
  /** [Kg, 1]: 1 / softmax, or 0 */
  inverse: "grad_logit.inverse",
  /** For each place of [G, T] at the end the row of these that is its own; Kg for a place that has none. */
  places: "grad_logit_places",
} as const;

/** Logits of a few tokens alone, for a metric that reads no others: which rows, [Kf], which tokens, [C], and the logits, [Kf, C]. */
export const FEW_LOGITS = {
  rows: "few_logit_rows",
  tokens: "few_logit_tokens",
  logits: "few_logits",
} as const;

function ofFewTokens(
  c: Pick<GraphContext, "g" | "config">,
  vocabulary: readonly VocabularyPart[],
  flat: Value,
): void {
  const { g } = c;
  const rows = g.input(FEW_LOGITS.rows, "int64", ["Kf"]);
  const tokens = g.input(FEW_LOGITS.tokens, "int64", ["C"]);
  const picked = g.op("Gather", [flat, rows], { ints: { axis: 0 } });
  const as = FEW_LOGITS.logits;
  g.op("Gemm", [picked, lookUp(c, vocabulary, tokens)], { as, ints: { transB: 1 } });
  g.output(as, ["Kf", "C"]);
}

/**
 * Rows `logit_rows` of the flattened final residual [B·T, d] → logits [K, V].
 * Gemm multiplies by the transposed matrix, so the embedding serves both ways without a second copy.
 * @returns the gradient with respect to the final residual, [G, T, d], of the metric that is fed in
 */
export function unembedding(
  { g, config }: GraphContext,
  vocabulary: readonly VocabularyPart[],
  final: Value,
): Value {
  const { vocab_size: V, n_embd: d } = config;
  const rows = g.input("logit_rows", "int64", ["K"]);
  const flat = g.op("Reshape", [final, g.ints([-1, d])]);
  const picked = g.op("Gather", [flat, rows], { ints: { axis: 0 } });
  const as = "logits";
  const times = ({ matrix }: VocabularyPart, named?: typeof as) =>
    g.op("Gemm", [picked, matrix], { ints: { transB: 1 }, ...(named && { as: named }) });
  const [only, ...more] = vocabulary;
  if (more.length === 0) times(only!, as);
  else
    g.op(
      "Concat",
      vocabulary.map((part) => times(part)),
      { as, ints: { axis: 1 } },
    );
  g.output(as, ["K", V]);
  ofFewTokens({ g, config }, vocabulary, flat);

  const seen = g.op("Gather", [as, g.input(LOGIT_GRADIENT.rows, "int64", ["Kg"])], {
    ints: { axis: 0 },
  });
  const constant = g.input(LOGIT_GRADIENT.constant, "float", ["Kg", V]);
  const factor = g.input(LOGIT_GRADIENT.softmax, "float", ["Kg", 1]);
  const places = g.input(LOGIT_GRADIENT.places, "int64", ["G.final", "T"]);
  const p = softmax(g, seen);
  const direct = g.op("Add", [g.op("Mul", [p, factor]), constant]);
  // 1 − p loses its digits where p is nearly 1. The sum over the vocabulary must be 0, so it tells what was lost.
  const excess = g.op("ReduceSum", [direct, g.ints([-1])]);
  const inverse = g.input(LOGIT_GRADIENT.inverse, "float", ["Kg", 1]);
  const lost = g.op("Mul", [constant, g.op("Mul", [excess, inverse])]);
  const toLogits = g.op("Add", [direct, lost]);
  const sizes = vocabulary.map(({ from, to }) => to - from);
  const pieces =
    more.length === 0
      ? [toLogits]
      : g.ops("Split", [toLogits, g.ints(sizes)], sizes.length, { ints: { axis: 1 } });
  const toPicked = vocabulary
    .map(({ matrix }, i) => g.op("MatMul", [pieces[i]!, matrix]))
    .reduce((sum, part) => g.op("Add", [sum, part]));
  const none = g.op("Expand", [g.float(0), g.ints([1, d])]);
  const all = g.op("Concat", [toPicked, none], { ints: { axis: 0 } });
  return g.op("Gather", [all, places], { ints: { axis: 0 } });
}
