/** Which part of an example to show, and what to say about a token of it. Pure. */
import type { ExampleWidth } from "../core/feature-studies.ts";
import type { FeatureExample } from "../core/sae.ts";
import { joinTokens, readable } from "../core/token-bytes.ts";
import { tokenLabels } from "../ui/token-text.ts";

/** Tokens from `start` up to, not with, `end`. */
export interface Span {
  start: number;
  end: number;
}

const REACH = { short: 5, medium: 16 } as const;

export const spanOfWidth = (example: FeatureExample, width: ExampleWidth): Span =>
  width === "whole"
    ? { start: 0, end: example.tokens.length }
    : exampleSpan(example, REACH[width], REACH[width]);

/** `before` tokens, the peak, `after` tokens; shifted where the text ends, so that the window stays as long as it can. */
export function exampleSpan({ tokens, peak }: FeatureExample, before: number, after: number): Span {
  const length = Math.min(tokens.length, before + 1 + after);
  const start = Math.max(0, Math.min(peak - before, tokens.length - length));
  return { start, end: start + length };
}

/** Three significant digits; a feature that is off says so instead of 0.00. */
export function activationWords(activation: number): string {
  if (activation === 0) return "off";
  if (Number.isNaN(activation)) return "not measured";
  const size = Math.abs(activation);
  return `${activation < 0 ? "−" : ""}${size >= 1000 ? size.toFixed(0) : size.toPrecision(3)}`;
}

/** The text of an example as it was in the corpus. */
export const exampleText = ({ tokens }: FeatureExample, { start, end }: Span): string =>
  readable(joinTokens(tokens.slice(start, end)));

/** The name of an example for those who do not see the shading. */
export function exampleName(example: FeatureExample, span: Span): string {
  const text = exampleText(example, span).trim();
  const activation = example.activations[example.peak] ?? 0;
  if (activation === 0) return `${text} — off throughout`;
  const peak = `“${tokenLabels(example.tokens)[example.peak]?.name ?? ""}”`;
  return `${text} — strongest on ${peak}, ${activationWords(activation)}`;
}
