/**
 * The loss of every way to train, by plain loops in float64: shares nothing with TensorFlow.js. `held` are the parameters
 * of which whatever is held constant is taken: what is left over of the auxiliary loss, and the gate's decoder.
 */
import type { Recipe } from "../../src/core/sae-recipe.ts";

export const [B, D, E, F] = [6, 5, 4, 9];
export type Numbers = Record<string, ArrayLike<number>>;
type Rows = number[][];

export interface Situation {
  recipe: Recipe;
  x: ArrayLike<number>;
  /** What is to be rebuilt, [B, E] of a transcoder. @default x */
  y?: ArrayLike<number>;
  pressure: number;
  /** [F] of 0 and 1 */
  dead: ArrayLike<number> | null;
}

export function lossByHand(p: Numbers, held: Numbers, situation: Situation): number {
  const { recipe, x, dead, pressure } = situation;
  const { target, width } = targetOf(situation);
  const pre = preOf(p, x);
  const f = featuresByHand(recipe, p, x);
  const squares = (xHat: Rows) =>
    sum(xHat.map((row, b) => sum(row.map((v, d) => (v - target[b * width + d]!) ** 2)))) / B;
  const rebuild = squares(decode(f, p));
  const all = (rows: Rows) => sum(rows.map(sum));
  switch (recipe.variant) {
    case "standard": {
      const price = (i: number) =>
        recipe.decoderNorm === "unit" ? 1 : normOfColumn(p["W_decT"]!, i);
      const cost = all(f.map((row) => row.map((v, i) => v * price(i))));
      return rebuild + (pressure * recipe.l1 * cost) / B;
    }
    case "topk":
    case "batchtopk":
      return rebuild + auxiliary(p, held, situation);
    case "matryoshka": {
      const each = recipe.widths.map((m) =>
        squares(
          decode(
            f.map((row) => row.map((v, i) => (i < m ? v : 0))),
            p,
          ),
        ),
      );
      return sum(each) / each.length + auxiliary(p, held, situation);
    }
    case "jumprelu": {
      const l0 = f.flat().filter((v) => v > 0).length / B;
      const pull = pressure * recipe.l0Weight * width * (l0 / recipe.targetL0 - 1) ** 2;
      return rebuild + pull + (dead ? shortfall(p, pre, dead) : 0);
    }
    case "gated": {
      const open = pre.map((row) => row.map((v) => Math.max(v, 0)));
      return rebuild + (pressure * recipe.l1 * all(open)) / B + squares(decode(open, held));
    }
  }
}

/** 3e-6 · mean over tokens of Σ over the dead of max(θ − pre, 0) */
const shortfall = (p: Numbers, pre: Rows, dead: ArrayLike<number>): number =>
  (3e-6 / B) *
  sum(
    pre.flatMap((row) =>
      row.map((v, i) => dead[i]! * Math.max(Math.exp(p["log_threshold"]![i]!) - v, 0)),
    ),
  );

/** f [B][F] as the variant has it on a batch. */
export function featuresByHand(recipe: Recipe, p: Numbers, x: ArrayLike<number>): Rows {
  const pre = preOf(p, x);
  switch (recipe.variant) {
    case "standard":
      return pre.map((row) => row.map((v) => Math.max(v, 0)));
    case "topk":
      return pre.map((row) => atLeast([row], kth(row, recipe.k))[0]!);
    case "batchtopk":
    case "matryoshka":
      return atLeast(pre, kth(pre.flat(), recipe.k * B));
    case "jumprelu":
      return pre.map((row) => row.map((v, i) => (v > Math.exp(p["log_threshold"]![i]!) ? v : 0)));
    case "gated":
      return pre.map((row) =>
        row.map((v, i) => {
          const magnitude = (v - p["b_enc"]![i]!) * Math.exp(p["r_mag"]![i]!) + p["b_mag"]![i]!;
          return v > 0 ? Math.max(magnitude, 0) : 0;
        }),
      );
  }
}

/** The D/2 best of the dead try to rebuild what is left over, measured by its variance. */
function auxiliary(p: Numbers, held: Numbers, situation: Situation): number {
  const { recipe, x, dead } = situation;
  if (!dead) return 0;
  const { target, width } = targetOf(situation);
  const half = Math.floor(width / 2);
  const leftOver = decode(featuresByHand(recipe, held, x), held).map((row, b) =>
    row.map((v, d) => target[b * width + d]! - v),
  );
  const z = preOf(p, x).map((row) => {
    const ofDead = row.map((v, i) => (dead[i] ? v : -Infinity));
    return atLeast([ofDead], kth(ofDead, half))[0]!;
  });
  const unbiased = { ...p, b_dec: new Float64Array(width) };
  const missed = decode(z, unbiased).map((row, b) =>
    sum(row.map((v, d) => (v - leftOver[b]![d]!) ** 2)),
  );
  const mean = range(width).map((d) => sum(leftOver.map((row) => row[d]!)) / B);
  const variance = sum(leftOver.map((row) => sum(row.map((v, d) => (v - mean[d]!) ** 2))));
  return ((width / 32) * sum(missed)) / variance;
}

export const preOf = (p: Numbers, x: ArrayLike<number>): Rows =>
  range(B).map((b) =>
    range(F).map(
      (f) => p["b_enc"]![f]! + sum(range(D).map((d) => x[b * D + d]! * p["W_enc"]![d * F + f]!)),
    ),
  );
const targetOf = ({ x, y }: Situation) => ({ target: y ?? x, width: (y ?? x).length / B });
const decode = (f: Rows, p: Numbers): Rows =>
  f.map((row) =>
    range(p["b_dec"]!.length).map(
      (d) => p["b_dec"]![d]! + sum(row.map((v, i) => v * p["W_decT"]![d * F + i]!)),
    ),
  );
const normOfColumn = (W: ArrayLike<number>, i: number) =>
  Math.hypot(...range(W.length / F).map((d) => W[d * F + i]!));
const kth = (values: number[], k: number) => values.toSorted((a, b) => b - a)[k - 1]!;
const atLeast = (rows: Rows, least: number): Rows =>
  rows.map((row) => row.map((v) => (v >= least ? Math.max(v, 0) : 0)));
const range = (n: number) => Array.from({ length: n }, (_, i) => i);
const sum = (values: number[]) => values.reduce((a, b) => a + b, 0);
