/** The logits that a feature circuit is about: their directions, and their weights in the metric. */
import type { LogitTarget } from "../core/feature-circuit.ts";
import { LabError } from "../core/lab-error.ts";
import { logSoftmax } from "../math/logit-metric.ts";
import type { LoadedModel } from "../model/loaded-model.ts";
import { readUnembeddingOf } from "./basis-parameters.ts";
import type { LogitRead } from "./circuit-nodes.ts";
import { largest } from "./direct-effects.ts";

const MOST_LOGITS = 15;

export interface WeighedLogit extends LogitRead {
  /** In the metric. */
  weight: number;
  probability: number | null;
  name: string;
}

/** @throws LabError "bad-input" for tokens or shares that cannot be */
export async function logitReads(
  model: LoadedModel,
  ids: readonly number[],
  target: LogitTarget,
  signal: AbortSignal,
): Promise<WeighedLogit[]> {
  const { vocab_size: V, n_embd: D } = model.info.config;
  const run = await model.run({ ids: [ids], names: [], edits: [], logits: "last", signal });
  const log = logSoftmax(run.logits!.data.slice(-V));
  const nameOf = (id: number) => model.tokenizer.strings([id])[0]!;
  const read = async (tokens: readonly number[]) => {
    const { directions, bias } = await readUnembeddingOf(model, tokens, "tl");
    return tokens.map((token, n) => ({
      token,
      direction: Float64Array.from(directions.subarray(n * D, (n + 1) * D)),
      bias: bias[n]!,
    }));
  };
  if (target.kind === "difference") {
    if (target.token === target.against) {
      throw new LabError("bad-input", "the two tokens are the same: their logits do not differ");
    }
    const [a, b] = await read([target.token, target.against]);
    return [
      {
        token: a!.token,
        direction: a!.direction.map((v, d) => v - b!.direction[d]!),
        bias: a!.bias - b!.bias,
        ...{ weight: 1, probability: null },
        name: `logit “${nameOf(a!.token)}” − “${nameOf(b!.token)}”`,
      },
    ];
  }
  const { mass, most } = target;
  if (!(mass > 0 && mass <= 1) || !Number.isInteger(most) || most < 1 || most > MOST_LOGITS) {
    throw new LabError(
      "bad-input",
      `logits of mass ${mass}, at most ${most}: a mass is more than 0 and at most 1, a number 1 … ${MOST_LOGITS}`,
    );
  }
  const likeliest = largest(Float32Array.from(log), most);
  const chosen: number[] = [];
  for (let sum = 0; sum < mass && chosen.length < likeliest.length;) {
    const token = likeliest[chosen.length]!;
    chosen.push(token);
    sum += Math.exp(log[token]!);
  }
  return (await read(chosen)).map((logit) => {
    const probability = Math.exp(log[logit.token]!);
    return { ...logit, weight: probability, probability, name: nameOf(logit.token) };
  });
}
