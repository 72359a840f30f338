/**
 * Reverse-mode differentiation in float64, in its plainest form: every operation makes a node and notes how a gradient
 * at its output reaches its inputs; `backward` plays the notes in reverse. Nothing is shared with the engine.
 */

/** An activation, row-major, and d metric / d activation once `backward` has run. */
export interface Node {
  dims: number[];
  value: Float64Array;
  grad: Float64Array;
}

export class Tape {
  readonly #nodes: Node[] = [];
  readonly #notes: (() => void)[] = [];

  /** @param back adds the gradient at this node to those of its inputs; none for a constant */
  node(value: Float64Array, dims: number[], back?: (grad: Float64Array) => void): Node {
    const size = dims.reduce((a, b) => a * b, 1);
    if (value.length !== size) {
      throw new Error(`${value.length} values cannot be of shape [${dims.join(", ")}]`);
    }
    const node: Node = { dims, value, grad: new Float64Array(value.length) };
    this.#nodes.push(node);
    if (back) this.#notes.push(() => back(node.grad));
    return node;
  }

  /** @param seeds d metric / d node where the metric reads it */
  backward(seeds: readonly (readonly [Node, Float64Array])[]): void {
    for (const { grad } of this.#nodes) grad.fill(0);
    for (const [node, seed] of seeds) accumulate(node.grad, seed);
    for (const note of [...this.#notes].reverse()) note();
  }
}

export function accumulate(into: Float64Array, from: Float64Array): void {
  for (let i = 0; i < into.length; i++) into[i] = into[i]! + from[i]!;
}
