/**
 * A direction: what is read off each token as one number. A neuron, a head's output, a feature of a sparse autoencoder, or a
 * vector in the residual stream, which may be the difference of two means or come from elsewhere.
 */
import { type BlockSite, parseHook } from "./hooks.ts";
import type { TextRef } from "./kept-text.ts";
import { LabError } from "./lab-error.ts";
import type { Gpt2Config } from "./types.ts";

export type Direction =
  /** its activation, mlp.hook_post */
  | { kind: "neuron"; layer: number; neuron: number }
  /**
   * ‖result‖₂, the length of what it adds to the residual stream; or result · u, u what reads a token's logit, the token by its
   * id or its text
   */
  | { kind: "head"; layer: number; head: number; token: number | string | null }
  /** its activation f(x), at the hook of its SAE */
  | { kind: "feature"; sae: string; feature: number }
  /** x · d̂, d the mean over `plus` less that over `minus`, each of x at the last token of a phrase */
  | { kind: "difference"; hook: string; plus: string[]; minus: string[] }
  /** x · v̂ */
  | { kind: "vector"; hook: string; vector: Float32Array };
export type DirectionKind = Direction["kind"];

/** Sites whose values lie in the residual stream, d_model wide: where a vector can be a direction. */
export const STREAM_SITES = [
  "hook_resid_pre",
  "hook_attn_out",
  "hook_resid_mid",
  "hook_mlp_out",
  "hook_resid_post",
] as const satisfies readonly BlockSite[];

/** @throws LabError "bad-input" for a hook point that is not d_model wide in a block's stream */
export function checkStreamHook(
  hook: string,
  config: Pick<Gpt2Config, "n_layer">,
): { layer: number } {
  const { layer, site } = parseHook(hook, config);
  if (layer === null || !STREAM_SITES.some((name) => name === site)) {
    throw new LabError(
      "bad-input",
      `a vector of the residual stream has no place at ${hook}; possible in each block are ${STREAM_SITES.join(", ")}`,
    );
  }
  return { layer };
}

export const directionName = (direction: Direction): string => {
  switch (direction.kind) {
    case "neuron":
      return `L${direction.layer}N${direction.neuron}`;
    case "head": {
      const { layer, head, token } = direction;
      return `L${layer}H${head}${token === null ? ", length of its output" : ` along “${token}”`}`;
    }
    case "feature":
      return `feature ${direction.feature}`;
    case "difference":
      return `difference of means at ${direction.hook}`;
    case "vector":
      return `vector at ${direction.hook}`;
  }
};

/** One phrase a line. Lines of nothing but spaces are none; a space before a word belongs to it, as it does to its token. */
export const phrasesOf = (text: string): string[] =>
  text.split(/\r\n|\r|\n/).filter((line) => line.trim() !== "");

/**
 * A vector as people have it: a JSON list of numbers, [[…]] of one row also, or numbers as NumPy's savetxt writes them.
 * @throws LabError "bad-input" that says what is wrong, and where
 */
export function parseVector(text: string, dModel: number): Float32Array {
  const refuse = (why: string) =>
    new LabError("bad-input", `a vector here is a JSON list of ${dModel} numbers; ${why}`);
  if (text.trim() === "") throw refuse("nothing was given");
  let value: unknown;
  try {
    value = JSON.parse(asJson(text));
  } catch (e) {
    throw refuse(`this is no JSON (${e instanceof Error ? e.message : String(e)})`);
  }
  const row: unknown = Array.isArray(value) && value.length === 1 ? value[0] : null;
  const list: unknown = Array.isArray(row) ? row : value;
  if (!Array.isArray(list)) throw refuse(`this is ${nameOf(list)}`);
  if (list.length !== dModel) throw refuse(`this has ${list.length} entries`);
  const vector = new Float32Array(dModel);
  list.forEach((entry: unknown, i) => {
    if (typeof entry !== "number") throw refuse(`entry ${i} is ${nameOf(entry)}`);
    vector[i] = entry;
    if (!Number.isFinite(vector[i])) throw refuse(`entry ${i}, ${entry}, is too large for float32`);
  });
  if (vector.every((x) => x === 0)) throw refuse("one of nothing but zeros points nowhere");
  return vector;
}

/** Numbers with spaces, line ends or commas between them, as NumPy's savetxt writes them, as a list. */
function asJson(text: string): string {
  const parts = text.split(/[\s,]+/).filter((part) => part !== "");
  const isList = parts.length > 1 && parts.every((part) => /^[+-]?[\d.]+(e[+-]?\d+)?$/i.test(part));
  return isList ? JSON.stringify(parts.map(Number)) : text;
}

function nameOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "an object";
  return `${typeof value} ${JSON.stringify(value).slice(0, 40)}`;
}

/** Where examples are looked for. */
export type TextSource =
  { kind: "corpus" } | { kind: "file"; file: File } | { kind: "kept"; text: TextRef };

/** As it is called; null: the lab's corpus. */
export const sourceName = (source: TextSource): string | null =>
  source.kind === "corpus" ? null : source.kind === "file" ? source.file.name : source.text.name;

export interface SearchRequest {
  direction: Direction;
  source: TextSource;
  /** Stop after about so many tokens; null: read all of it. */
  tokens: number | null;
  /** How many examples of each end to keep. */
  keep: number;
}

/** A piece of text as the model read it, and the direction's value on each token. */
export interface DirectionExample {
  /** Without the `<|endoftext|>` before it. */
  tokens: string[];
  /** NaN on an `<|endoftext|>` within the text, which is not measured. */
  values: Float32Array;
  /** Index of the token that it is an example of. */
  peak: number;
}

/** Counts in equal bins: counts[i] values in [(from + i) · binWidth, (from + i + 1) · binWidth). */
export interface SignedHistogramData {
  binWidth: number;
  from: number;
  counts: number[];
}

/** What has been found so far, or at the end. */
export interface Found {
  direction: Direction;
  /** The hook point that was read. */
  hook: string;
  /** Measured tokens: all but the first of each context and every `<|endoftext|>`. */
  tokens: number;
  contexts: number;
  /** null before the first token, as are the next three */
  mean: number | null;
  /** √(Σ(v − mean)² / n) */
  deviation: number | null;
  least: number | null;
  most: number | null;
  histogram: SignedHistogramData;
  /** One a context, strongest first. */
  highest: DirectionExample[];
  lowest: DirectionExample[];
  /** The unit vector, and ‖mean − mean‖, of a difference of means; else null. */
  difference: { unit: Float32Array; length: number } | null;
  /** What was done to the text to read it. */
  warnings: string[];
}

export interface SearchProgress {
  /** Of what there is to read; null while it cannot be told. */
  share: number | null;
  /** null before the first batch */
  tokensPerSecond: number | null;
  secondsLeft: number | null;
  /** null where nothing was found since the last message */
  found: Found | null;
}
