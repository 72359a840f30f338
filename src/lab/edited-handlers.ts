/** Worker methods of edited models. */
import { LabError } from "../core/lab-error.ts";
import type { TunedWeights, WeightEdit, WeightTarget } from "../core/model-edit.ts";
import { targetHook } from "../core/bench-edit.ts";
import type { SteerRow } from "../core/steer.ts";
import { type Delta, writesBy } from "../core/weight-parts.ts";
import { readEditedFile, writeEditedFile } from "../formats/edited-model.ts";
import { exportCheckpoint } from "../model/export-checkpoint.ts";
import type { LoadedModel } from "../model/loaded-model.ts";
import { openTuning, type TuningModel } from "../model/tuning-model.ts";
import type { EditedApi } from "../rpc/edited-contract.ts";
import type { Handlers } from "../rpc/serve.ts";
import {
  deleteEdited,
  listEdited,
  loadTuned,
  saveEdited,
  saveTuned,
} from "../storage/edited-store.ts";
import { bench } from "./bench.ts";
import { baseCheckpoint } from "./bench-checkpoint.ts";
import { heldOutContexts } from "./corpus.ts";
import { measureDrift } from "./drift.ts";
import { changedTensors, readFrom } from "./edited-weights.ts";
import { corpusOf } from "./model-corpus.ts";
import { benchSources, resolveEdits } from "./resolve-edits.ts";
import { exclusively } from "./sae-queue.ts";
import { prepareParts } from "./steer-parts.ts";
import { tensorsOf, tune } from "./tune.ts";
import { readExamples } from "./tune-examples.ts";
import { newId } from "../core/new-id.ts";

let stopAsked = false;

export const editedHandlers: Pick<Handlers, keyof EditedApi> = {
  "edited.list": async () => ({ value: await listEdited() }),

  "edited.save": async (model) => {
    await saveEdited(model);
    return { value: null };
  },

  "edited.delete": async ({ id, tuned }) => {
    await deleteEdited(id, tuned);
    return { value: null };
  },

  "edited.mean": async ({ target, contexts }, { signal }) => ({
    value: await meanOf(bench.require(), target, contexts, signal),
  }),

  "edited.vector": async (row, { signal }) => ({
    value: await vectorOf(bench.require(), row, signal),
  }),

  "edited.tune": (question, context) =>
    exclusively("a fine-tuning", context, async () => {
      stopAsked = false;
      const { edits, recipe } = question;
      const { signal, progress } = context;
      const { info, tokenizer } = bench.require();
      const { config } = info;
      const examples = readExamples({ info, tokenizer }, recipe);
      progress({ kind: "opening" });
      const value = await withTuning(
        (changed) => [...new Set([...changed, ...tensorsOf(recipe.components, config)])],
        [edits],
        signal,
        async (model, [start]) => {
          const before = new Map([...model.base, ...start!]);
          model.feed(before);
          const { deltas, step, steps, stopped, ...told } = await tune(
            ...([model, config, before, examples, recipe] as const),
            {
              ...{ signal, stopped: () => stopAsked },
              begun: (facts) => progress({ kind: "begun", ...facts }),
              point: (point, stepsPerSecond) => progress({ kind: "point", point, stepsPerSecond }),
            },
          );
          if (step === 0) return { edit: null, stopped, steps };
          const id = newId();
          await saveTuned(id, deltas);
          const { components } = recipe;
          const edit: TunedWeights = { kind: "tuned", id, on: true, components, step, ...told };
          return { edit, stopped, steps };
        },
      );
      return { value };
    }),

  "edited.stop": () => {
    stopAsked = true;
    return Promise.resolve({ value: null });
  },

  "edited.drift": async ({ variants, contexts, pairs }, { signal, progress }) => {
    const { info, tokenizer } = bench.require();
    const ids = await heldOutContexts(await corpusOf(bench.require()), contexts);
    const value = await withTuning(
      (changed) => changed,
      variants,
      signal,
      (model, changed) =>
        measureDrift({
          model,
          info: { info, tokenizer },
          variants: changed.map((tensors) => {
            const stored = [...tensors].map(([name, x]) => [name, model.stored(name, x)] as const);
            return new Map(stored);
          }),
          contexts: ids,
          ...{ pairs, signal, progress },
        }),
    );
    return { value };
  },

  "edited.export": async ({ model, card }, { signal }) => {
    const base = await baseCheckpoint(signal);
    const changed = await changedTensors(model.edits, base, readFrom(base));
    const value = [
      ...exportCheckpoint(base, changed),
      { name: "README.md", data: new TextEncoder().encode(card) },
    ];
    return { value, transfer: value.map(({ data }) => data.buffer) };
  },

  "edited.write": async ({ name, base, edits }) => {
    const tuned = new Map<string, Delta[]>();
    for (const edit of edits) {
      if (edit.kind === "tuned") tuned.set(edit.id, await loadTuned(edit.id));
    }
    return { value: writeEditedFile({ name, base, edits: [...edits], tuned }) };
  },

  "edited.read": async ({ text, at }) => {
    const { name, base, edits, tuned } = readEditedFile(text);
    const ids = new Map([...tuned.keys()].map((id) => [id, newId()]));
    for (const [id, deltas] of tuned) await saveTuned(ids.get(id)!, deltas);
    const own = edits.map((edit) =>
      edit.kind === "tuned" ? { ...edit, id: ids.get(edit.id)! } : edit,
    );
    const model = { id: newId(), name, base, edits: own, savedAt: at };
    await saveEdited(model);
    return { value: model };
  },
};

/**
 * Opens the base with the tensors fed that any variant changes.
 * @param fed which tensors, given those that are changed
 */
async function withTuning<T>(
  fed: (changed: readonly string[]) => readonly string[],
  variants: readonly (readonly WeightEdit[])[],
  signal: AbortSignal,
  work: (model: TuningModel, changed: readonly Map<string, Float32Array>[]) => Promise<T>,
): Promise<T> {
  const base = await baseCheckpoint(signal);
  const changed: Map<string, Float32Array>[] = [];
  for (const edits of variants) changed.push(await changedTensors(edits, base, readFrom(base)));
  const names = fed([...new Set(changed.flatMap((tensors) => [...tensors.keys()]))]);
  const model = await openTuning(base, bench.require().info.device, names, signal);
  try {
    return await work(model, changed);
  } finally {
    await model.dispose();
  }
}

async function meanOf(
  model: LoadedModel,
  target: WeightTarget,
  contexts: number,
  signal: AbortSignal,
): Promise<number[]> {
  const { config } = model.info;
  const edit = { hook: targetHook(target), op: "mean", over: "corpus", contexts } as const;
  const [direct] = await resolveEdits(model, [[config.bos_token_id]], [edit], { signal });
  const value = direct?.value;
  if (!(value instanceof Float32Array)) throw new LabError("internal", "there is no mean");
  const { rows, whole } = writesBy(target, config);
  return [...(whole ? value : value.subarray(...rows))];
}

/** @throws LabError "unsupported" for a row that is no fixed vector at every position */
async function vectorOf(
  model: LoadedModel,
  row: SteerRow,
  signal: AbortSignal,
): Promise<{ hook: string; vector: number[] }> {
  const refuse = (why: string) =>
    new LabError(
      "unsupported",
      `this row goes into no bias: ${why}; choose one that adds everywhere`,
    );
  if (row.mode !== "add") throw refuse(`“${row.mode}” depends on what it finds at each token`);
  if (row.at !== "all") throw refuse("it is for some positions only, a bias is for all");
  const scope = { lengths: [1], limit: 0 };
  const { sae } = benchSources(model);
  const [part] = await prepareParts(model, [{ ...row, on: true }], { sae, scope, signal });
  if (part!.scale) throw refuse("its autoencoder scales every token by its own norm");
  return { hook: part!.hook, vector: [...part!.direction] };
}
