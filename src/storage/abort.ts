/**
 * Ends a transaction without any of it. A value that could not even be handed over leaves its transaction open, and what came
 * before it would be kept.
 */
export function abort(transaction: { abort: () => void }): void {
  try {
    transaction.abort();
  } catch {
    // It has already failed as a whole.
  }
}
