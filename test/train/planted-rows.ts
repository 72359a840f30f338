/** What dictionaries are planted with, and how near a trained one comes to them. */
import type { Recipe } from "../../src/core/sae-recipe.ts";
import { normals } from "./wasm.ts";

/** Normal directions of length 1, [rows, width]. */
export function unitRows(rows: number, width: number, key: number): Float32Array {
  const all = normals(rows * width, key);
  for (let r = 0; r < rows; r++) {
    const row = all.subarray(r * width, (r + 1) * width);
    const norm = Math.hypot(...row);
    row.forEach((v, i) => (row[i] = v / norm));
  }
  return all;
}

/** Mean over the true directions of the largest cosine with a decoder row; the rows of both have length 1. */
export function meanMaxCosine(truth: Float32Array, W_dec: Float32Array, width: number): number {
  const best = new Float64Array(truth.length / width).fill(-1);
  for (let f = 0; f < W_dec.length; f += width) {
    best.forEach((so, t) => {
      let dot = 0;
      for (let i = 0; i < width; i++) dot += truth[t * width + i]! * W_dec[f + i]!;
      if (dot > so) best[t] = dot;
    });
  }
  return best.reduce((a, b) => a + b, 0) / best.length;
}

/** One recipe of each variant, for about two directions a row among `dSae` features. */
export const plantedRecipes = (dSae: number): [name: string, recipe: Recipe][] => [
  ["L1", { variant: "standard", l1: 0.5, decoderNorm: "unit" }],
  ["L1 weighted by norms", { variant: "standard", l1: 0.5, decoderNorm: "weighted" }],
  ["TopK", { variant: "topk", k: 4 }],
  ["BatchTopK", { variant: "batchtopk", k: 2 }],
  ["Matryoshka", { variant: "matryoshka", k: 2, widths: [dSae / 2, dSae] }],
  ["JumpReLU", { variant: "jumprelu", targetL0: 2, l0Weight: 1, bandwidth: 0.5 }],
  ["gated", { variant: "gated", l1: 2 }],
];
