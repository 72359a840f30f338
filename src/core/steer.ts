/**
 * Steering as rows: each turns one direction up or down, in one of seven ways, at some positions. Plain data that JSON holds.
 *
 * A row has a direction d at a hook point and a reading r of the value x there. Of an SAE's feature d is W_dec[f] and r its
 * activation f(x); of any other source d is a unit vector, and r = x·d. With n = ‖d‖, d̂ = d/n, and c the row's amount:
 *   add       x + c·d
 *   clamp     x + (c − r)·d                      the feature's share of what is decoded becomes c·d (SAELens's and
 *                                                circuit-tracer's intervention); encoded again it reads r + (c − r)·W_enc[f]·d
 *   multiply  x + (c − 1)·r·d                    f → c·f; of a unit vector (I − P)x + c·Px, Neuronpedia's ORTHOGONAL_DECOMP
 *   ablate    x − r·d                            c = 0 of both
 *   replace   x − (x·d̂)·d̂ + c·d̂                  projected out, then put back c long
 *   most      x + (min(c, x·d̂) − x·d̂)·d̂          Neuronpedia's PROJECTION_CAP
 *   least     x + (max(c, x·d̂) − x·d̂)·d̂          the same from below
 * Of a transcoder's feature the reading is of what it reads, and x what it writes to. Of an SAE that normalises what it reads, add,
 * clamp, multiply and ablate are in its units: their change is scaled back by the token's own t (`math/input-norm.ts`).
 * All rows at one hook point read the same x, as edits before them left it, and what they change adds up: their order does not
 * matter. Rows at later hook points read what those at earlier ones have made of the run.
 */
import type { Direction } from "./direction.ts";
import { blockHook } from "./hooks.ts";

/** What is steered along. */
export type SteerSource =
  /** where the feature writes: at its SAE's hook */
  | { kind: "feature"; sae: string; feature: number }
  /** its activation, a coordinate of mlp.hook_post */
  | { kind: "neuron"; layer: number; neuron: number }
  /** what the head writes into the stream, z·W_O, at the last token of each phrase run by itself, as a mean; at hook_attn_out */
  | { kind: "head"; layer: number; head: number; phrases: string[] }
  /** mean over `plus` less the mean over `minus`, each of x at the last token of a phrase run by itself */
  | { kind: "difference"; hook: string; plus: string[]; minus: string[] }
  /** numbers from elsewhere: a probe, another tool */
  | { kind: "vector"; hook: string; name: string; vector: number[] };

export const STEER_MODES = [
  "add",
  "clamp",
  "multiply",
  "ablate",
  "replace",
  "most",
  "least",
] as const;
export type SteerMode = (typeof STEER_MODES)[number];

/**
 * `all`: the prompt's tokens and the generated ones. `generated`: those after the prompt. Or positions by number; negative ones
 * count from the prompt's end.
 */
export type SteerAt = "all" | "generated" | number[];

/**
 * In what an amount is shown and slid: as it is; in multiples of the feature's largest activation (of another direction's own
 * length); in multiples of the residual stream's mean norm at the prompt.
 */
export const STEER_UNITS = ["raw", "max", "norm"] as const;
export type SteerUnit = (typeof STEER_UNITS)[number];

export interface SteerRow {
  source: SteerSource;
  mode: SteerMode;
  /** c: in the units of r for add and clamp, a factor for multiply, along d̂ for replace, most and least; none for ablate. */
  amount: number;
  at: SteerAt;
  unit: SteerUnit;
  /** Switched off, it stays in the list. */
  on: boolean;
}

/**
 * `frozen`: every token attends as it would in the unsteered model reading the same tokens, those that were generated too: the
 * patterns of that run take the place of the steered run's own, from the first steered layer on.
 */
export const STEER_ATTENTION = ["free", "frozen"] as const;
export type SteerAttention = (typeof STEER_ATTENTION)[number];

export interface SteerSpec {
  rows: SteerRow[];
  /** @default "free" */
  attention?: SteerAttention;
}

/** What a row does to the prompt. */
export interface SteerFacts {
  /** Where it writes. */
  hook: string;
  /** n = ‖d‖; 1 of all but features. */
  length: number;
  /** How long d is in the residual stream: of d·W_O at z, of d·W_out at a neuron; else n. */
  reach: number;
  /** The direction's own length before it was made a unit vector; null of features and neurons. */
  own: number | null;
  /**
   * Mean over all tokens but the first of several of t, what one unit of r, times d, is in the model's own scale: 1 unless the SAE
   * normalises what it reads.
   */
  scale: number;
  /** r at the prompt's last token, unsteered. */
  reading: number;
  /** Mean of ‖x‖ of the unsteered residual stream where the row's change arrives, over all tokens but the first of several. */
  norm: number;
  /** The hook point of that x. */
  normHook: string;
  /**
   * Largest ‖Δ‖/‖x‖ over the prompt's tokens that the row changes, and that token's position; of a row that only changes generated tokens,
   * what it would be at the last one. null where the row is switched off.
   */
  change: { ratio: number; position: number } | null;
}

/** What steering does to the prompt's end: a point of a dose–response curve. */
export interface SteerEffect {
  /** ln p of each asked token after the last. */
  logProbabilities: number[];
  /** KL(plain ‖ steered) of the next token after the last, in nats. */
  kl: number;
  /** exp of the mean −ln p of the text's tokens but the first; null for a text of one token. */
  perplexity: number | null;
  /**
   * Largest ‖Δ‖/‖x‖ of any one row over the prompt's tokens, each row reading the unsteered run; null where none changes them.
   */
  change: number | null;
}

/** What can be done along a source: a unit vector's clamp is its replace. */
export const modesOf = ({ kind }: SteerSource): readonly SteerMode[] =>
  kind === "feature" ? STEER_MODES : STEER_MODES.filter((mode) => mode !== "clamp");

/** Whether c is a length along d̂, rather than in the units of the reading. */
export const isAlong = (mode: SteerMode): boolean =>
  mode === "replace" || mode === "most" || mode === "least";
/** Whether an amount has a unit: a factor has none, and ablate has no amount. */
export const hasUnit = (mode: SteerMode): boolean => mode !== "ablate" && mode !== "multiply";

/** Where a source that is no feature writes; a feature's hook is its SAE's. */
export function sourceHook(source: Exclude<SteerSource, { kind: "feature" }>): string {
  switch (source.kind) {
    case "neuron":
      return blockHook(source.layer, "mlp.hook_post");
    case "head":
      return blockHook(source.layer, "hook_attn_out");
    case "difference":
    case "vector":
      return source.hook;
  }
}

/** "feature 412", "L2N40", "L2H3", " king − queen", "my probe". */
export function sourceName(source: SteerSource): string {
  switch (source.kind) {
    case "feature":
      return `Feature ${source.feature}`;
    case "neuron":
      return `L${source.layer}N${source.neuron}`;
    case "head":
      return `L${source.layer}H${source.head}`;
    case "difference":
      return `${source.plus[0]!.trim()}${more(source.plus)} − ${source.minus[0]!.trim()}${more(source.minus)}`;
    case "vector":
      return source.name === "" ? "Vector" : source.name;
  }
}
const more = (phrases: readonly string[]) => (phrases.length > 1 ? " …" : "");

/** Whether a row holds at a position. @param length of the prompt */
export function holdsAt(at: SteerAt, position: number, length: number): boolean {
  if (at === "all") return true;
  if (at === "generated") return position >= length;
  return at.some((p) => (p < 0 ? p + length : p) === position);
}

export const sameSource = (a: SteerSource, b: SteerSource): boolean =>
  JSON.stringify(a) === JSON.stringify(b);

/** What a direction that is read off tokens is to steer along; a head's is what it writes at the end of a text. */
export function sourceOf(direction: Direction, text: string): SteerSource {
  switch (direction.kind) {
    case "head":
      return { kind: "head", layer: direction.layer, head: direction.head, phrases: [text] };
    case "vector":
      return { ...direction, name: "", vector: [...direction.vector] };
    case "neuron":
    case "feature":
    case "difference":
      return direction;
  }
}

/** A row as it begins. */
export const newRow = (source: SteerSource, amount: number): SteerRow => ({
  ...{ source, mode: "add", amount, at: "all", on: true },
  unit: source.kind === "neuron" ? "raw" : "max",
});
