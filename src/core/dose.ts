/** Dose–response curves: what is asked, what came of it, and what it was made of. Plain data, kept in the browser. */
import type { SteerAttention, SteerEffect, SteerRow } from "./steer.ts";

export interface DoseToken {
  id: number;
  /** As it is shown. */
  string: string;
}
/** What a curve is asked of. */
export interface DoseRequest {
  /** The row whose amount goes through the range; null: all of them, each times the strength. */
  row: number | null;
  /** Strengths, increasing. */
  doses: number[];
  /** c of strength 1; of all rows together 1. */
  unit: number;
  tokens: DoseToken[];
  /** Whose perplexity is told; null: the prompt's. */
  text: string | null;
}
export interface Dose extends DoseRequest {
  /** What it was made of. */
  prompt: string;
  prependBos: boolean;
  modelId: string;
  rows: readonly SteerRow[];
  attention: SteerAttention;
  /** One for each strength; null for those that were not reached. */
  effects: (SteerEffect | null)[];
}
