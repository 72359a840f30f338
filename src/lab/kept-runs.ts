/**
 * The newest runs under figures, kept for a while: the next question about the same prompt (another token, another position,
 * other parts) then needs no run of the model. What is read from a run is not to be changed or transferred.
 */
import type { LoadedModel } from "../model/loaded-model.ts";
import type { RunInput } from "../rpc/figure-contract.ts";
import { bench } from "./bench.ts";
import { type FigureRun, runForFigure } from "./figure-run.ts";

const MOST_BYTES = 256e6;
const IDLE_MS = 120_000; // then the memory is given back

interface Kept {
  model: LoadedModel;
  key: string;
  run: FigureRun;
  bytes: number;
}
let kept: Kept[] = [];
let idle: ReturnType<typeof setTimeout> | undefined;

/** As `runForFigure`, with all logits. */
export async function keptRun(
  { prompt, edits, basis }: RunInput,
  names: readonly string[],
  signal: AbortSignal,
): Promise<FigureRun> {
  const model = bench.require();
  const key = JSON.stringify([prompt, edits, basis, names]);
  clearTimeout(idle);
  idle = setTimeout(() => (kept = []), IDLE_MS);
  kept = kept.filter((each) => each.model === model);
  const known = kept.find((each) => each.key === key);
  if (known) return known.run;
  const run = await runForFigure({ prompt, edits, basis }, names, "all", signal);
  const bytes = [...new Set(names)].reduce(
    (sum, name) => sum + run.at(name).data.byteLength,
    run.logits!.data.byteLength,
  );
  kept.push({ model, key, run, bytes });
  const total = () => kept.reduce((sum, each) => sum + each.bytes, 0);
  while (total() > MOST_BYTES) kept.shift();
  return run;
}
