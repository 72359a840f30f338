/** Distinct finite values, for weights whose content does not matter. */
export const spread = (length: number): Float32Array =>
  Float32Array.from({ length }, (_, i) => Math.sin(1 + 7 * i));
