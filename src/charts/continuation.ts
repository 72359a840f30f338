/** Two continuations from one seed, token by token. Pure. */
import type { GeneratedToken } from "../core/types.ts";

/**
 * Whether each token differs from the other text's token at the same step. Tokens that the other has not reached yet
 * (it is still running) do not differ; when it has ended, all that come after its end do.
 */
export function differing(
  tokens: readonly GeneratedToken[],
  other: readonly GeneratedToken[],
  otherRunning: boolean,
): boolean[] {
  return tokens.map(({ id }, i) => {
    const there = other[i];
    return there ? there.id !== id : !otherRunning;
  });
}

/** The first step at which they differ; null if they have not yet. */
export function firstDifference(
  a: readonly GeneratedToken[],
  b: readonly GeneratedToken[],
): number | null {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) if (a[i]!.id !== b[i]!.id) return i;
  return null;
}
