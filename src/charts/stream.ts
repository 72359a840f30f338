/** Numbers read out of the residual stream's cosines. Axis letters: S states, T positions. */
import type { StreamFacts } from "../core/residual.ts";

type Facts = Pick<StreamFacts, "stateCosines">;

/** Of each state with the next, [S − 1, T]. */
export function consecutiveCosines({ stateCosines: { data, dims } }: Facts): Float32Array {
  const [T, S] = dims as [number, number, number];
  return Float32Array.from({ length: Math.max(0, S - 1) * T }, (_, i) => {
    const [s, t] = [Math.floor(i / T), i % T];
    return data[(t * S + s) * S + s + 1]!;
  });
}

/** Of each two states at a position, [S, S]. */
export function cosinesAt({ stateCosines: { data, dims } }: Facts, position: number): Float32Array {
  const S = dims[1]!;
  return data.slice(position * S * S, (position + 1) * S * S);
}
