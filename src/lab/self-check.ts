/**
 * The self-check: known values of the model on the bench, where there are any, and what must hold in every GPT-2, each with
 * expected and found value, difference and tolerance. `self-check-identities.ts`, `-repeats.ts`, `-known.ts` and `-gpt2.ts`
 * have the checks; here they are run one after another.
 */
import { breathe } from "../core/breathe.ts";
import { LabError, toLabError } from "../core/lab-error.ts";
import type { CheckResult, SelfCheckProgress, SelfCheckReport } from "../core/self-check.ts";
import type { LoadedModel } from "../model/loaded-model.ts";
import type { Handlers } from "../rpc/serve.ts";
import { bench } from "./bench.ts";
import { differsFromGpt2, GOLDEN, isGpt2Shaped, runGolden } from "./self-check-gpt2.ts";
import { IDENTITIES } from "./self-check-identities.ts";
import { checkKnown, findKnown } from "./self-check-known.ts";
import { compared, notMade } from "./self-check-measure.ts";
import { REPEATS } from "./self-check-repeats.ts";
import { gatherRun, type RunEvidence, selfCheckIds } from "./self-check-run.ts";

export const selfCheckHandlers: Pick<Handlers, "lab.selfCheck" | "lab.health"> = {
  "lab.health": async (_, { signal }) => {
    const model = bench.current();
    const ids = [[0]];
    await model?.run({ ids, names: [], edits: [], logits: "last", signal });
    return { value: null };
  },

  "lab.selfCheck": async (_, { signal, progress }) => ({
    value: await selfCheck(bench.require(), signal, progress),
  }),
};

export async function selfCheck(
  model: LoadedModel,
  signal: AbortSignal,
  progress: (progress: SelfCheckProgress) => void,
): Promise<SelfCheckReport> {
  const start = performance.now();
  const results: CheckResult[] = [];
  const { steps, reference } = await plan(model, signal);
  for (const [done, { what, run }] of steps.entries()) {
    progress({ done, total: steps.length, what, results: [...results] });
    await breathe();
    if (signal.aborted) throw new LabError("cancelled", "cancelled");
    results.push(...(await run()));
  }
  progress({ done: steps.length, total: steps.length, what: "", results: [...results] });
  const { id, source, revision, commit, rounded, parameters, device, deviceReason } = model.info;
  const passed = results.filter(({ status }) => status === "pass").length;
  return {
    model: { id, source, revision, commit, rounded, parameters },
    ...{ device, deviceReason, reference, results, passed },
    failed: results.length - passed,
    milliseconds: performance.now() - start,
    at: new Date().toISOString(),
  };
}

interface Step {
  what: string;
  run: () => Promise<CheckResult[]>;
}

async function plan(model: LoadedModel, signal: AbortSignal) {
  const known = await knownSteps(model, signal);
  return { steps: [...known.steps, ...identitySteps(model, signal)], reference: known.reference };
}

async function knownSteps(
  model: LoadedModel,
  signal: AbortSignal,
): Promise<{ steps: Step[]; reference: string }> {
  if (isGpt2Shaped(model.info)) {
    const difference = await differsFromGpt2(model);
    if (difference !== null) {
      return {
        steps: [],
        reference: `no reference for these weights: of GPT-2’s shape, but ${difference}`,
      };
    }
    return {
      steps: GOLDEN.map((golden) => ({
        what: golden.name.what,
        run: async () => [await runGolden(golden, model, signal)],
      })),
      reference: "TransformerLens’s tests and demos: the weights are GPT-2’s own",
    };
  }
  try {
    const { known, reason } = await findKnown(model.info, signal);
    const what = "values known of these weights";
    const steps = known ? [{ what, run: () => checkKnown(model, known, signal) }] : [];
    return { steps, reference: reason };
  } catch (e) {
    const error = toLabError(e);
    if (error.code === "cancelled") throw error;
    return { steps: [], reference: `the reference file cannot be used: ${error.message}` };
  }
}

function identitySteps(model: LoadedModel, signal: AbortSignal): Step[] {
  const ids = selfCheckIds(model);
  let evidence: Promise<RunEvidence> | undefined;
  const gathered = () => (evidence ??= gatherRun(model, ids, signal));
  /** One that cannot be made is told of and does not keep the others from being made. */
  const step = (
    { id, what }: { id: string; what: string },
    run: (evidence: RunEvidence) => CheckResult | Promise<CheckResult>,
  ): Step => ({
    what,
    run: async () => {
      try {
        return [await run(await gathered())];
      } catch (e) {
        if (isFatal(e, signal)) throw e;
        return [notMade({ id, group: "identity", what }, e)];
      }
    },
  });
  return [
    ...IDENTITIES.map(({ id, what, tolerance, pairs }) =>
      step({ id, what }, (e) => compared({ id, group: "identity", what }, pairs(e), tolerance)),
    ),
    ...REPEATS.map(({ id, what, atLeast, tolerance, pairs }) =>
      step({ id, what }, async (e) => {
        if (ids.length < atLeast) {
          throw new LabError("unsupported", `the model’s context holds ${ids.length} token only`);
        }
        return compared({ id, group: "identity", what }, await pairs(model, e, signal), tolerance);
      }),
    ),
  ];
}

/** What ends the whole check: given up, or nothing runs any more. */
function isFatal(e: unknown, signal: AbortSignal): boolean {
  const { code } = toLabError(e);
  return signal.aborted || code === "cancelled" || code === "device-lost";
}
