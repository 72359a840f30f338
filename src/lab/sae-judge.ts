/**
 * The report card of an SAE: how well it rebuilds activations of held-out text, and what the model's predictions lose when
 * x̂ takes x's place, beside what they lose when 0 or the mean does. (Of a transcoder: what it rebuilds, y, where it writes.) The first position (BOS) is left as it is and counted
 * nowhere. The untouched run and the three replacements are rows of one batch, which part at the hook.
 */
import { breathe } from "../core/breathe.ts";
import type { DirectEdit } from "../core/edits.ts";
import { LabError } from "../core/lab-error.ts";
import type { SaeReport } from "../core/sae-report.ts";
import { LossSums } from "../math/loss-report.ts";
import { ReconstructionSums } from "../math/reconstruction-report.ts";
import type { LoadedModel } from "../model/loaded-model.ts";

export interface JudgeInput {
  model: Pick<LoadedModel, "run">;
  hook: string;
  /** Where it writes: the same for an autoencoder. */
  hookOut: string;
  /** Token ids of each context, BOS first. */
  contexts: readonly (readonly number[])[];
  /** @param x_BD [B, D] @returns f [B, F] and x̂ [B, E] */
  rebuild: (x_BD: Float32Array) => Promise<{ f: Float32Array; xHat: Float32Array }>;
  signal: AbortSignal;
  onProgress: (progress: { done: number; total: number }) => void;
}

/** @throws LabError "bad-file" without held-out text; "cancelled" */
export async function judge({
  model,
  hook,
  hookOut,
  contexts,
  rebuild,
  signal,
  onProgress,
}: JudgeInput): Promise<Pick<SaeReport, "reconstruction" | "loss">> {
  if (contexts.length === 0) {
    throw new LabError("bad-file", "the held-out part of the corpus fills no context");
  }
  const total = 2 * contexts.length;
  const step = async (done: number) => {
    onProgress({ done, total });
    await breathe();
    signal.throwIfAborted();
  };
  const read: Float32Array[] = [];
  const written: Float32Array[] = [];
  for (const ids of contexts) {
    const { cache } = await model.run({
      ids: [ids],
      names: [...new Set([hook, hookOut])],
      edits: [],
      logits: "none",
      signal,
    });
    read.push(cache.get(hook)!.data);
    written.push(cache.get(hookOut)!.data);
    await step(read.length);
  }
  const E = written[0]!.length / contexts[0]!.length;
  const mean_E = meanAfterFirst(written, E);
  const reconstruction = new ReconstructionSums(mean_E);
  const loss = new LossSums();
  for (const [i, ids] of contexts.entries()) {
    const y_TE = written[i]!;
    const { f, xHat } = await rebuild(read[i]!.subarray(read[i]!.length / ids.length));
    reconstruction.add(y_TE.subarray(E), xHat, f);
    const replacements = [
      change(hookOut, 1, y_TE, E, (at) => xHat[at]!),
      change(hookOut, 2, y_TE, E, () => 0),
      change(hookOut, 3, y_TE, E, (at) => mean_E[at % E]!),
    ];
    const { logits } = await model.run({
      ids: [ids, ids, ids, ids],
      names: [],
      edits: replacements,
      logits: "all",
      signal,
    });
    const [, T = 0, V = 0] = logits!.dims;
    const at = (row: number, t: number) =>
      logits!.data.subarray((row * T + t) * V, (row * T + t + 1) * V);
    for (let t = 1; t + 1 < T; t++) {
      const [sae, zero, mean] = [at(1, t), at(2, t), at(3, t)];
      loss.add(at(0, t), { sae, zero, mean }, ids[t + 1]!);
    }
    await step(contexts.length + i + 1);
  }
  return { reconstruction: reconstruction.report(), loss: loss.report() };
}

/** x + (value − x) in one row, from the second position on; at the first x + 0. @param value by index in [T − 1, D] */
function change(
  hook: string,
  row: number,
  x_TD: Float32Array,
  D: number,
  value: (at: number) => number,
): DirectEdit {
  const added = x_TD.map((x, i) => (i < D ? 0 : value(i - D) - x));
  return { hook, row, op: "add", value: added };
}

/** The mean over all positions but each context's first, in float64. @returns [D] */
function meanAfterFirst(activations: readonly Float32Array[], D: number): Float32Array {
  const sum = new Float64Array(D);
  let tokens = 0;
  for (const x_TD of activations) {
    for (let i = D; i < x_TD.length; i++) sum[i % D]! += x_TD[i]!;
    tokens += x_TD.length / D - 1;
  }
  return Float32Array.from(sum, (v) => v / tokens);
}
