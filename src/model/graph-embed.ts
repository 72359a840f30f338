/**
 * Token ids → the residual stream, and the last residual → logits. The embedding of GPT-2 small has 154 MB, more than
 * some GPUs bind at once: it is then read in parts, of whole rows, each where it lies in the file.
 */
import type { Placement, Value } from "./graph-builder.ts";
import { type GraphContext, site } from "./graph-sites.ts";

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

/** Token embedding + position embedding. */
export function embedding(
  c: GraphContext,
  vocabulary: readonly VocabularyPart[],
  ids: Value,
): Value {
  const { g, weight, positions } = c;
  const tokens = site(c, "embed", "hook_embed", lookUp(c, vocabulary, ids));
  const rows = g.op("Gather", [weight("wpe.weight"), positions]);
  const places = g.op("Expand", [rows, g.op("Shape", [tokens])]);
  return g.op("Add", [tokens, site(c, "embed", "hook_pos_embed", places)]);
}

/** The rows of `ids`: each part answers for those it has, and the parts before it for the rest. */
function lookUp({ g }: GraphContext, vocabulary: readonly VocabularyPart[], ids: Value): Value {
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

/**
 * Rows `logit_rows` of the flattened final residual [B·T, d] → logits [K, V].
 * Gemm multiplies by the transposed matrix, so the embedding serves both ways without a second copy.
 */
export function unembedding(
  { g, config }: GraphContext,
  vocabulary: readonly VocabularyPart[],
  final: Value,
  rows: Value,
) {
  const flat = g.op("Reshape", [final, g.ints([-1, config.n_embd])]);
  const picked = g.op("Gather", [flat, rows], { ints: { axis: 0 } });
  const as = "logits";
  const times = ({ matrix }: VocabularyPart, named?: typeof as) =>
    g.op("Gemm", [picked, matrix], { ints: { transB: 1 }, ...(named && { as: named }) });
  if (vocabulary.length === 1) times(vocabulary[0]!, as);
  else
    g.op(
      "Concat",
      vocabulary.map((part) => times(part)),
      { as, ints: { axis: 1 } },
    );
  g.output(as, ["K", config.vocab_size]);
}
