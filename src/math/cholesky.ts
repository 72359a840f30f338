/** A = L·Lᵀ of a symmetric, positive definite matrix, and what solves by it. Row-major, float64. */
import { LabError } from "../core/lab-error.ts";

/**
 * @param A [n, n]; its lower triangle is read
 * @returns L [n, n], lower triangle
 * @throws LabError "degenerate" unless A is positive definite, as far as float64 can tell
 */
export function cholesky(A: Float64Array, n: number): Float64Array {
  const L = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      const [a, b] = [i * n, j * n];
      let sum = A[a + j]!;
      for (let k = 0; k < j; k++) sum -= L[a + k]! * L[b + k]!;
      if (i !== j) {
        L[a + j] = sum / L[b + j]!;
        continue;
      }
      if (!(sum > 0)) throw new LabError("degenerate", "the matrix is not positive definite");
      L[a + i] = Math.sqrt(sum);
    }
  }
  return L;
}

/** x of A·x = b, written over b. @param L of `cholesky`, [n, n] @param b [n] */
export function solveCholesky(L: Float64Array, b: Float64Array): void {
  const n = b.length;
  for (let i = 0; i < n; i++) {
    let sum = b[i]!;
    for (let k = 0; k < i; k++) sum -= L[i * n + k]! * b[k]!;
    b[i] = sum / L[i * n + i]!;
  }
  for (let i = n - 1; i >= 0; i--) {
    const x = b[i]! / L[i * n + i]!;
    b[i] = x;
    // Down the row, which is how L lies in memory.
    for (let k = 0; k < i; k++) b[k]! -= L[i * n + k]! * x;
  }
}
