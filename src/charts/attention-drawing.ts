/**
 * One picture of attention: of a side of a comparison, or of their difference. Its squares are those of heads or of means, and
 * its positions are its own; `fromA` and `toA` translate those of side a, which are selected and pointed at everywhere.
 */
import { type AlignedPair, alignedSquareDifference } from "./align.ts";
import { headPattern, patternDims } from "./attention.ts";
import { headsOf, type HeadUnit } from "./head-units.ts";
import type { AttentionFacts } from "../core/attention.ts";
import type { PromptView } from "../core/prompt-view.ts";
import type { TensorData, Tokens } from "../core/types.ts";
import { meanPattern, weightedByKey } from "../math/attention-norms.ts";
import { type TokenLabel, tokenLabels } from "../ui/token-text.ts";
import type { Shown } from "./attention-shown.ts";

export interface Drawing {
  id: "a" | "b" | "difference";
  labels: readonly TokenLabel[];
  /** Whether numbers below 0 mean something. */
  signed: boolean;
  /** [T, T]; the same array whenever it is asked for. */
  square: (unit: HeadUnit) => Float32Array;
  fromA: (position: number) => number | null;
  toA: (position: number) => number | null;
}

/** What a side is drawn from. */
export interface AttentionSide {
  tokens: Tokens;
  /** The first layer that the tensors tell of. */
  layer: number;
  pattern: TensorData;
  /** Raw scores and lengths; null where only patterns are known. */
  more: Pick<AttentionFacts, "scores" | "valueNorms" | "outputNorms"> | null;
}
export const sideOfView = ({ tokens, pattern }: PromptView): AttentionSide => ({
  ...{ tokens, pattern, layer: 0, more: null },
});
export const sideOfFacts = (facts: AttentionFacts): AttentionSide => ({ ...facts, more: facts });

/** Whether a side tells of all heads of a unit. */
export const tells = ({ layer, pattern }: AttentionSide, unit: HeadUnit, layers: number) => {
  const [first, last] = unit.layer === null ? [0, layers - 1] : [unit.layer, unit.layer];
  return first >= layer && last < layer + pattern.dims[0]!;
};

/** ‖v‖ or ‖v W_O‖ of one head, [T]: a view. */
export function lengthsOf(
  { dims, data }: TensorData,
  first: number,
  layer: number,
  head: number,
): Float32Array {
  const [, heads = 0, tokens = 0] = dims;
  const from = ((layer - first) * heads + head) * tokens;
  return data.subarray(from, from + tokens);
}

function headSquare(side: AttentionSide, shown: Shown, layer: number, head: number) {
  const { pattern, more, layer: first } = side;
  const A_QK = headPattern(pattern, layer - first, head);
  if (shown === "pattern" || !more) return A_QK;
  if (shown === "scores") return headPattern(more.scores, layer - first, head);
  const lengths = shown === "value" ? more.valueNorms : more.outputNorms;
  return weightedByKey(A_QK, lengthsOf(lengths, first, layer, head));
}

/** The same answer to the same question: squares are made once, however often they are drawn. */
function remembered(make: (unit: HeadUnit) => Float32Array): (unit: HeadUnit) => Float32Array {
  const known = new Map<string, Float32Array>();
  return (unit) => {
    const key = `${unit.layer} ${unit.head}`;
    const square = known.get(key) ?? make(unit);
    known.set(key, square);
    return square;
  };
}

/** @param layers of the model */
export function sideDrawing(
  id: "a" | "b",
  side: AttentionSide,
  shown: Shown,
  layers: number,
  pairs: readonly AlignedPair[],
): Drawing {
  const { heads } = patternDims(side.pattern);
  const own = (pair: AlignedPair) => pair[id];
  const index = new Map(pairs.map((pair) => [own(pair), pair]));
  const ofA = new Map(pairs.map((pair) => [pair.a, pair]));
  return {
    id,
    labels: tokenLabels(side.tokens.strings),
    signed: shown === "scores",
    square: remembered((unit) => {
      const squares = headsOf(unit, { layers, heads }).map(({ layer, head }) =>
        headSquare(side, shown, layer, head),
      );
      return squares.length === 1 ? squares[0]! : meanPattern(squares);
    }),
    fromA: (position) => ofA.get(position)?.[id] ?? null,
    toA: (position) => index.get(position)?.a ?? null,
  };
}

/** b − a, where both have the token. @param names one a pair */
export function differenceDrawing(
  a: Drawing,
  b: Drawing,
  pairs: readonly AlignedPair[],
  names: readonly string[],
): Drawing {
  return {
    id: "difference",
    labels: names.map(plainLabel),
    signed: true,
    square: remembered((unit) => alignedSquareDifference(a.square(unit), b.square(unit), pairs)),
    fromA: (position) => {
      const at = pairs.findIndex((pair) => pair.a === position);
      return at < 0 ? null : at;
    },
    toA: (position) => pairs[position]?.a ?? null,
  };
}

/** A name of two tokens, which is shown as it is. */
const plainLabel = (text: string): TokenLabel => ({
  ...{ text, name: text, parts: [{ text, mark: false }] },
  ...{ detail: null, special: false, joinsNext: false },
});
