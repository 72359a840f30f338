/** What the search for circuits asks of the worker, and the circuits that this browser keeps. */
import type { FoundCircuit } from "../core/found-circuit.ts";
import type { Procedure } from "./contract.ts";

export interface DiscoverApi {
  /** Newest first. */
  "circuits.list": Procedure<null, FoundCircuit[]>;
  /** One of the same id is replaced. */
  "circuits.save": Procedure<FoundCircuit, null>;
  "circuits.delete": Procedure<{ id: string }, null>;
}
