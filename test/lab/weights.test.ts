/** The studies of the weights against full [D, D] and [V, V] products of an odd-sized model, in both bases. */
import { beforeEach, describe, expect, it } from "vitest";
import type { Basis } from "../../src/core/basis.ts";
import { COMPOSITIONS, type Circuit } from "../../src/core/weights.ts";
import { bench } from "../../src/lab/bench.ts";
import { weightsHandlers } from "../../src/lab/weights-handlers.ts";
import { svd } from "../../src/math/svd.ts";
import { dense, flipped, frobenius, times, trace, type Dense } from "../reference/dense.ts";
import { denseHeads } from "../reference/heads.ts";
import { madeUpModel, ODD } from "../reference/models.ts";
import { processed } from "../reference/tl-weights.ts";
import type { ReferenceModel } from "../reference/weights.ts";
import { referenceAsModel } from "./reference-model.ts";

const { n_embd: D, n_head: H, n_layer: L, vocab_size: V } = ODD;
const N = L * H;
const h = D / H;
const TOKENS = 9;
const raw = madeUpModel(ODD, 17, false);
const twin: Record<Basis, ReferenceModel> = { raw, tl: processed(raw) };
const context = ({ signal } = new AbortController()) => ({ signal, progress: () => {} });

beforeEach(async () => {
  await bench.set({ ...referenceAsModel(raw), dispose: () => Promise.resolve() });
});

describe.each(["raw", "tl"] as const)("in basis %s", (basis) => {
  const model = twin[basis];
  const heads = denseHeads(model);
  const W_E = dense(model.W_E, V);
  const W_U = dense(model.unembed.W, D);

  it("a head's singular values and directions, as tokens", async () => {
    const [layer, head] = [1, 3];
    const { value } = await weightsHandlers["study.headCircuits"](
      { basis, layer, head, pairs: 4, tokens: TOKENS },
      context(),
    );
    const { OV, QK } = heads[layer * H + head]!;
    check(value.ov, OV, W_E, flipped(W_U));
    check(value.qk, QK, W_E, W_E);
  });

  /** Against the SVD of the whole [D, D] matrix, its vectors taken through the whole token matrices, [V, D]. */
  function check(circuit: Circuit, W: Dense, left: Dense, right: Dense) {
    const whole = svd(Float64Array.from(W.flat()), D);
    expect(circuit.singularValues.length).toBe(h);
    circuit.singularValues.forEach((s, i) => expect(s).toBeCloseTo(whole.s_n[i]!, 5));
    expect(circuit.pairs.length).toBe(4);
    const through = (A: Dense, vectors: Float64Array, i: number) =>
      A.map((row) => row.reduce((sum, x, d) => sum + x * vectors[i * D + d]!, 0));
    circuit.pairs.forEach((pair, i) => {
      const [u, v] = [through(left, whole.u_nn, i), through(right, whole.v_nn, i)];
      const sign = Math.max(...v) === Math.max(...v.map(Math.abs)) ? 1 : -1;
      for (const [found, values] of [
        [pair.u, u],
        [pair.v, v],
      ] as const) {
        const signed = values.map((x) => sign * x);
        const order = signed.map((_, t) => t).sort((x, y) => signed[y]! - signed[x]!);
        expect(found.plus.ids.slice(0, 5)).toEqual(order.slice(0, 5));
        expect(found.minus.ids.slice(0, 5)).toEqual(order.slice(-5).reverse());
        expect(found.plus.strings[0]).toBe(String(order[0]));
        expect(found.plus.ids.length).toBe(TOKENS);
        for (const end of [found.plus, found.minus]) {
          end.ids.forEach((t, n) => expect(end.values[n]).toBeCloseTo(signed[t]!, 4));
        }
      }
    });
  }

  it("copying and matching scores, by the powers' traces of the whole [V, V] matrices", async () => {
    const { value } = await weightsHandlers["study.vocabularySpectra"]({ basis }, context());
    expect(value).toMatchObject({ basis, layers: L, heads: H, dHead: h });
    heads.forEach(({ OV, QK }, i) => {
      for (const [{ re, im, scores }, whole] of [
        [value.ov, times(times(W_E, OV), W_U)],
        [value.qk, times(times(W_E, QK), flipped(W_E))],
      ] as const) {
        const own = Array.from(
          { length: h },
          (_, j) => [re[i * h + j]!, im[i * h + j]!] as [number, number],
        );
        const scale = own.reduce((sum, [x, y]) => sum + Math.hypot(x, y), 0);
        const sum = own.reduce((total, [x]) => total + x, 0);
        expect(Math.abs(sum - trace(whole)) / scale).toBeLessThan(1e-5);
        const squares = own.reduce((total, [x, y]) => total + x * x - y * y, 0);
        expect(Math.abs(squares - trace(times(whole, whole))) / scale ** 2).toBeLessThan(1e-5);
        expect(scores[i]).toBeCloseTo(trace(whole) / scale, 4);
      }
    });
  });

  it("composition of all pairs, and a head's own, by full products", async () => {
    const { value } = await weightsHandlers["study.composition"]({ basis }, context());
    expect(value).toMatchObject({ basis, layers: L, heads: H });
    const [layer, head] = [1, 2];
    const at = layer * H + head;
    const { value: one } = await weightsHandlers["study.headComposition"](
      { basis, layer, head },
      context(),
    );
    const expected = (a: number, b: number, kind: "Q" | "K" | "V") => {
      const B = { Q: heads[b]!.QK, K: flipped(heads[b]!.QK), V: heads[b]!.OV }[kind];
      return frobenius(times(heads[a]!.OV, B)) / (frobenius(heads[a]!.OV) * frobenius(B));
    };
    for (const kind of COMPOSITIONS) {
      for (let i = 0; i < N; i++) {
        const own = one.scores[kind][i]!;
        if (heads[i]!.layer > layer) {
          expect(own).toBeCloseTo(expected(at, i, kind), 5);
          expect(value.scores[kind][at * N + i]).toBeCloseTo(own, 6);
        } else if (heads[i]!.layer < layer) {
          expect(own).toBeCloseTo(expected(i, at, kind), 5);
          expect(value.scores[kind][i * N + at]).toBeCloseTo(own, 6);
        } else expect(own).toBeNaN();
      }
    }
    expect(value.unrelated).toBe(one.unrelated);
  });
});

it("refuses a head that there is not, and stops when it is told to", async () => {
  const missing = { basis: "raw", layer: L, head: 0 } as const;
  await expect(weightsHandlers["study.headComposition"](missing, context())).rejects.toThrow(
    /no head L3H0/,
  );
  const stopped = new AbortController();
  stopped.abort();
  await expect(
    weightsHandlers["study.composition"]({ basis: "raw" }, context(stopped)),
  ).rejects.toThrow(/abort/i);
});
