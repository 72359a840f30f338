/** The worker's methods for texts of the user's that are kept to train and measure on. */
import type { KeptText, TextProgress } from "../core/kept-text.ts";
import type { Procedure } from "./procedure.ts";

export interface TextApi {
  "text.list": Procedure<null, KeptText[]>;
  /** Reads a file through once, and keeps it. The same text again takes its own place. */
  "text.add": Procedure<{ file: File }, KeptText, TextProgress>;
  "text.delete": Procedure<{ id: string }, null>;
}
