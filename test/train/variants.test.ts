/** Every variant's backward pass against autodiff, against finite differences of the loss, and its features by hand. */
import "@tensorflow/tfjs"; // registers gradients, for the comparison only
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor } from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LOSS_PARTS, type Recipe } from "../../src/core/sae-recipe.ts";
import {
  namesOf,
  type ParameterArrays,
  type Parameters,
  toTensors,
} from "../../src/train/parameters.ts";
import { backwardWithSkip } from "../../src/train/skip.ts";
import { variantOf } from "../../src/train/variants/index.ts";
import type { Backward } from "../../src/train/variants/variant.ts";
import {
  B,
  D,
  E,
  F,
  featuresByHand,
  lossByHand,
  type Numbers,
  type Situation,
} from "./loss-by-hand.ts";
import { lossByOps } from "./loss-by-ops.ts";
import { normals, useWasm } from "./wasm.ts";

const x = normals(B * D, 5);
const someDead = Float32Array.from([0, 1, 0, 0, 1, 1, 0, 1, 0]);

const RECIPES: [name: string, recipe: Recipe][] = [
  ["L1", { variant: "standard", l1: 0.7, decoderNorm: "unit" }],
  ["L1 weighted by norms", { variant: "standard", l1: 0.7, decoderNorm: "weighted" }],
  ["TopK", { variant: "topk", k: 3 }],
  ["BatchTopK", { variant: "batchtopk", k: 2 }],
  ["Matryoshka", { variant: "matryoshka", k: 3, widths: [2, 5, F] }],
  ["JumpReLU", { variant: "jumprelu", targetL0: 2, l0Weight: 0.3, bandwidth: 0.8 }],
  ["gated", { variant: "gated", l1: 0.7 }],
];

function parametersOf({ variant }: Recipe, dOut = D): ParameterArrays {
  const smaller = (seed: number) => normals(F, seed).map((v) => v * 0.3);
  return {
    W_enc: normals(D * F, 1),
    W_decT: normals(dOut * F, 2),
    b_enc: smaller(3),
    b_dec: normals(dOut, 4),
    ...(variant === "jumprelu" && { log_threshold: smaller(6).map((v) => v - 0.5) }),
    ...(variant === "gated" && { r_mag: smaller(7), b_mag: smaller(8) }),
  };
}

const values = (t: Tensor) => Array.from(t.dataSync<"float32">());
const asNumbers = (arrays: ParameterArrays): Numbers => ({ ...arrays });

/** Run within a tidy. */
function backwardOf({ recipe, dead, pressure, y }: Situation, arrays: ParameterArrays): Backward {
  const isDead = dead && tf.tensor1d(Float32Array.from(dead));
  const x_BD = tf.tensor2d(x, [B, D]);
  const y_BE = y ? tf.tensor2d(Float32Array.from(y), [B, E]) : x_BD;
  const now = { pressure, dead: isDead };
  return variantOf(recipe).backward(toTensors(arrays, D, F), { x_BD, y_BE }, now);
}
function gradientsOf(situation: Situation, arrays: ParameterArrays): Record<string, number[]> {
  return tf.tidy(() => {
    const { gradients } = backwardOf(situation, arrays);
    return Object.fromEntries(namesOf(gradients).map((name) => [name, values(gradients[name]!)]));
  });
}

beforeAll(useWasm);
afterAll(() => tf.disposeVariables());

const cases = RECIPES.flatMap(([name, recipe]) =>
  [null, someDead].flatMap((dead): (Situation & { name: string })[] => [
    { name, recipe, dead, x, pressure: 0.6 },
    { name: `${name} transcoder`, recipe, dead, x, y: normals(B * E, 12), pressure: 0.6 },
  ]),
);

describe.each(cases)("backward of $name, dead $dead", (situation) => {
  const { recipe } = situation;
  const arrays = parametersOf(recipe, situation.y ? E : D);

  it("equals autodiff", async () => {
    await tf.setBackend("cpu"); // WASM has not every kernel that autodiff needs
    tf.tidy(() => {
      const p = toTensors(arrays, D, F);
      const { gradients } = backwardOf(situation, arrays);
      const names = namesOf(p);
      expect(namesOf(gradients)).toEqual(names);
      const auto = tf.grads((...tensors) =>
        lossByOps(
          Object.fromEntries(names.map((name, i) => [name, tensors[i]])) as unknown as Parameters,
          situation,
        ),
      )(names.map((name) => p[name]!));
      names.forEach((name, i) => {
        const [mine, theirs] = [values(gradients[name]!), values(auto[i]!)];
        expect(theirs.some((v) => v !== 0)).toBe(true);
        mine.forEach((v, j) => expect(v, `${name}[${j}]`).toBeCloseTo(theirs[j]!, 4));
      });
    });
    await useWasm();
  });

  it("equals finite differences of the loss, wherever the loss is smooth", () => {
    const byHand = gradientsOf(situation, arrays);
    const h = 1e-5;
    for (const name of namesOf(arrays)) {
      if (name === "log_threshold") continue; // below
      for (let i = 0; i < arrays[name]!.length; i += 2) {
        const moved = (by: number) => {
          const copy = Float64Array.from(arrays[name]!);
          copy[i]! += by;
          return lossByHand({ ...asNumbers(arrays), [name]: copy }, asNumbers(arrays), situation);
        };
        const slope = (moved(h) - moved(-h)) / (2 * h);
        const off = Math.abs(byHand[name]![i]! - slope) / (1 + Math.abs(slope));
        expect(off, `${name}[${i}]: ${byHand[name]![i]!} and ${slope}`).toBeLessThan(1e-5);
      }
    }
  });

  it("tells loss, error and active latents as they are by hand", () => {
    tf.tidy(() => {
      const { error, active, fires, sparsityLoss, parts } = backwardOf(situation, arrays);
      const f = featuresByHand(recipe, asNumbers(arrays), x);
      expect(values(active)).toEqual([f.flat().filter((v) => v > 0).length]);
      values(fires).forEach((n, j) => expect(n).toBe(f.filter((row) => row[j]! > 0).length));
      const squares = values(error).reduce((at, e) => at + e ** 2, 0) / B;
      const whole = lossByHand(asNumbers(arrays), asNumbers(arrays), situation);
      // Matryoshka's loss is of all its widths, what is reported of the last.
      const rebuilding = recipe.variant === "matryoshka" ? values(parts![0]!)[0]! : squares;
      expect((rebuilding + values(sparsityLoss)[0]!) / whole).toBeCloseTo(1, 6);
      const names = LOSS_PARTS[recipe.variant].filter((name) => name !== "nested");
      const beside = (parts ?? [sparsityLoss]).slice(-names.length).map((part) => values(part)[0]!);
      expect(beside.reduce((a, b) => a + b, 0)).toBeCloseTo(values(sparsityLoss)[0]!, 4);
      const x_BD = tf.tensor2d(x, [B, D]);
      values(variantOf(recipe).features(toTensors(arrays, D, F), x_BD)).forEach((v, i) =>
        expect(v).toBeCloseTo(f[Math.floor(i / F)]![i % F]!, 5),
      );
    });
  });

  it("leaves no tensors", () => {
    const before = tf.memory().numTensors;
    gradientsOf(situation, arrays);
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe.each(RECIPES)("a transcoder's skip connection, %s", (_, recipe) => {
  it("has the gradient of finite differences, and leaves the others theirs", () => {
    const y = normals(B * E, 12);
    const arrays = { ...parametersOf(recipe, E), W_skip: normals(E * D, 13).map((v) => v * 0.3) };
    /** What the skip connection leaves to the features, in float64. */
    const left = (W_skip: ArrayLike<number>) =>
      Float64Array.from(y, (v, i) => {
        const [b, e] = [Math.floor(i / E), i % E];
        let through = 0;
        for (let d = 0; d < D; d++) through += x[b * D + d]! * W_skip[e * D + d]!;
        return v - through;
      });
    const situation = { recipe, x, dead: null, pressure: 0.6 };
    const [found, error] = tf.tidy(() => {
      const pair = { x_BD: tf.tensor2d(x, [B, D]), y_BE: tf.tensor2d(y, [B, E]) };
      const now = { pressure: 0.6, dead: null };
      const params = toTensors(arrays, D, F);
      const back = backwardWithSkip(variantOf(recipe), params, pair, now);
      const { gradients } = back;
      return [
        Object.fromEntries(namesOf(gradients).map((name) => [name, values(gradients[name]!)])),
        values(back.error),
      ] as const;
    });
    const others = gradientsOf(
      { ...situation, y: Float32Array.from(left(arrays.W_skip)) },
      parametersOf(recipe, E),
    );
    for (const [name, wanted] of Object.entries(others)) {
      wanted.forEach((v, i) => expect(found[name]![i]!, name).toBeCloseTo(v, 4));
    }
    const loss = (W_skip: ArrayLike<number>) =>
      lossByHand(asNumbers(arrays), asNumbers(arrays), { ...situation, y: left(W_skip) });
    const h = 1e-5;
    expect(found["W_skip"]!.length).toBe(E * D);
    found["W_skip"]!.forEach((gradient, i) => {
      const moved = (by: number) => {
        const copy = Float64Array.from(arrays.W_skip);
        copy[i]! += by;
        return loss(copy);
      };
      const slope = (moved(h) - moved(-h)) / (2 * h);
      // The gate's own path takes its decoder, and so the skip connection, as constant.
      if (recipe.variant !== "gated") {
        expect(Math.abs(gradient - slope) / (1 + Math.abs(slope)), `[${i}]`).toBeLessThan(1e-5);
      }
      const byHand = sumOver(
        B,
        (b) => (2 / B) * error[b * E + Math.floor(i / D)]! * x[b * D + (i % D)]!,
      );
      if (recipe.variant !== "matryoshka") expect(gradient).toBeCloseTo(byHand, 4);
    });
  });
});
const sumOver = (n: number, term: (i: number) => number) =>
  Array.from({ length: n }, (_, i) => term(i)).reduce((a, b) => a + b, 0);

it("what revives a dead JumpReLU latent is the slope of its shortfall", () => {
  const recipe: Recipe = { variant: "jumprelu", targetL0: 2, l0Weight: 1, bandwidth: 0.8 };
  // Without a decoder nothing else has a gradient at the encoder.
  const arrays = { ...parametersOf(recipe), W_decT: new Float32Array(D * F) };
  const situation = { recipe, dead: someDead, x, pressure: 0 };
  const byHand = gradientsOf(situation, arrays);
  const h = 1e-3;
  for (const name of ["W_enc", "b_enc", "log_threshold"] as const) {
    byHand[name]!.forEach((gradient, i) => {
      const moved = (by: number) => {
        const copy = Float64Array.from(arrays[name]!);
        copy[i]! += by;
        return lossByHand({ ...asNumbers(arrays), [name]: copy }, asNumbers(arrays), situation);
      };
      const slope = (moved(h) - moved(-h)) / (2 * h);
      expect(gradient * 1e6, `${name}[${i}]`).toBeCloseTo(slope * 1e6, 2);
    });
    expect(byHand[name]!.some((v) => v !== 0)).toBe(true);
  }
});

/**
 * One latent reading one input, over many tokens that lie evenly about its threshold: then the loss of all of them is
 * nearly smooth in the threshold, and its slope is what the window must find.
 */
it("a threshold's gradient is the slope of the loss over many tokens", () => {
  const [theta, tokens, bandwidth] = [0.8, 40_000, 0.2];
  const recipe = { variant: "jumprelu", targetL0: 0.4, l0Weight: 2, bandwidth } as const;
  const inputs = Float32Array.from({ length: tokens }, (_, b) => (2 * (b + 0.5)) / tokens);
  const decoder = 0.7;
  const loss = (at: number) => {
    let [squares, active] = [0, 0];
    for (const v of inputs) {
      squares += ((v > at ? v * decoder : 0) - v) ** 2;
      if (v > at) active += 1;
    }
    return squares / tokens + 2 * (active / tokens / 0.4 - 1) ** 2;
  };
  const h = 0.02;
  const slope = ((loss(theta + h) - loss(theta - h)) / (2 * h)) * theta; // by ln θ
  const found = tf.tidy(() => {
    const params = toTensors(
      {
        ...{ W_enc: Float32Array.of(1), W_decT: Float32Array.of(decoder) },
        ...{ b_enc: Float32Array.of(0), b_dec: Float32Array.of(0) },
        log_threshold: Float32Array.of(Math.log(theta)),
      },
      1,
      1,
    );
    const x_BD = tf.tensor2d(inputs, [tokens, 1]);
    const { gradients } = variantOf(recipe).backward(
      params,
      { x_BD, y_BE: x_BD },
      { pressure: 1, dead: null },
    );
    return values(gradients.log_threshold!)[0]!;
  });
  expect(found).toBeCloseTo(slope, 1);
  expect(Math.abs(found / slope - 1)).toBeLessThan(0.02);
});
