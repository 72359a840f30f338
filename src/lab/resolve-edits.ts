/** Edits of any kind, and steering → the direct edits that do the same: of one run, or of each step of a generation. */
import type { Basis } from "../core/basis.ts";
import { readEdits } from "../core/edit-shape.ts";
import { type DirectEdit, type Edit, isDirect } from "../core/edits.ts";
import { hookNames } from "../core/hooks.ts";
import { LabError } from "../core/lab-error.ts";
import type { SteerSpec } from "../core/steer.ts";
import { checkEdit } from "../model/edit-check.ts";
import type { Step } from "../model/generate.ts";
import type { LoadedModel } from "../model/loaded-model.ts";
import { rawEdits } from "./basis-parameters.ts";
import { hookReader, type Read } from "./hook-reader.ts";
import { corpusOf } from "./model-corpus.ts";
import { type EditSources, prepareEdits } from "./prepare-edits.ts";
import { isChange, type SmoothEdit } from "./prepared-edit.ts";
import type { BasisModel } from "./run-in-basis.ts";
import { openSae } from "./sae-shelf.ts";
import { patternHooks, plainTwin } from "./frozen-attention.ts";
import { settleChanges } from "./settle-changes.ts";
import { steerChanges, steers } from "./steer.ts";
import { prepareParts } from "./steer-parts.ts";

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
  const reader = read ?? hookReader(model, basis, signal);
  const prepared = await prepareFor(model, ids, edits, { signal, basis, sources, read: reader });
  return settleChanges(prepared, { ids }, reader, model.info.config);
}

/** What such a run needs of the edits; errors as above. */
export async function prepareFor(
  model: EditModel,
  ids: readonly (readonly number[])[],
  edits: readonly Edit[],
  { signal, basis = "raw", sources = benchSources(model), read }: ResolveOptions,
): Promise<SmoothEdit[]> {
  readEdits(edits, hookNames(model.info.config));
  if (edits.every(isDirect)) return [...edits];
  const reader = read ?? hookReader(model, basis, signal);
  const scope = { lengths: ids.map((row) => row.length), limit: 0 };
  return (await prepareEdits(edits, { model, basis, scope, read: reader, sources })).flat();
}

/** The edits of every step of a generation. */
export interface StepEdits {
  edits: (step: Step) => Promise<readonly DirectEdit[]>;
  /** How many positions they refer to; null: those of the prompt. */
  editLength: ((step: Step) => number) | null;
  dispose: () => void;
}

/**
 * The direct edits of every step of a generation, told in the raw basis, in which it runs. What depends on the activations is found anew at each
 * step, with the cache of the tokens before.
 * @param maxNewTokens no edit may name a position that so many do not reach
 * @throws LabError "unsupported" for frozen attention beside other edits
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
    steer = null,
  }: Omit<ResolveOptions, "read"> & { maxNewTokens?: number; steer?: SteerSpec | null },
): Promise<StepEdits> {
  const { config } = model.info;
  const read = hookReader(model, basis, signal);
  readEdits(edits, hookNames(config));
  const { length } = prompt;
  // The last token drawn is run no more.
  const limit = Math.min(config.n_positions, length + Math.max(1, maxNewTokens) - 1);
  for (const edit of edits) if (isDirect(edit)) checkEdit(edit, config, { length, limit });
  const scope = { lengths: [length], limit };
  const context = { model, basis, scope, read, sources };
  const parts = steers(steer)
    ? await prepareParts(model, steer.rows, {
        ...{ signal, sae: sources.sae },
        // A position that is chosen may lie beyond this text's end; then the row does nothing there.
        scope: { lengths: [length], limit: config.n_positions },
      })
    : [];
  const prepared = [
    ...(await prepareEdits(edits, context)).flat(),
    ...steerChanges(parts, { length, generated: true, raw: basis !== "raw" }),
  ];
  const direct = prepared.filter((edit): edit is DirectEdit => !isChange(edit));
  const raw = async (told: readonly DirectEdit[]) => (await rawEdits(model, told, basis)).edits;
  const settled = { editLength: null, dispose: () => {} };
  if (steer?.attention === "frozen" && parts.length > 0) {
    if (edits.length > 0) {
      throw new LabError("unsupported", "frozen attention cannot be had beside other edits");
    }
    const hooks = patternHooks(
      parts.map(({ hook }) => hook),
      config,
    );
    const twin = plainTwin(model, hooks, signal);
    return {
      edits: async ({ ids, past }) => {
        const start = past?.length ?? 0;
        const patterns = await twin.step(ids, start);
        const run = { ids: [ids], past, editLength: start + ids.length, promptLength: length };
        return settleChanges([...patterns, ...prepared], run, read, config);
      },
      editLength: ({ ids, past }) => (past?.length ?? 0) + ids.length,
      dispose: twin.dispose,
    };
  }
  if (direct.length === prepared.length) {
    const all = await raw(direct);
    return { ...settled, edits: () => Promise.resolve(all) };
  }
  return {
    ...settled,
    edits: async ({ ids, past }) => {
      const run = { ids: [ids], past, editLength: length };
      return raw(await settleChanges(prepared, run, read, config));
    },
  };
}
