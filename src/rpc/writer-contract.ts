/** Methods of the second worker: a language model that is asked about features. Started when it is first asked for. */
import type { Answer, Question, WriterProgress, WriterSource } from "../core/writer.ts";
import type { Procedure } from "./procedure.ts";

export interface WriterApi {
  /** Makes it ready: a model of the Hub is fetched and loaded; an endpoint's address is read, and nothing is sent. */
  "writer.open": Procedure<WriterSource, null, WriterProgress>;
  /** Sends a question. Progress says what is waited for. */
  "writer.ask": Procedure<{ source: WriterSource; question: Question }, Answer, { wait: string }>;
}
export type WriterMethod = keyof WriterApi;
