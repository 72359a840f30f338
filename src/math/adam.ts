/**
 * Adam with decoupled weight decay (Loshchilov and Hutter 2019, AdamW; Kingma and Ba 2015), on plain arrays:
 *   m ← β1·m + (1 − β1)·g,  v ← β2·v + (1 − β2)·g²
 *   x ← x − lr·(m / (1 − β1^t) / (√(v / (1 − β2^t)) + ε) + decay·x)
 * x here is a difference from where it began, so that the decay pulls back to there.
 */
import { LabError } from "../core/lab-error.ts";

const [BETA1, BETA2, EPSILON] = [0.9, 0.999, 1e-8];

export interface AdamOptions {
  learningRate: number;
  decay: number;
}

export class Adam {
  readonly #m: Float32Array[];
  readonly #v: Float32Array[];
  #step = 0;
  /** What is moved. */
  readonly x: readonly Float32Array[];

  constructor(x: readonly Float32Array[]) {
    this.x = x;
    this.#m = x.map(({ length }) => new Float32Array(length));
    this.#v = x.map(({ length }) => new Float32Array(length));
  }

  /** One step on `x`, in place. @param gradients as long as `x` */
  step(gradients: readonly Float32Array[], { learningRate, decay }: AdamOptions): void {
    this.#step++;
    const [first, second] = [1 - BETA1 ** this.#step, 1 - BETA2 ** this.#step];
    this.x.forEach((x, n) => {
      const [g, m, v] = [gradients[n]!, this.#m[n]!, this.#v[n]!];
      for (let i = 0; i < x.length; i++) {
        m[i] = BETA1 * m[i]! + (1 - BETA1) * g[i]!;
        v[i] = BETA2 * v[i]! + (1 - BETA2) * g[i]! ** 2;
        const move = m[i]! / first / (Math.sqrt(v[i]! / second) + EPSILON);
        x[i]! -= learningRate * (move + decay * x[i]!);
      }
    });
  }
}

/**
 * Makes all gradients together no longer than `most` (Euclidean norm), in place; 0 leaves them.
 * @returns their norm before @throws LabError "degenerate" if it is no number
 */
export function clipGradients(gradients: readonly Float32Array[], most: number): number {
  let sum = 0;
  for (const g of gradients) for (const value of g) sum += value * value;
  const norm = Math.sqrt(sum);
  if (!Number.isFinite(norm)) {
    throw new LabError(
      "degenerate",
      `the gradient's length is ${norm}: the model has been blown up; take a smaller learning rate`,
    );
  }
  if (most > 0 && norm > most) {
    for (const g of gradients) for (let i = 0; i < g.length; i++) g[i]! *= most / norm;
  }
  return norm;
}
