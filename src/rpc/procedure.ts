/** What a method of the worker is: what it takes, gives and tells on the way. */

export interface Procedure<I, O, P = never> {
  input: I;
  output: O;
  progress: P;
}

/** A prompt as text, or as token ids taken as they are. */
export type PromptInput = { text: string; prependBos: boolean } | { ids: number[] };
