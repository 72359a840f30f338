/**
 * What the model loses of its next tokens when one feature is taken out: ln p(next | ablated) − ln p(next | plain), in nats. The
 * feature's own contribution is subtracted where it is written, x − f(x)·W_dec[f], and all that comes after is computed anew; the
 * SAE's error stays.
 */
import type { DirectEdit } from "../core/edits.ts";
import type {
  AblationEffects,
  AblationMode,
  AblationRequest,
  ContextEffects,
  Counted,
} from "../core/feature-studies.ts";
import { LabError } from "../core/lab-error.ts";
import { outputOf } from "../core/sae.ts";
import { featureScale } from "../math/input-norm.ts";
import { logProbabilities } from "../math/identity-parts.ts";
import { runExperiments } from "./experiments.ts";
import { featureActivations, type OpenedSae } from "./feature-reader.ts";
import type { EditModel } from "./resolve-edits.ts";

interface Context {
  signal: AbortSignal;
  progress: (progress: Counted & { found: ContextEffects[] }) => void;
}

/** @throws LabError "cancelled"; "bad-input" for a context that the model cannot read */
export async function ablationEffects(
  model: EditModel,
  opened: OpenedSae,
  { sae, feature, mode, contexts }: AblationRequest,
  { signal, progress }: Context,
): Promise<AblationEffects> {
  const found: ContextEffects[] = [];
  for (const [context, ids] of contexts.entries()) {
    if (signal.aborted) throw new LabError("cancelled", "cancelled");
    const effects = await contextEffects(model, opened, feature, ids, mode, signal);
    found.push({ context, effects });
    progress({ done: context + 1, total: contexts.length, found: [...found] });
  }
  return { sae, feature, mode, contexts: found };
}

/** Of each token of one context; 0 where nothing was ablated, NaN for the last, whose next is not known. */
async function contextEffects(
  model: EditModel,
  { config, weights }: OpenedSae,
  feature: number,
  context: readonly number[],
  mode: AblationMode,
  signal: AbortSignal,
): Promise<Float32Array> {
  const { bos_token_id, vocab_size: V } = model.info.config;
  const { hook, dIn, normalize } = config;
  const ids = [bos_token_id, ...context];
  const plain = await model.run({ ids: [ids], names: [hook], edits: [], logits: "all", signal });
  const x = plain.cache.get(hook)!.data;
  const f = featureActivations(x.subarray(dIn), { config, weights }, feature); // of the tokens after BOS
  const out = outputOf(config);
  const row = weights.W_dec.subarray(feature * out.width, (feature + 1) * out.width);
  const scale = featureScale(x.subarray(dIn), dIn, normalize);
  const active = [...f.keys()].filter((t) => f[t]! > 0);
  const ablated = active.map((t): DirectEdit => ({
    ...{ hook: out.hook, op: "add", pos: t + 1 },
    value: row.map((w) => -f[t]! * scale[t]! * w),
  }));
  const effects = new Float32Array(context.length);
  if (effects.length > 0) effects[effects.length - 1] = NaN;
  if (active.length === 0) return effects;
  /** ln p of the token after t. */
  const chance = (logits: Float32Array, t: number) => {
    const own = logits.subarray((t + 1) * V, (t + 2) * V);
    return logProbabilities(own, [context[t + 1]!])[0]!;
  };
  const last = context.length - 1;
  const experiments = mode === "along" ? [ablated] : ablated.map((edit) => [edit]);
  await runExperiments(
    model,
    { prompt: { ids }, experiments, edits: [], names: [], logits: "all", basis: "raw" },
    {
      signal,
      progress: ({ experiments: which, logits }) => {
        which.forEach((index, r) => {
          const size = ids.length * V;
          const own = logits!.data.subarray(r * size, (r + 1) * size);
          const told =
            mode === "along" ? [...f.keys()].filter((t) => t >= active[0]!) : [active[index]!];
          for (const t of told) {
            if (t < last) effects[t] = chance(own, t) - chance(plain.logits!.data, t);
          }
        });
      },
    },
  );
  return effects;
}
