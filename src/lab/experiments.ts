/**
 * One prompt with B lists of edits, a row of a batch each. Rows are computed as one up to the stage where they part
 * (`model/row-plan.ts`) and from the token on at which the first of them does (`common-past.ts`), so those that are edited at
 * the same place run side by side. A run takes as many as fit into memory
 * and some seconds; if memory ends all the same, it is tried with half of them.
 */
import type { Basis } from "../core/basis.ts";
import { breathe } from "../core/breathe.ts";
import { readEdit } from "../core/edit-shape.ts";
import { type Edit, isDirect } from "../core/edits.ts";
import type { ExperimentRows } from "../core/experiments.ts";
import { hookNames, parseHook } from "../core/hooks.ts";
import { LabError, toLabError } from "../core/lab-error.ts";
import type { Tokens } from "../core/types.ts";
import { checkEdit } from "../model/edit-check.ts";
import type { PromptInput } from "../rpc/procedure.ts";
import { ChunkSize } from "./chunk-size.ts";
import { alongside, commonPast, fromTheFirst } from "./common-past.ts";
import { hookReader } from "./hook-reader.ts";
import { prepareEdits, type EditSources } from "./prepare-edits.ts";
import { inRow, type Prepared } from "./prepared-edit.ts";
import { readWhole } from "./read-prompt.ts";
import { benchSources, type EditModel } from "./resolve-edits.ts";
import { rowBudget, rowBytes } from "./row-bytes.ts";
import { runInBasis } from "./run-in-basis.ts";
import { settleChanges } from "./settle-changes.ts";

export interface ExperimentRequest {
  prompt: PromptInput;
  experiments: readonly (readonly Edit[])[];
  /** In force in all of them, before their own. */
  edits: readonly Edit[];
  names: readonly string[];
  logits: "all" | "last" | "none";
  /** Logits of these tokens alone, in the raw basis. @default all */
  only?: readonly number[] | null;
  basis: Basis;
  /** Positions that the edits leave as they are, whatever they say: what they put there is there already. @default 0 */
  sameBefore?: number;
}
interface Context {
  signal: AbortSignal;
  progress: (rows: ExperimentRows) => void;
  sources?: EditSources;
  /** @default what the model leaves of the memory */
  budget?: number;
}

/** @throws LabError "bad-input" naming the experiment, the hook and what it expects; "out-of-memory" if not even one fits */
export async function runExperiments(
  model: EditModel,
  request: ExperimentRequest,
  { signal, progress, sources = benchSources(model), budget = rowBudget(model.info) }: Context,
): Promise<{ tokens: Tokens }> {
  const { experiments, names, logits, basis } = request;
  const { config } = model.info;
  const tokens = readWhole(model, request.prompt);
  const { ids } = tokens;
  const points = names.map((name) => parseHook(name, config));
  checkExperiments(request, model, ids.length);
  const read = hookReader(model, basis, signal);
  const scope = { lengths: [ids.length], limit: 0 };
  const all = [request.edits, ...experiments].flat();
  const prepared = (await prepareEdits(all, { model, basis, scope, read, sources })).values();
  const take = (edits: readonly Edit[]): Prepared[] =>
    edits.flatMap(() => prepared.next().value ?? []);
  const common = take(request.edits);
  const own = experiments.map(take);

  const size = new ChunkSize(
    budget /
      rowBytes(config, {
        T: ids.length,
        names: points,
        edited: [...new Set(all.map(({ hook }) => hook))].map((hook) => parseHook(hook, config)),
        logits: logits === "all" ? ids.length : Number(logits === "last" && !request.only),
      }),
  );
  const whole = names.length > 0 || logits === "all" || basis !== "raw";
  const asked = { ids, common, own, sameBefore: request.sameBefore ?? 0, signal };
  const { starts, pastOf } = whole ? fromTheFirst(own) : await commonPast(model, asked);
  const run = async (chunk: readonly number[]) => {
    const start = starts[chunk[0]!]!;
    const rows = { ids: chunk.map(() => ids.slice(start)) };
    const sharedPast = start > 0 ? pastOf(start) : null;
    const ownRows = chunk.flatMap((index, row) => own[index]!.map((edit) => inRow(edit, row)));
    const edits = await settleChanges([...common, ...ownRows], rows, read, config);
    return runInBasis(model, basis, {
      ...rows,
      ...(sharedPast && { sharedPast }),
      ...(request.only && { only: request.only }),
      ...{ names, edits, logits, signal },
    });
  };
  const order = inOrder(starts, experiments, hookNames(config));
  for (let done = 0; done < order.length;) {
    const chunk = alongside(order.slice(done, done + size.size), starts, ids.length);
    const start = performance.now();
    try {
      const result = await run(chunk);
      size.took(chunk.length, performance.now() - start);
      done += chunk.length;
      progress({
        experiments: chunk,
        logits: result.logits,
        cache: [...result.cache],
        done,
        total: order.length,
        secondsLeft: ((order.length - done) * size.msPerRow!) / 1000,
      });
    } catch (e) {
      if (toLabError(e).code !== "out-of-memory" || !size.tooLarge(chunk.length)) throw e;
    }
    await breathe();
    signal.throwIfAborted();
  }
  return { tokens };
}

/**
 * Indices of the experiments in the order in which what is next to each other shares the most: by the first position that they
 * change, then by the stage at which they part from the plain run.
 */
function inOrder(
  starts: readonly number[],
  experiments: readonly (readonly Edit[])[],
  names: readonly string[],
): number[] {
  const first = experiments.map((edits) =>
    Math.min(Infinity, ...edits.map(({ hook }) => names.indexOf(hook))),
  );
  return [...first.keys()].sort(
    (a, b) => starts[a]! - starts[b]! || first[a]! - first[b]! || a - b,
  );
}

function checkExperiments(
  { experiments, edits }: ExperimentRequest,
  { info }: EditModel,
  length: number,
): void {
  if (experiments.length === 0) throw new LabError("bad-input", "there is no experiment to run");
  const hooks = hookNames(info.config);
  const check = (edit: Edit) => {
    readEdit(edit, hooks);
    if (edit.row !== undefined) {
      throw new LabError(
        "bad-input",
        `edit of ${edit.hook}: each experiment is a row of its own, so "row" cannot be given`,
      );
    }
    parseHook(edit.hook, info.config);
    if (isDirect(edit)) checkEdit(edit, info.config, { length, limit: 0 });
  };
  edits.forEach(check);
  experiments.forEach((list, i) => {
    try {
      list.forEach(check);
    } catch (e) {
      const { code, message } = toLabError(e);
      throw new LabError(code, `experiment ${i}: ${message}`, { cause: e });
    }
  });
}
