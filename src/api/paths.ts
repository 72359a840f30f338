/** `lab.model.patchPaths`, `channelEffects` `tracePair` and `headRoles`: paths between heads, and what heads do. */
import type { RolesAnswer, RolesProgress, RolesQuestion } from "../core/head-roles.ts";
import type { PairQuestion, PairTrace } from "../core/pair-trace.ts";
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
  /** Why a head looks from one token to another, and what it moves there. */
  tracePair(question: PairQuestion, options?: { signal?: AbortSignal }): Promise<PairTrace>;
  /** What speaks for each head's role in a task. */
  headRoles(question: RolesQuestion, options?: LongOptions<RolesProgress>): Promise<RolesAnswer>;
}

export const pathMethods = (client: LabClient): PathMethods => ({
  patchPaths: async (question, options = {}) => client.call("paths.sweep", question, options),
  channelEffects: async (question, options = {}) =>
    client.call("paths.channels", question, options),
  tracePair: async (question, options = {}) => client.call("paths.pair", question, options),
  headRoles: async (question, options = {}) => client.call("roles.find", question, options),
});
