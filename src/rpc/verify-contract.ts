/** A circuit's tests. They compute and change nothing. */
import type { VerifyAnswer, VerifyProgress, VerifyQuestion } from "../core/verify.ts";
import type { Procedure } from "./procedure.ts";

export interface VerifyApi {
  /** What is found comes as progress. */
  "circuit.verify": Procedure<VerifyQuestion, VerifyAnswer, VerifyProgress>;
}
