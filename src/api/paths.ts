/** `lab.model.patchPaths` and `channelEffects`: path patching. */
import type { PatchAnswer, PatchProgress } from "../core/patching.ts";
import type { ChannelAnswer, ChannelQuestion, PathQuestion } from "../core/paths.ts";
import type { LabClient } from "../rpc/client.ts";
import type { LongOptions } from "./circuits.ts";

export interface PathMethods {
  /** Path patching: the metric of each set of senders comes by `onProgress`. */
  patchPaths(question: PathQuestion, options?: LongOptions<PatchProgress>): Promise<PatchAnswer>;
  /** How far the queries, keys and values of some heads matter, each by itself. */
  channelEffects(
    question: ChannelQuestion,
    options?: { signal?: AbortSignal },
  ): Promise<ChannelAnswer>;
}

export const pathMethods = (client: LabClient): PathMethods => ({
  patchPaths: async (question, options = {}) => client.call("paths.sweep", question, options),
  channelEffects: async (question, options = {}) =>
    client.call("paths.channels", question, options),
});
