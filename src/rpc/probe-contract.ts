/** What probes ask of the worker. */
import type {
  FoundDirection,
  KeptProbes,
  ProbeAnswer,
  ProbePlace,
  ProbeProgress,
  ProbeQuestion,
  ProbeRequest,
  ProbeView,
  WrittenDirection,
} from "../core/probe.ts";
import type { Procedure } from "./procedure.ts";

export interface ProbeApi {
  /** The labelled cases that a request comes to. */
  "probe.view": Procedure<ProbeRequest, ProbeView>;
  /** Each place's result comes as progress. */
  "probe.run": Procedure<ProbeQuestion, ProbeAnswer, ProbeProgress>;
  /** All cases with their tokens and their part of the data, one text a line: what Python reads. */
  "probe.export": Procedure<ProbeRequest, string>;
  /** A direction as it arrives in the residual stream, raw basis. */
  "probe.written": Procedure<{ place: ProbePlace; unit: Float32Array }, WrittenDirection | null>;
  /** A direction as JSON and as safetensors. */
  "probe.files": Procedure<
    { name: string; place: ProbePlace; direction: FoundDirection },
    { name: string; bytes: Uint8Array<ArrayBuffer> }[]
  >;
  "probe.kept": Procedure<null, KeptProbes>;
  /** Puts these in the place of what was kept; the other stays. */
  "probe.keep": Procedure<Partial<KeptProbes>, null>;
}
