/** Logistic regression against the conditions of its optimum, and probes on features that are planted. */
import { describe, expect, it } from "vitest";
import { decision, fitLogistic, slopes } from "../../src/math/logistic.ts";
import { keyedRandom, normal } from "../../src/math/keyed-random.ts";
import { mostDifferent, type ProbeCase, sparseProbe } from "../../src/math/sparse-probe.ts";

const random = keyedRandom(3);

describe("logistic regression", () => {
  const [N, K] = [60, 3];
  const x = Float64Array.from({ length: N * K }, () => normal(random));
  const y = Array.from(
    { length: N },
    (_, n) => x[n * K]! - 0.5 * x[n * K + 2]! + normal(random) > 0.3,
  );
  /** ½‖w‖² + Σ ln(1 + e^(−s·z)), literally. */
  const loss = (w: ArrayLike<number>, b: number) => {
    let sum = 0;
    for (let k = 0; k < K; k++) sum += 0.5 * w[k]! ** 2;
    for (let n = 0; n < N; n++) {
      let z = b;
      for (let k = 0; k < K; k++) z += w[k]! * x[n * K + k]!;
      sum += Math.log(1 + Math.exp(y[n] ? -z : z));
    }
    return sum;
  };
  it("finds the least loss: any step away from it is worse", () => {
    const { w, b } = fitLogistic(x, y, K);
    const least = loss(w, b);
    for (let k = 0; k <= K; k++) {
      for (const step of [-1e-3, 1e-3]) {
        const moved = Float64Array.of(...w, b);
        moved[k]! += step;
        expect(loss(moved.subarray(0, K), moved[K]!)).toBeGreaterThan(least);
      }
    }
    expect(loss([0, 0, 0], 0)).toBeGreaterThan(least + 5);
  });
  it("has the loss's own slopes", () => {
    const theta = Float64Array.of(0.3, -0.2, 0.5, 0.1);
    const { gradient } = slopes(x, y, theta);
    gradient.forEach((g, i) => {
      const at = (step: number) => {
        const t = theta.slice();
        t[i]! += step;
        return loss(t.subarray(0, K), t[K]!);
      };
      expect(g).toBeCloseTo((at(1e-5) - at(-1e-5)) / 2e-5, 5);
    });
  });
  it("stays finite where the classes can be told apart without error, and refuses one class alone", () => {
    const fitted = fitLogistic(Float64Array.of(-2, -1, 1, 2), [false, false, true, true], 1);
    expect(fitted.w[0]).toBeGreaterThan(0.5);
    expect(decision(fitted, Float64Array.of(0))).toBeCloseTo(0, 6);
    expect(() => fitLogistic(Float64Array.of(1, 2), [true, true], 1)).toThrow(/2 of 2 cases/);
  });
});

describe("a sparse probe", () => {
  const F = 40;
  /** Features 7 and 30 fire on most members, 21 on most others, each by itself; 3 on anything and strongly. */
  const caseOf = (member: boolean): ProbeCase => {
    const row: [number, number][] = [[3, 50 * random()]];
    if (random() < (member ? 0.8 : 0.2)) row.push([7, 1.5]);
    if (random() < (member ? 0.3 : 0.75)) row.push([21, 1.5]);
    if (random() < (member ? 0.75 : 0.3)) row.push([30, 1.5]);
    return {
      row: {
        features: Int32Array.from(row, ([f]) => f),
        values: Float32Array.from(row, ([, v]) => v),
      },
      member,
    };
  };
  const cases = (n: number) => Array.from({ length: n }, (_, i) => caseOf(i % 2 === 0));
  const [train, test] = [cases(800), cases(400)];
  it("takes the features whose means differ most, by hand on three tokens", () => {
    const token = (member: boolean, features: number[], values: number[]): ProbeCase => ({
      row: { features: Int32Array.from(features), values: Float32Array.from(values) },
      member,
    });
    // |differences|: feature 0: (4 + 0)/2 − 1 = 1; 1: 3; 2: 0; 3: (0 + 5)/2 = 2.5
    const three = [token(true, [0], [4]), token(true, [3], [5]), token(false, [0, 1], [1, 3])];
    expect(mostDifferent(three, 4, 3)).toEqual([1, 3, 0]);
  });
  it("finds the planted features, and does better with all three than with one", () => {
    const one = sparseProbe(train, test, F, 1);
    const two = sparseProbe(train, test, F, 5);
    expect(one.features).toEqual([7]);
    expect(two.features.slice(0, 3).sort((a, b) => a - b)).toEqual([7, 21, 30]);
    // By one of them 80 of a hundred; by the majority of three some 86.
    expect(one.accuracy).toBeGreaterThan(0.75);
    expect(two.accuracy).toBeGreaterThan(one.accuracy + 0.02);
  });
  it("is at chance where nothing tells the class", () => {
    const blind = (n: number) =>
      Array.from({ length: n }, (_, i) => ({ ...caseOf(random() < 0.5), member: i % 2 === 0 }));
    expect(Math.abs(sparseProbe(blind(800), blind(400), F, 1).accuracy - 0.5)).toBeLessThan(0.1);
  });
});
