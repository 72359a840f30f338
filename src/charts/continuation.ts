/** Two continuations from one seed, token by token. Pure. */
interface Identified {
  /** Of the token. */
  id: number;
}

/**
 * Whether each token differs from the other text's token at the same step. Tokens that the other has not reached yet
 * (it is still running) do not differ; when it has ended, all that come after its end do.
 */
export function differing(
  tokens: readonly Identified[],
  other: readonly Identified[],
  otherRunning: boolean,
): boolean[] {
  return tokens.map(({ id }, i) => {
    const there = other[i];
    return there ? there.id !== id : !otherRunning;
  });
}

/** The first step at which they differ; null if they have not yet. */
export function firstDifference(a: readonly Identified[], b: readonly Identified[]): number | null {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) if (a[i]!.id !== b[i]!.id) return i;
  return null;
}
