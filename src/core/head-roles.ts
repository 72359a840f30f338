/** What heads do in a task, and what speaks for it: plain data. What each role asks for, `math/head-roles.ts` says. */
import type { PatchPair } from "./patching.ts";

export const HEAD_ROLES = [
  "previous",
  "duplicate",
  "induction",
  "inhibition",
  "mover",
  "negative",
  "backup",
] as const;
export type HeadRole = (typeof HEAD_ROLES)[number];

/** From where on a number speaks for a role. These are the lab's own: Wang et al. 2022 tell how far movers are from other heads, and no bounds. */
export const ROLE_LEAST = {
  /** Mean diagonal of the pattern on repeated random tokens. */
  diagonal: 0.4,
  /** Share of the names that are copied. */
  copying: 0.5,
  correlation: 0.5,
  /** Of the mean logit difference. */
  effect: 0.02,
  attention: 0.2,
  /** Standard errors. */
  errors: 2,
};
export type RoleLeast = Readonly<typeof ROLE_LEAST>;

/** Numbers of one head; null where they cannot be said. Means are over the task's clean prompts, at their last token. */
export interface HeadEvidence {
  layer: number;
  head: number;
  /** Mean diagonals of the pattern on repeated random tokens. */
  previous: number | null;
  duplicate: number | null;
  induction: number | null;
  /** Mean attention to the answer's token, and to the last token that is a wrong answer (S2). */
  toAnswer: number | null;
  toWrong: number | null;
  /** Shares of the names that are among the five likeliest of OV, and of −OV. */
  copying: number | null;
  negativeCopying: number | null;
  /** Pearson's, of attention to a name and what is written along that name's logit. */
  correlation: number | null;
  /** What the head writes along the logit difference, in logits, and its standard error. */
  direct: number | null;
  directError: number | null;
  /** How much that rises when the movers are ablated. */
  rise: number | null;
  riseError: number | null;
  /** What its path to the movers' queries adds to the logit difference, clean → corrupted; of heads that look at S2. */
  path: number | null;
}

/** Random tokens that are repeated, in as far as the model holds twice as many. */
export const REPEATED = 50;

export interface RolesQuestion {
  pairs: readonly PatchPair[];
  seed: number;
  /** Heads to take as the movers, as "9.6"; null: those that are proposed. */
  movers: readonly string[] | null;
  /** By which movers are proposed, and heads that look at S2 chosen. @default ROLE_LEAST */
  least?: RoleLeast;
}
export interface RolesAnswer {
  /** In reading order. */
  heads: readonly HeadEvidence[];
  pairs: number;
  /** Mean logit difference of the clean prompts; null without wrong answers. */
  logitDiff: number | null;
  /** Movers whose queries and whose ablation the rest was measured with, as "9.6". */
  movers: readonly string[];
  /** That they were chosen by. */
  least: RoleLeast;
  /** Names that the copying scores are of. */
  names: number;
  /** Random tokens of each repeat. */
  repeat: number;
  /** Why some roles cannot be told; null if all can. */
  lacks: string | null;
}
export const ROLE_STAGES = ["repeats", "task", "copying", "paths", "ablation"] as const;
export interface RolesProgress {
  stage: (typeof ROLE_STAGES)[number];
  done: number;
  total: number;
}
