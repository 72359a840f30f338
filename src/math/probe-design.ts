/**
 * What a probe reads, made ready to be fitted: inputs as z = (x − mean) / deviation over the cases that it is fitted on, and the
 * mean of z·zᵀ, by which its steps are measured. Axis letters: N cases, D inputs.
 */
import { LabError } from "../core/lab-error.ts";
import { addProduct } from "./products.ts";

export interface Design {
  N: number;
  D: number;
  /** [N, D] */
  z: Float32Array;
  /** Over the cases, [D]. */
  mean: Float64Array;
  /** √(Σ(x − mean)² / N), [D]; 1 for an input that does not vary. */
  deviation: Float64Array;
  /** Σ z·zᵀ / N, [D, D], lower triangle; null where it would take too long. */
  gram: Float64Array | null;
}

/** Wider than this, a Gram matrix takes seconds and helps less than it costs. */
const GRAM_MOST = 1100;
/** Rows of it at a time: some ten milliseconds. */
const ROWS = 32;
/** Of the mean's size: below it an input varies by rounding alone. */
const FLAT = 1e-6;

/**
 * @param x [rows, D] @param cases rows to fit on
 * @param pause between pieces of work
 * @throws LabError "shape"; "degenerate" for fewer than two cases
 */
export async function createDesign(
  x: Float32Array,
  D: number,
  cases: Int32Array,
  pause: () => Promise<void> = () => Promise.resolve(),
): Promise<Design> {
  const N = cases.length;
  if (N < 2) throw new LabError("degenerate", `a probe cannot be fitted on ${N} cases`);
  if (cases.some((row) => (row + 1) * D > x.length)) {
    throw new LabError("shape", `${x.length} numbers have not so many rows of ${D}`);
  }
  const mean = new Float64Array(D);
  for (const row of cases) for (let d = 0; d < D; d++) mean[d]! += x[row * D + d]! / N;
  const deviation = new Float64Array(D);
  for (const row of cases) {
    for (let d = 0; d < D; d++) deviation[d]! += (x[row * D + d]! - mean[d]!) ** 2 / N;
  }
  for (let d = 0; d < D; d++) {
    const root = Math.sqrt(deviation[d]!);
    deviation[d] = root > FLAT * Math.abs(mean[d]!) && root > 1e-12 ? root : 1;
  }
  const z = new Float32Array(N * D);
  cases.forEach((row, n) => {
    for (let d = 0; d < D; d++) {
      z[n * D + d] = (x[row * D + d]! - mean[d]!) / deviation[d]!;
    }
  });
  await pause();
  const gram = D <= GRAM_MOST ? await gramOf(z, N, D, pause) : null;
  return { N, D, z, mean, deviation, gram };
}

async function gramOf(z: Float32Array, N: number, D: number, pause: () => Promise<void>) {
  const z_DN = new Float64Array(N * D);
  for (let n = 0; n < N; n++) for (let d = 0; d < D; d++) z_DN[d * N + n] = z[n * D + d]!;
  const gram = new Float64Array(D * D);
  for (let from = 0; from < D; from += ROWS) {
    const to = Math.min(D, from + ROWS);
    const rows = z_DN.subarray(from * N, to * N);
    addProduct(gram.subarray(from * D, to * D), D, rows, z_DN.subarray(0, to * N), N);
    await pause();
  }
  for (let i = 0; i < gram.length; i++) gram[i]! /= N;
  return gram;
}
