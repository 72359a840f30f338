/** Gradients with respect to the heads' results → with respect to z, of which result_H = z_H · W_O[H]. */

/**
 * @param grad [R, H, D], R rows of B and T @param W_O_DD `attn.c_proj.weight` [H·h, D]
 * @returns [R, H, h]: each head's W_O[H] times its gradient; sums in float64
 */
export function headResultBack(
  grad: Float32Array,
  W_O_DD: Float32Array,
  D: number,
  heads: number,
): Float32Array {
  const h = D / heads;
  return Float32Array.from({ length: (grad.length / D) * h }, (_, i) => {
    const [rowAndHead, e] = [Math.floor(i / h), i % h];
    const row = ((rowAndHead % heads) * h + e) * D;
    let sum = 0;
    for (let d = 0; d < D; d++) sum += grad[rowAndHead * D + d]! * W_O_DD[row + d]!;
    return sum;
  });
}
