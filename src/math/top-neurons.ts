/** The strongest MLP neurons of each token. Axis letters: L layers, T positions, m d_mlp. */
import { LabError } from "../core/lab-error.ts";
import type { NeuronMeasure } from "../core/neurons.ts";

export interface LayerActivations {
  layer: number;
  /** mlp.hook_post, [T, m] */
  post_Tm: Float32Array;
  /** ‖W_out[n]‖₂, [m]; for the measure "write" */
  writeNorm_m: Float32Array | null;
}

/**
 * @param T positions, 1 or more
 * @param n how many of each token; if there are fewer, all
 * @returns [T, n] each, strongest first; of equal ones the lower layer, then the lower index
 * @throws LabError "shape" if an array's length does not fit; "bad-input" if n is no count
 */
export function topNeurons(
  layers: readonly LayerActivations[],
  T: number,
  measure: NeuronMeasure,
  n: number,
) {
  if (!Number.isInteger(n) || n < 1) {
    throw new LabError("bad-input", `the number of neurons is a whole number from 1, not ${n}`);
  }
  const widths = layers.map(({ post_Tm }) => post_Tm.length / T);
  const most = Math.min(
    n,
    widths.reduce((a, b) => a + b, 0),
  );
  const found = {
    n: most,
    layers: new Int32Array(T * most),
    neurons: new Int32Array(T * most),
    activations: new Float32Array(T * most),
    scores: new Float32Array(T * most),
  };
  layers.forEach(({ writeNorm_m }, l) => {
    if (!Number.isInteger(widths[l]) || (writeNorm_m && writeNorm_m.length !== widths[l])) {
      throw new LabError("shape", `activations or norms of layer ${l} do not fit ${T} positions`);
    }
  });
  for (let t = 0; t < T; t++) {
    let count = 0;
    layers.forEach(({ layer, post_Tm, writeNorm_m }, l) => {
      const m = widths[l]!;
      for (let i = 0; i < m; i++) {
        const a = post_Tm[t * m + i]!;
        const size = measure === "activation" ? a : Math.abs(a);
        const score = Math.fround(measure === "write" ? size * writeNorm_m![i]! : size);
        if (count === most && !(score > found.scores[t * most + most - 1]!)) continue;
        let at = Math.min(count, most - 1);
        while (at > 0 && score > found.scores[t * most + at - 1]!) at--;
        insert(found, t * most, at, most, { layer, neuron: i, a, score });
        count = Math.min(most, count + 1);
      }
    });
  }
  return found;
}

interface Lists {
  layers: Int32Array;
  neurons: Int32Array;
  activations: Float32Array;
  scores: Float32Array;
}
/** Puts an entry at a place of a token's list; those after it move on, the last falls off. */
function insert(
  { layers, neurons, activations, scores }: Lists,
  start: number,
  at: number,
  most: number,
  entry: { layer: number; neuron: number; a: number; score: number },
): void {
  for (const list of [layers, neurons, activations, scores]) {
    list.copyWithin(start + at + 1, start + at, start + most - 1);
  }
  layers[start + at] = entry.layer;
  neurons[start + at] = entry.neuron;
  activations[start + at] = entry.a;
  scores[start + at] = entry.score;
}
