import { describe, expect, it } from "vitest";
import { COMPOSITIONS } from "../../src/core/weights.ts";
import {
  allCompositions,
  composingHead,
  pairComposition,
  unrelatedScore,
} from "../../src/math/composition.ts";
import { thinQr } from "../../src/math/thin-qr.ts";
import { dense, flipped, frobenius, times } from "../reference/dense.ts";
import { denseHeads } from "../reference/heads.ts";
import { madeUpModel, ODD, randomValues } from "../reference/models.ts";

/** One head of a layer of its own: W_Q, W_K and W_V [D, h], W_O [h, D]. */
const headOf = (
  layer: number,
  D: number,
  W_Q: number[],
  W_K: number[],
  W_V: number[],
  W_O: number[],
) => {
  const of = (x: number[]) => Float32Array.from(x);
  const weights = { W_Q: of(W_Q), W_K: of(W_K), W_V: of(W_V), W_O: of(W_O) };
  return composingHead(weights, layer, 0, D, W_Q.length / D);
};
const finish = <T>(work: Generator<unknown, T>): T => {
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
  }
};
const random = (n: number, ...key: number[]) => [...randomValues(n, ...key)];

describe("composition", () => {
  it("of heads of rank one is the cosine between what is written and what is read", () => {
    const D = 3;
    const any = [1, 2, -1];
    const writer = headOf(0, D, any, any, [0.5, 1, 0], [3, 4, 0]); // writes along (3, 4, 0)/5
    const reader = headOf(1, D, [1, 0, 0], [0, 0, 2], [0, 7, 0], any);
    expect(pairComposition(writer, reader)).toEqual({
      Q: expect.closeTo(0.6, 12) as number,
      K: 0,
      V: expect.closeTo(0.8, 12) as number,
    });
  });

  it("is that of the full [D, D] products, for every pair of a model, one by one and all at once", () => {
    const model = madeUpModel(ODD, 21);
    const { n_embd: D, n_head: H, n_layer: L } = ODD;
    const h = D / H;
    const reference = denseHeads(model);
    const tensor = (name: "W_Q" | "W_K" | "W_V" | "W_O", layer: number) =>
      Float32Array.from(
        reference.filter((head) => head.layer === layer).flatMap((head) => head[name].flat()),
      );
    const heads = Array.from({ length: L }, (_, layer) => {
      const [W_Q, W_K, W_V, W_O] = (["W_Q", "W_K", "W_V", "W_O"] as const).map((name) =>
        tensor(name, layer),
      );
      return Array.from({ length: H }, (__, head) =>
        composingHead({ W_Q: W_Q!, W_K: W_K!, W_V: W_V!, W_O: W_O! }, layer, head, D, h),
      );
    }).flat();
    const all = finish(allCompositions(heads));
    const N = heads.length;
    for (let a = 0; a < N; a++) {
      for (let b = 0; b < N; b++) {
        if (heads[a]!.layer >= heads[b]!.layer) {
          for (const kind of COMPOSITIONS) expect(all[kind][a * N + b]).toBeNaN();
          continue;
        }
        const [one, other] = [reference[a]!, reference[b]!];
        const pair = pairComposition(heads[a]!, heads[b]!);
        for (const kind of COMPOSITIONS) {
          const B = { Q: other.QK, K: flipped(other.QK), V: other.OV }[kind];
          const expected = frobenius(times(one.OV, B)) / (frobenius(one.OV) * frobenius(B));
          expect(pair[kind]).toBeCloseTo(expected, 6); // the head's weights are float32
          expect(all[kind][a * N + b]).toBeCloseTo(expected, 6);
        }
      }
    }
  });

  it("is 0 where a reader looks only where the writer never writes, and NaN for a head of zeros", () => {
    const D = 11;
    const wide = (x: number[], at: number) =>
      x.map((value, i) => (i % D < 5 === (at === 0) ? value : 0));
    const tall = (x: number[], at: number) =>
      x.map((value, i) => (Math.floor(i / 3) < 5 === (at === 0) ? value : 0));
    const r = (key: number) => random(3 * D, 31, key);
    const writer = headOf(0, D, r(1), r(2), r(3), wide(r(4), 0));
    const reader = headOf(1, D, tall(r(5), 1), r(6), tall(r(7), 1), r(8));
    const zero = headOf(2, D, r(9), r(10), r(11), new Array<number>(3 * D).fill(0));
    const all = finish(allCompositions([writer, reader, zero]));
    expect(all.Q[1]).toBeLessThan(1e-7);
    expect(all.V[1]).toBeLessThan(1e-7);
    expect(all.K[1]).toBeGreaterThan(0.1);
    expect(pairComposition(writer, reader).Q).toBe(0);
    expect(all.V[2]).toBeNaN(); // it writes nothing, so its OV circuit has no length
    expect(all.Q[2]).toBeGreaterThan(0.05);
  });

  it("knows no unit: a head's weights may be scaled, and its d_head dimensions turned", () => {
    const [D, h] = [9, 4];
    const r = (key: number) => random(h * D, 41, key);
    const turn = dense(thinQr(randomValues(h * h, 42), h).q_nD, h);
    const [Wq, Wk, Wv, Wo] = [r(1), r(2), r(3), r(4)];
    const writer = headOf(0, D, r(5), r(6), r(7), r(8));
    const turned = headOf(
      1,
      D,
      times(dense(Wq, D), turn).flat(),
      times(dense(Wk, D), turn)
        .flat()
        .map((x) => 8 * x),
      times(dense(Wv, D), turn).flat(),
      times(flipped(turn), dense(Wo, h)).flat(),
    );
    const [plain, other] = [headOf(1, D, Wq, Wk, Wv, Wo), turned].map((head) =>
      pairComposition(writer, head),
    );
    for (const kind of COMPOSITIONS) expect(other![kind]).toBeCloseTo(plain![kind], 6);
  });

  it("of unrelated heads has 1/√D for its root mean square, whatever they are", () => {
    const D = 7;
    const a = [4, 1, 0.2, 0, 0, 0, 0];
    const b = [1, 1, 1, 3, 0, 0, 0];
    let sum = 0;
    const CASES = 4000;
    for (let seed = 1; seed <= CASES; seed++) {
      const R = dense(thinQr(randomValues(D * D, 51, seed), D).q_nD, D);
      const AB = R.map((row, i) => row.map((x, j) => a[i]! * x * b[j]!));
      sum += (frobenius(AB) / (Math.hypot(...a) * Math.hypot(...b))) ** 2;
    }
    const expected = unrelatedScore(D, "raw");
    expect(expected).toBeCloseTo(1 / Math.sqrt(7), 14);
    expect(Math.sqrt(sum / CASES) / expected).toBeCloseTo(1, 1);
    expect(Math.abs(Math.sqrt(sum / CASES) / expected - 1)).toBeLessThan(0.02);
    expect(unrelatedScore(D, "tl")).toBeCloseTo(1 / Math.sqrt(6), 14);
  });
});
