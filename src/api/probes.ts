/** `lab.model.probeView`, `probe`, `probeData` and `probeWritten`: linear maps from activations to labels. */
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
import type { LabClient } from "../rpc/client.ts";
import type { LongOptions } from "./circuits.ts";

export interface ProbeMethods {
  /** The labelled cases that a request comes to. */
  probeView(request: ProbeRequest, options?: { signal?: AbortSignal }): Promise<ProbeView>;
  /** Fits and judges a probe at each place: its result comes by `onProgress`. */
  probe(question: ProbeQuestion, options?: LongOptions<ProbeProgress>): Promise<ProbeAnswer>;
  /** The cases with their tokens and their part of the data, as JSON, one text a line. */
  probeData(request: ProbeRequest): Promise<string>;
  /** A direction as it arrives in the residual stream. */
  probeWritten(place: ProbePlace, unit: Float32Array): Promise<WrittenDirection | null>;
  /** A direction as JSON and as safetensors. */
  probeFiles(
    name: string,
    place: ProbePlace,
    direction: FoundDirection,
  ): Promise<{ name: string; bytes: Uint8Array<ArrayBuffer> }[]>;
  /** What this browser keeps of probes, and what it is to keep. */
  keptProbes(): Promise<KeptProbes>;
  keepProbes(kept: Partial<KeptProbes>): Promise<null>;
}

export const probeMethods = (client: LabClient): ProbeMethods => ({
  probeView: async (request, options = {}) => client.call("probe.view", request, options),
  probe: async (question, options = {}) => client.call("probe.run", question, options),
  probeData: async (request) => client.call("probe.export", request),
  probeWritten: async (place, unit) => client.call("probe.written", { place, unit }),
  probeFiles: async (name, place, direction) =>
    client.call("probe.files", { name, place, direction }),
  keptProbes: async () => client.call("probe.kept", null),
  keepProbes: async (kept) => client.call("probe.keep", kept),
});
