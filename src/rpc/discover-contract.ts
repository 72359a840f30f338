/** What the search for circuits asks of the worker, and the circuits that this browser keeps. */
import type { AcdcAnswer, AcdcProgress, AcdcQuestion, AcdcSearch } from "../core/acdc.ts";
import type { FoundCircuit } from "../core/found-circuit.ts";
import type { AnswerKind, KeptAnswer } from "../core/kept-answer.ts";
import type { KeptTest } from "../core/verify.ts";
import type { Procedure } from "./procedure.ts";

export interface DiscoverApi {
  /** Newest first. */
  "circuits.list": Procedure<null, FoundCircuit[]>;
  /** One of the same id is replaced. */
  "circuits.save": Procedure<FoundCircuit, null>;
  "circuits.delete": Procedure<{ id: string }, null>;
  /** Goes on from a state; each word on how far it is has the state that it can go on from. */
  "circuits.acdc": Procedure<AcdcQuestion, AcdcAnswer, AcdcProgress>;
  /** The search that was under way when the page was left. */
  "circuits.search": Procedure<null, AcdcSearch | null>;
  "circuits.keepSearch": Procedure<AcdcSearch | null, null>;
  /** The last tests of circuits, oldest first. */
  "circuits.tests": Procedure<null, KeptTest[]>;
  "circuits.keepTest": Procedure<KeptTest, null>;
  /** Other answers of a kind, oldest first. */
  "circuits.answers": Procedure<AnswerKind, KeptAnswer[]>;
  "circuits.keepAnswer": Procedure<KeptAnswer, null>;
}
