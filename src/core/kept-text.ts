/** Texts of the user's that this browser keeps to train and measure on. Plain data. */

/** Which text: its id is made of what it says, so that the same file, added again, is the same text. */
export interface TextRef {
  id: string;
  /** As the file was called. */
  name: string;
}

export interface MeasuredOn {
  /** The user's texts; none: the lab's corpus. @default those that it was trained on */
  texts?: readonly TextRef[];
}

/** What an SAE is measured on, judged on, and labelled by: what it was measured on last, else what it was trained on. */
export const textsOf = ({
  texts,
  request,
}: MeasuredOn & { request: MeasuredOn | null }): readonly TextRef[] | undefined =>
  texts ?? request?.texts;

export interface KeptText extends TextRef {
  /** Of UTF-8, line ends made "\n". */
  bytes: number;
  characters: number;
  /** Pieces that it is read in; some are held out from training. */
  pieces: number;
  /** null if there was no model whose tokens they could be. */
  tokens: TokenEstimate | null;
  /** What was done to it to read it. */
  warnings: string[];
  /** ISO 8601 */
  addedAt: string;
}
export interface TokenEstimate {
  count: number;
  /** Whether all of them were counted, or those of some pieces, evenly spread. */
  exact: boolean;
  /** By whose tokenizer. */
  model: string;
}

export interface TextProgress {
  /** Bytes of the file. */
  done: number;
  total: number;
}

/** Of each text, at its end, that is kept from training to measure on. */
export const HELD_OUT = 0.05;

/**
 * How many pieces of each text, at its end, are held out: a twentieth, and one at least of some text; none of a text of a
 * single piece, unless it is all that there is to hold out.
 * @param pieces of each text
 * @returns null if there is too little: one piece in all
 */
export function heldOutPieces(pieces: readonly number[]): number[] | null {
  const total = pieces.reduce((a, b) => a + b, 0);
  if (total < 2) return null;
  const held = pieces.map((n) => (n < 2 ? 0 : Math.max(1, Math.round(n * HELD_OUT))));
  if (held.some((n) => n > 0)) return held;
  return pieces.map((n, i) => (i === pieces.length - 1 ? n : 0));
}
