/** What `generate` takes beside the prompt. */
import type { Basis } from "../core/basis.ts";
import type { Edit } from "../core/edits.ts";
import type { GeneratedToken, SamplingOptions } from "../core/generation.ts";
import type { SteerSpec } from "../core/steer.ts";

export interface GenerateOptions extends Partial<SamplingOptions> {
  prependBos?: boolean;
  edits?: readonly Edit[];
  /** Of the edits. @default "raw" */
  basis?: Basis;
  steer?: SteerSpec | null;
  /** Ends after any of these token ids, or after the token that completes any of these texts. */
  stop?: string | readonly (string | number)[];
  /** Tokens of the text that are there already: it goes on after them with the draws of their places. @default none */
  begun?: readonly number[];
  /** How many of the likeliest tokens `onToken` is told at each step. @default 0 */
  alternatives?: number;
  onToken?: (token: GeneratedToken) => void;
  signal?: AbortSignal;
}
