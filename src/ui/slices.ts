/** Work in slices: what fits is done at once, the rest from frame to frame, so that the page stays free. */

/**
 * Goes through `steps` until they end, at most `budget` milliseconds at a time (one step may take it over).
 * @returns gives the rest up
 */
export function inSlices(steps: Iterator<void>, budget = 16): () => void {
  let frame = 0;
  const slice = () => {
    const end = performance.now() + budget;
    while (!steps.next().done) {
      if (performance.now() < end) continue;
      frame = requestAnimationFrame(slice);
      return;
    }
  };
  slice();
  return () => cancelAnimationFrame(frame);
}
