/** An edit of activations as one of weights, which is the same at every position. Pure. */
import type { BenchEdit } from "../../../core/bench-edit.ts";
import { LabError } from "../../../core/lab-error.ts";
import type { BiasVector, ScaleWeights, WeightTarget } from "../../../core/model-edit.ts";
import type { Gpt2Config } from "../../../core/types.ts";
import { biasPlace } from "../../../core/weight-parts.ts";

/** A mean is still to be measured. */
export type LastingEdit = ScaleWeights | BiasVector | { meanOf: WeightTarget };

/** @throws LabError "unsupported" that says why weights cannot have it */
export function lastingEdit(
  { target, op, amount, pos }: BenchEdit,
  config: Gpt2Config,
): LastingEdit {
  const refuse = (why: string) => new LabError("unsupported", why);
  if (pos !== null) throw refuse("it is for one position, weights are for all");
  switch (target.kind) {
    case "resid":
      throw refuse("the stream has no weights of its own");
    case "feature":
      throw refuse("what it changes depends on the activation at each token");
    case "direction": {
      if (op !== "add") throw refuse("what it takes away depends on the activation at each token");
      const { hook, head, vector, name } = target;
      const place = { hook, ...(head !== null && { head }) };
      biasPlace(place, config);
      return { kind: "bias", ...place, vector, amount, from: name.slice(0, 300), on: true };
    }
    case "head":
    case "neuron":
    case "attn":
    case "mlp":
      if (op === "mean") return { meanOf: target };
      return { kind: "scale", target, factor: op === "zero" ? 0 : amount, on: true };
  }
}
