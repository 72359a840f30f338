/** Sweeps of activation patching against as many runs one by one, and the preview of all their cells against one forward pass. */
import type { DirectEdit } from "../../../src/core/edits.ts";
import { blockHook } from "../../../src/core/hooks.ts";
import type { PatchQuestion, PatchUnit } from "../../../src/core/patching.ts";
import { previewPatches } from "../../../src/lab/attribution-patching.ts";
import { patchSweep } from "../../../src/lab/patching.ts";
import type { LoadedModel } from "../../../src/model/loaded-model.ts";

export interface SweepAnswer {
  cells: number;
  /** The sweep, the other prompt's run included. */
  perSecond: number;
  /** That by as many edited runs, one at a time. */
  bySingles: number;
}
export interface PatchingAnswer {
  /** resid_pre by layer and position, without the first, which both prompts share. */
  stream: SweepAnswer;
  heads: SweepAnswer;
  /** All heads of one pair by gradients, by a forward pass. */
  previewByForward: number;
}
const SINGLES = 5;

/** @param ids a prompt; the corrupted one has other tokens at every position but the first */
export async function measurePatching(
  model: LoadedModel,
  ids: readonly number[],
): Promise<PatchingAnswer> {
  // What an experiment of its own would be.
  const headOff: DirectEdit = { hook: blockHook(0, "attn.hook_z"), op: "zero", head: 0 };
  const forward = () => model.run({ ids: [[...ids]], names: [], edits: [headOff], logits: "last" });
  const { vocab_size } = model.info.config;
  const corrupted = ids.map((id, t) => (t === 0 ? id : (id + 1) % vocab_size));
  const question = (unit: PatchUnit): PatchQuestion => ({
    pairs: [
      {
        ...{ clean: ids, corrupted, answers: [1], wrong: [2] },
        places: ids.slice(1).map((_, t) => [t + 1]),
      },
    ],
    ...{ metric: "logitDiff", direction: "denoise", cells: null },
    sweep: { unit, byPlace: false, layer: null },
  });
  const context = { signal: new AbortController().signal, progress: () => {} };
  const sweep = async (unit: PatchUnit): Promise<SweepAnswer> => {
    await patchSweep(model, { ...question(unit), cells: [0, 1] }, context); // warm
    const { runs, seconds } = await patchSweep(model, question(unit), context);
    const single = await usual(forward);
    return {
      cells: runs,
      perSecond: runs / seconds,
      bySingles: (runs * single) / (1000 * seconds),
    };
  };
  const asked = { ...question("z"), method: "gradient" as const, steps: 1 };
  const preview = () => previewPatches(model, asked, context);
  const [stream, heads] = [await sweep("resid_pre"), await sweep("z")];
  await preview();
  const [gradients, single] = [await usual(preview), await usual(forward)];
  return { stream, heads, previewByForward: gradients / single };
}

/** Milliseconds: the median of a few runs. */
async function usual(task: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < SINGLES; i++) {
    const start = performance.now();
    await task();
    times.push(performance.now() - start);
  }
  return times.sort((a, b) => a - b)[SINGLES >> 1]!;
}
