/** Edits of any kind → the direct ones that do the same: of one run, or of each step of a generation. */
import type { Basis } from "../core/basis.ts";
import { readEdits } from "../core/edit-shape.ts";
import { type DirectEdit, type Edit, isDirect } from "../core/edits.ts";
import { hookNames } from "../core/hooks.ts";
import { checkEdit } from "../model/edit-check.ts";
import type { Step } from "../model/generate.ts";
import type { LoadedModel } from "../model/loaded-model.ts";
import { rawEdits } from "./basis-parameters.ts";
import { hookReader, type Read } from "./hook-reader.ts";
import { corpusOf } from "./model-corpus.ts";
import { type EditSources, prepareEdits } from "./prepare-edits.ts";
import { isChange } from "./prepared-edit.ts";
import type { BasisModel } from "./run-in-basis.ts";
import { openSae } from "./sae-shelf.ts";
import { settleChanges } from "./settle-changes.ts";

export type EditModel = BasisModel & Pick<LoadedModel, "tokenizer">;
export interface ResolveOptions {
  signal: AbortSignal;
  /** In which the edits are told, and those in the answer too. @default "raw" */
  basis?: Basis | undefined;
  /** @default the SAEs of the shelf, the corpus of the app */
  sources?: EditSources | undefined;
  /** Values at hooks, where they are known already. @default a run up to there */
  read?: Read | undefined;
}

export const benchSources = (model: EditModel): EditSources => ({
  sae: openSae,
  corpus: () => corpusOf(model),
});

/**
 * The direct edits of a run of these rows.
 * @throws LabError "bad-input" naming the hook and what it expects; "not-found" for an SAE or feature that there is not
 */
export async function resolveEdits(
  model: EditModel,
  ids: readonly (readonly number[])[],
  edits: readonly Edit[],
  { signal, basis = "raw", sources = benchSources(model), read }: ResolveOptions,
): Promise<DirectEdit[]> {
  readEdits(edits, hookNames(model.info.config));
  if (edits.every(isDirect)) return [...edits];
  const reader = read ?? hookReader(model, basis, signal);
  const scope = { lengths: ids.map((row) => row.length), limit: 0 };
  const prepared = await prepareEdits(edits, { model, basis, scope, read: reader, sources });
  return settleChanges(prepared.flat(), { ids }, reader, model.info.config);
}

/**
 * The direct edits of every step of a generation, told in the raw basis, in which it runs. What depends on the activations is found anew at each
 * step, with the cache of the tokens before.
 * @param maxNewTokens no edit may name a position that so many do not reach
 */
export async function resolvePerStep(
  model: EditModel,
  prompt: readonly number[],
  edits: readonly Edit[],
  {
    signal,
    basis = "raw",
    sources = benchSources(model),
    maxNewTokens = Infinity,
  }: Omit<ResolveOptions, "read"> & { maxNewTokens?: number },
): Promise<(step: Step) => Promise<readonly DirectEdit[]>> {
  const { config } = model.info;
  const read = hookReader(model, basis, signal);
  readEdits(edits, hookNames(config));
  const { length } = prompt;
  // The last token drawn is run no more.
  const limit = Math.min(config.n_positions, length + Math.max(1, maxNewTokens) - 1);
  for (const edit of edits) if (isDirect(edit)) checkEdit(edit, config, { length, limit });
  const scope = { lengths: [length], limit };
  const context = { model, basis, scope, read, sources };
  const prepared = (await prepareEdits(edits, context)).flat();
  const direct = prepared.filter((edit): edit is DirectEdit => !isChange(edit));
  const raw = async (told: readonly DirectEdit[]) => (await rawEdits(model, told, basis)).edits;
  if (direct.length === prepared.length) {
    const all = await raw(direct);
    return () => Promise.resolve(all);
  }
  return async ({ ids, past }) => {
    const run = { ids: [ids], past, editLength: length };
    return raw(await settleChanges(prepared, run, read, config));
  };
}
