/** In which order ACDC tries edges. */
import type { EdgeOrder } from "../core/acdc.ts";
import type { CircuitGraph } from "../core/circuit.ts";
import { keyedRandom, permutation } from "./keyed-random.ts";

/**
 * All edges: readers from the logits backwards, so that all that comes after a node is decided before the node is read into;
 * of one reader its senders from the last to the input ("normal", as in ACDC's code), from the input on, or by chance.
 */
export function edgeOrder({ receivers }: CircuitGraph, order: EdgeOrder, seed: number): number[] {
  return [...receivers].reverse().flatMap(({ reads, firstEdge }, i) => {
    const senders =
      order === "random"
        ? [...permutation(reads, keyedRandom(seed, i))]
        : Array.from({ length: reads }, (_, s) => (order === "normal" ? reads - 1 - s : s));
    return senders.map((s) => firstEdge + s);
  });
}
