/** A language model that is asked about features: where it is, what it is asked, what it answers. Plain data. */

export interface Message {
  role: "system" | "user";
  content: string;
}
export type WriterSource =
  /** A server that answers as OpenAI's does: POST url/chat/completions. */
  | { kind: "endpoint"; url: string; model: string; key: string }
  /** A text-generation model of the Hub, or of a mirror in its place, run in this tab by transformers.js. */
  | { kind: "hub"; id: string; hub: string | null; dtype: WriterDtype };

export const WRITER_DTYPES = ["q4", "q8", "fp16", "fp32"] as const;
export type WriterDtype = (typeof WRITER_DTYPES)[number];

export interface Question {
  messages: readonly Message[];
  /** Tokens of the answer, at most. */
  most: number;
}
export interface Answer {
  text: string;
  /** As the server counts them; told from the length of the texts, 4 characters a token, where it does not say. */
  tokens: { asked: number; answered: number; estimated: boolean };
}
export interface WriterProgress {
  /** Of a model that is fetched. */
  file: string;
  loadedBytes: number;
  totalBytes: number | null;
}

/** Some characters a token, in English. */
export const estimateTokens = (messages: readonly Message[]): number =>
  Math.ceil(messages.reduce((sum, { content }) => sum + content.length, 0) / 4);

/** Who is asked, in words. */
export const writerName = (source: WriterSource): string =>
  source.kind === "endpoint" ? source.model : source.id;
