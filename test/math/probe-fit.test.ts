/** Probes against the normal equations, Newton's steps, differences, and directions that were planted. */
import { describe, expect, it } from "vitest";
import reference from "../fixtures/probe.json" with { type: "json" };
import { cholesky, solveCholesky } from "../../src/math/cholesky.ts";
import { keyedRandom, normal } from "../../src/math/keyed-random.ts";
import { fitLogistic } from "../../src/math/logistic.ts";
import { minimise } from "../../src/math/minimise.ts";
import { createDesign, type Design } from "../../src/math/probe-design.ts";
import {
  classesOf,
  createFitter,
  directionsOf,
  scoresOf,
  slopeOf,
  type Targets,
} from "../../src/math/probe-fit.ts";

const range = (n: number) => Int32Array.from({ length: n }, (_, i) => i);
const random = keyedRandom(5);
const normals = (n: number) => Float32Array.from({ length: n }, () => normal(random));

/** Inputs of very different sizes and places, as activations have them. */
function inputs(N: number, D: number): Float32Array {
  const x = normals(N * D);
  return x.map((v, i) => v * 10 ** ((i % D) - 1) + 7 * (i % D));
}

describe("the solver", () => {
  it("solves by Cholesky's factor", () => {
    // L = [[2,0],[3,1]], A = L·Lᵀ = [[4,6],[6,10]], A·(1, −2) = (−8, −14)
    const L = cholesky(Float64Array.of(4, 6, 6, 10), 2);
    expect([...L]).toEqual([2, 0, 3, 1]);
    const b = Float64Array.of(-8, -14);
    solveCholesky(L, b);
    expect([...b]).toEqual([1, -2]);
  });
  it("refuses a matrix that is not positive definite", () => {
    expect(() => cholesky(Float64Array.of(1, 2, 2, 1), 2)).toThrow(/positive definite/);
  });
  it("finds the least value of a narrow valley", async () => {
    const slope = (x: Float64Array, g: Float64Array) => {
      g[0] = 1e4 * (x[0]! - 3);
      g[1] = x[1]! + 5 + Math.tanh(x[1]!);
      return 5e3 * (x[0]! - 3) ** 2 + x[1]! ** 2 / 2 + 5 * x[1]! + Math.log(Math.cosh(x[1]!));
    };
    const { x, converged } = await minimise(slope, new Float64Array(2));
    expect(converged).toBe(true);
    expect(x[0]).toBeCloseTo(3, 10);
    expect(x[1]! + 5 + Math.tanh(x[1]!)).toBeCloseTo(0, 6);
  });
});

/** Ridge by the normal equations on standardised inputs, with the intercept as the mean. */
function ridge(x: Float32Array, y: Float64Array, D: number, lambda: number) {
  const N = y.length;
  const mean = Array.from({ length: D }, (_, d) => {
    let sum = 0;
    for (let n = 0; n < N; n++) sum += x[n * D + d]! / N;
    return sum;
  });
  const sd = mean.map((m, d) => {
    let sum = 0;
    for (let n = 0; n < N; n++) sum += (x[n * D + d]! - m) ** 2 / N;
    return Math.sqrt(sum);
  });
  const z = (n: number, d: number) => (x[n * D + d]! - mean[d]!) / sd[d]!;
  const A = new Float64Array(D * D);
  const b = new Float64Array(D);
  for (let n = 0; n < N; n++) {
    for (let i = 0; i < D; i++) {
      b[i]! += z(n, i) * y[n]!;
      for (let j = 0; j < D; j++) A[i * D + j]! += z(n, i) * z(n, j);
    }
  }
  for (let d = 0; d < D; d++) A[d * D + d]! += lambda * N; // Ridge's α
  solveCholesky(cholesky(A, D), b);
  const yMean = y.reduce((a, v) => a + v, 0) / N;
  const w = [...b].map((v, d) => v / sd[d]!);
  return { w, b: yMean - w.reduce((sum, v, d) => sum + v * mean[d]!, 0) };
}

describe("ridge", () => {
  it("is the hand's line through three points", async () => {
    // x 0 1 2, y 1 3 8: mean 1 and 4, Σ(x−1)(y−4) = 7, Σ(x−1)² = 2; sd² = 2/3, so α = λN = 3λ on z is 3λ·2/3 on x.
    const x = Float32Array.of(0, 1, 2);
    const fit = createFitter(await createDesign(x, 1, range(3)));
    const y = Float64Array.of(1, 3, 8);
    const { W, b } = await fit({ kind: "numbers", y }, { loss: "linear", lambda: 0.5 });
    expect(W[0]).toBeCloseTo(7 / (2 + 0.5 * 3 * (2 / 3)), 5);
    expect(b[0]).toBeCloseTo(4 - 7 / 3, 5);
  });
  it.each([
    [23, 4, 0.01],
    [9, 6, 1],
    [40, 3, 1e-4],
  ])("is the normal equations' (N %i, D %i, λ %f)", async (N, D, lambda) => {
    const x = inputs(N, D);
    const y = Float64Array.from({ length: N }, (_, n) => x[n * D]! * 3 + normal(random) - 2);
    const probe = await createFitter(await createDesign(x, D, range(N)))(
      { kind: "numbers", y },
      { loss: "linear", lambda },
    );
    const by = ridge(x, y, D, lambda);
    expect(probe.converged).toBe(true);
    probe.W.forEach((v, d) => expect(v * 10 ** d).toBeCloseTo(by.w[d]! * 10 ** d, 4));
    expect(probe.b[0]! / Math.max(1, Math.abs(by.b))).toBeCloseTo(
      by.b / Math.max(1, Math.abs(by.b)),
      4,
    );
  });
  it("finds a planted direction exactly where numbers lie along it", async () => {
    const [N, D] = [50, 4];
    const x = normals(N * D);
    const planted = [0.5, -2, 0, 3];
    const y = Float64Array.from({ length: N }, (_, n) =>
      planted.reduce((sum, v, d) => sum + v * x[n * D + d]!, 1.5),
    );
    const probe = await createFitter(await createDesign(x, D, range(N)))(
      { kind: "numbers", y },
      { loss: "linear", lambda: 1e-9 },
    );
    planted.forEach((v, d) => expect(probe.W[d]).toBeCloseTo(v, 5));
    expect(probe.b[0]).toBeCloseTo(1.5, 5);
  });
  it("of two classes is ridge on ±1", async () => {
    const x = inputs(20, 3);
    const y = Int32Array.from({ length: 20 }, (_, n) => Number(x[n * 3]! > 0));
    const probe = await createFitter(await createDesign(x, 3, range(20)))(
      { kind: "classes", y, K: 2 },
      { loss: "linear", lambda: 0.1 },
    );
    const by = ridge(
      x,
      Float64Array.from(y, (k) => 2 * k - 1),
      3,
      0.1,
    );
    probe.W.forEach((v, d) => expect(v).toBeCloseTo(by.w[d]!, 5));
  });
});

describe("the logistic probe", () => {
  it("is what Newton's steps find, with λ = 1/N", async () => {
    const [N, D] = [31, 3];
    const x = normals(N * D);
    const y = Int32Array.from({ length: N }, (_, n) =>
      Number(x[n * D]! - x[n * D + 2]! + normal(random) > 0),
    );
    const design = await createDesign(x, D, range(N));
    const probe = await createFitter(design)(
      { kind: "classes", y, K: 2 },
      { loss: "logistic", lambda: 1 / N },
    );
    const newton = fitLogistic(
      Float64Array.from(design.z),
      [...y].map((k) => k === 1),
      D,
    );
    newton.w.forEach((v, d) => expect(probe.start[d]).toBeCloseTo(v, 5));
    expect(probe.start[D]).toBeCloseTo(newton.b, 5);
  });

  const cases: [string, Targets, "logistic" | "linear"][] = [
    ["of two classes", { kind: "classes", y: Int32Array.of(0, 1, 1, 0, 1), K: 2 }, "logistic"],
    ["of three", { kind: "classes", y: Int32Array.of(0, 1, 2, 2, 1), K: 3 }, "logistic"],
    ["linear, of three", { kind: "classes", y: Int32Array.of(0, 1, 2, 2, 1), K: 3 }, "linear"],
    ["of numbers", { kind: "numbers", y: Float64Array.of(1, -2, 0.5, 3, 9) }, "linear"],
  ];
  it.each(cases)("has the slope that differences say: %s", async (_, targets, loss) => {
    const design = await createDesign(normals(10), 2, range(5));
    const slope = slopeOf(design, targets, loss, 0.3);
    const R = targets.kind === "classes" && targets.K === 3 ? 3 : 1;
    const at = Float64Array.from({ length: R * 3 }, () => normal(random));
    const gradient = new Float64Array(at.length);
    slope(at, gradient);
    const spare = new Float64Array(at.length);
    gradient.forEach((g, i) => {
      const h = 1e-5;
      const [up, down] = [at.slice(), at.slice()];
      up[i]! += h;
      down[i]! -= h;
      expect((slope(up, spare) - slope(down, spare)) / (2 * h)).toBeCloseTo(g, 7);
    });
  });

  it("finds a planted direction among inputs of any size, and is the same each time", async () => {
    const [N, D] = [600, 5];
    const x = inputs(N, D);
    const planted = [2, -1, 0, 0, 0.003];
    const y = Int32Array.from({ length: N }, (_, n) =>
      Number(planted.reduce((sum, v, d) => sum + v * (x[n * D + d]! - 7 * d), 0) > 0),
    );
    const design = await createDesign(x, D, range(N));
    const fit = () =>
      createFitter(design)({ kind: "classes", y, K: 2 }, { loss: "logistic", lambda: 1e-5 });
    const probe = await fit();
    expect((await fit()).W).toEqual(probe.W);
    const told = classesOf(scoresOf(probe, x, range(N)), 2);
    expect(told.filter((k, n) => k === y[n]).length).toBeGreaterThan(0.98 * N);
    const [direction] = directionsOf(probe, x, range(N));
    const length = Math.hypot(...planted);
    const cosine = planted.reduce((sum, v, d) => sum + (v / length) * direction!.unit[d]!, 0);
    expect(cosine).toBeGreaterThan(0.999);
    // s = slope · (x·unit) + b: the direction and its scale say what the probe says.
    const s = scoresOf(probe, x, range(N));
    for (let n = 0; n < 10; n++) {
      let along = 0;
      for (let d = 0; d < D; d++) along += x[n * D + d]! * direction!.unit[d]!;
      expect(direction!.slope * along + probe.b[0]!).toBeCloseTo(s[n]!, 2);
    }
  });

  it("tells the same from x as from standardised inputs", async () => {
    const [N, D] = [40, 4];
    const x = inputs(N, D);
    const y = Int32Array.from({ length: N }, (_, n) => n % 3);
    const design = await createDesign(x, D, range(N));
    const { W, b, start } = await createFitter(design)(
      { kind: "classes", y, K: 3 },
      { loss: "logistic", lambda: 0.01 },
    );
    const s = scoresOf({ W, b }, x, range(N));
    for (let n = 0; n < N; n++) {
      for (let r = 0; r < 3; r++) {
        let before = start[3 * D + r]!;
        for (let d = 0; d < D; d++) before += start[r * D + d]! * design.z[n * D + d]!;
        expect(s[n * 3 + r]).toBeCloseTo(before, 4);
      }
    }
  });

  it("gets there without a Gram matrix too", async () => {
    const [N, D] = [25, 3];
    const x = inputs(N, D);
    const y = Int32Array.from({ length: N }, (_, n) => Number(n % 4 === 0));
    const design = await createDesign(x, D, range(N));
    const wide: Design = { ...design, gram: null };
    const options = { loss: "logistic", lambda: 0.01 } as const;
    const [a, b] = [
      await createFitter(design)({ kind: "classes", y, K: 2 }, options),
      await createFitter(wide)({ kind: "classes", y, K: 2 }, options),
    ];
    expect(b.converged).toBe(true);
    a.start.forEach((v, i) => expect(b.start[i]).toBeCloseTo(v, 4));
  });

  it("of four classes is what PyTorch finds", async () => {
    const { x, y, W, b, lambda, loss } = reference;
    const flat = Float32Array.from(x.flat());
    const design = await createDesign(flat, 3, range(y.length));
    const targets: Targets = { kind: "classes", y: Int32Array.from(y), K: 4 };
    const { start } = await createFitter(design)(targets, { loss: "logistic", lambda });
    W.flat().forEach((v, i) => expect(start[i]).toBeCloseTo(v, 5));
    const mean = start.slice(12).reduce((a, v) => a + v, 0) / 4;
    b.forEach((v, r) => expect(start[12 + r]! - mean).toBeCloseTo(v, 5));
    const value = slopeOf(design, targets, "logistic", lambda)(start, new Float64Array(16));
    expect(value).toBeCloseTo(loss, 7);
  });

  it("an input that does not vary has no weight", async () => {
    const x = Float32Array.of(1, 300, 2, 300, -1, 300, 0.5, 300);
    const probe = await createFitter(await createDesign(x, 2, range(4)))(
      { kind: "classes", y: Int32Array.of(1, 1, 0, 0), K: 2 },
      { loss: "logistic", lambda: 0.1 },
    );
    expect(probe.W[1]).toBe(0);
  });

  it("refuses what cannot be fitted", async () => {
    const design = await createDesign(normals(6), 2, range(3));
    const fit = createFitter(design);
    const options = { loss: "logistic", lambda: 1 } as const;
    const one: Targets = { kind: "classes", y: new Int32Array(3), K: 2 };
    await expect(fit(one, options)).rejects.toThrow(/one class/);
    const numbers: Targets = { kind: "numbers", y: Float64Array.of(1, 2, 3) };
    await expect(fit(numbers, options)).rejects.toThrow(/linear probe/);
    await expect(
      fit({ ...numbers, y: numbers.y.map(() => 4) }, { ...options, loss: "linear" }),
    ).rejects.toThrow(/all 3 numbers are 4/);
    await expect(createDesign(normals(4), 2, range(1))).rejects.toThrow(/1 cases/);
    await expect(createDesign(normals(4), 2, range(3))).rejects.toThrow(/rows of 2/);
  });
});

describe("directions of three classes", () => {
  it("are rows less their mean", () => {
    const W = Float64Array.of(4, 0, 1, 3, 1, 0); // mean (2, 1)
    const x = Float32Array.of(1, 0, 3, 0, 5, 0);
    const found = directionsOf({ W, b: new Float64Array(3) }, x, range(3));
    const root = Math.sqrt(5);
    [
      [2, -1],
      [-1, 2],
      [-1, -1],
    ].forEach((w, r) => {
      const length = Math.hypot(...w);
      expect(found[r]!.slope).toBeCloseTo(length, 12);
      expect(found[r]!.unit[0]).toBeCloseTo(w[0]! / length, 6);
      expect(found[r]!.unit[1]).toBeCloseTo(w[1]! / length, 6);
    });
    expect(found[0]!.mean).toBeCloseTo((3 * 2) / root, 6); // x̄ = 3 along the first input
    expect(found[0]!.deviation).toBeCloseTo((Math.sqrt(8 / 3) * 2) / root, 6);
  });
});
