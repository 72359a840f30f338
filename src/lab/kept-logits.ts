/**
 * The logits of the last runs that a figure asked for, so that another temperature or another tracked token needs no new run.
 * Two runs are kept, the two sides of a comparison, of the model on the bench alone, and no more than 256 MiB of them: a run
 * takes 4·T·V bytes, GPT-2's 64 tokens 13 MB.
 */
import type { Tokens } from "../core/types.ts";
import type { LoadedModel } from "../model/loaded-model.ts";
import type { RunInput } from "../rpc/figure-contract.ts";
import { bench } from "./bench.ts";
import { runForFigure } from "./figure-run.ts";

export interface RunLogits {
  tokens: Tokens;
  /** [T, V], not to be changed */
  logits: Float32Array;
}
interface Shelf {
  /** Newest first. */
  kept: { key: string; run: RunLogits }[];
  /** Under way: two figures of one prompt ask at the same time. */
  open: Map<string, Promise<RunLogits>>;
}

const MOST_RUNS = 2;
const MOST_BYTES = 2 ** 28;

const shelves = new WeakMap<LoadedModel, Shelf>();

export async function logitsOf(input: RunInput, signal: AbortSignal): Promise<RunLogits> {
  const { prompt, edits, basis } = input;
  const model = bench.require();
  const key = JSON.stringify([prompt, edits, basis]);
  const shelf = shelves.get(model) ?? { kept: [], open: new Map<string, Promise<RunLogits>>() };
  shelves.set(model, shelf);
  const found = shelf.kept.find((known) => known.key === key)?.run;
  if (found) return found;
  const asked = shelf.open.get(key);
  if (asked) {
    // The other figure may be given up, or its run may fail: then this one makes its own.
    const theirs = await asked.catch(() => null);
    if (theirs) return theirs;
    signal.throwIfAborted();
  }
  const mine = runForFigure(input, [], "all", signal).then(({ tokens, logits }) => ({
    tokens,
    logits: logits!.data,
  }));
  shelf.open.set(key, mine);
  try {
    const run = await mine;
    shelf.kept = newest([{ key, run }, ...shelf.kept]);
    return run;
  } finally {
    if (shelf.open.get(key) === mine) shelf.open.delete(key);
  }
}

function newest(runs: Shelf["kept"]): Shelf["kept"] {
  let bytes = 0;
  return runs
    .slice(0, MOST_RUNS)
    .filter(({ run }) => (bytes += run.logits.byteLength) <= MOST_BYTES);
}
