/** Going on from where a run stands, with other settings: what may change, and what the new run is asked for. Pure. */
import { LabError } from "./lab-error.ts";
import { quoted } from "./quoted.ts";
import type { TrainVariant } from "./sae-recipe.ts";
import type { TrainRequest } from "./sae.ts";

/** What may be other than in the run that is forked; what is not said stays. */
export interface ForkChange {
  name?: string;
  tokens?: number;
  lr?: number;
  lrWarmUp?: number;
  lrDecay?: number;
  l1?: number;
  k?: number;
  targetL0?: number;
  l0Weight?: number;
  keepState?: boolean;
}
const ALWAYS = ["name", "tokens", "lr", "lrWarmUp", "lrDecay", "keepState"] as const;
/** What says how sparse: it may change while its variant may not. */
export const SPARSITY_FIELD = {
  standard: "l1",
  gated: "l1",
  topk: "k",
  batchtopk: "k",
  matryoshka: "k",
  jumprelu: "targetL0",
} as const satisfies Record<TrainVariant, keyof ForkChange>;

/**
 * The request of a fork: the same hook, width, variant, batch, seed and text, so that its parameters and its place in the text
 * still mean the same.
 * @throws LabError "bad-input" for a change of anything else
 */
export function forkedRequest(request: TrainRequest, change: ForkChange): TrainRequest {
  const own: string[] = [...ALWAYS, SPARSITY_FIELD[request.variant]];
  if (request.variant === "jumprelu") own.push("l0Weight");
  const given = Object.entries(change).filter(([, value]) => value !== undefined);
  for (const [field, value] of given) {
    if (own.includes(field)) continue;
    throw new LabError(
      "bad-input",
      `${field} is ${quoted(value)}, and cannot change in a fork of this run; ${own.join(", ")} can`,
    );
  }
  const { name, ...rest } = request;
  void name; // the fork has its own
  return { ...rest, ...Object.fromEntries(given) };
}

/** "TopK run → k 16, from step 120": the name of a fork that was given none. */
export function forkName(
  from: { name: string; request: TrainRequest },
  change: ForkChange,
  step: number,
): string {
  const before = from.request as unknown as Record<string, unknown>;
  const changed = Object.entries(change)
    .filter(
      ([key, value]) =>
        key !== "name" && key !== "keepState" && value !== undefined && value !== before[key],
    )
    .map(
      ([key, value]) =>
        `${SYMBOL[key] ?? key} ${Number(value).toLocaleString("en-US", { maximumSignificantDigits: 6 })}`,
    );
  const what = changed.length > 0 ? `${changed.join(", ")}, ` : "";
  const name = from.name.split(" → ")[0]!;
  return `${name} → ${what}from step ${step.toLocaleString("en-US")}`;
}
const SYMBOL: Record<string, string> = { l1: "λ", targetL0: "L0", l0Weight: "c", lr: "rate" };
