/** A continuation of a prompt: how its tokens are drawn, and what is told of each. */
import type { Prediction } from "./types.ts";

export interface SamplingOptions {
  maxNewTokens: number;
  /** 0 is greedy. */
  temperature: number;
  /** Keep the k likeliest; 0 keeps all. */
  topK: number;
  /** Keep the smallest set whose probability reaches p; 1 keeps all. */
  topP: number;
  /** θ of Keskar et al. 2019, on every token of prompt and text: above 1 against repeating them; 1 leaves them alone. */
  repetitionPenalty: number;
  seed: number;
}

export interface GeneratedToken {
  id: number;
  /** Text added by this token (bytes of an unfinished character wait for the next). */
  text: string;
  /** The token itself, part of a character as in `token-bytes.ts`. */
  string: string;
  /** Under softmax(logits): temperature 1, nothing cut off, no penalty. */
  probability: number;
  /** Its place in that distribution, 1 for the likeliest; equal ones share the first place. */
  rank: number;
  /** The likeliest tokens there, in that distribution; none unless they were asked for. */
  alternatives: Prediction | null;
}

/** The continuation alone, without the prompt and without a closing `<|endoftext|>`. */
export interface Generation {
  text: string;
  tokens: number[];
  /** The `<|endoftext|>` that ended it; null if something else did. */
  end: GeneratedToken | null;
  /** `stop`: at a token or text that was to end it. */
  stopped: "length" | "end-of-text" | "stop" | "context-full" | "cancelled";
}
