/** What the Circuits lab asks of the worker about paths and heads. Every method computes and changes nothing. */
import type { RolesAnswer, RolesProgress, RolesQuestion } from "../core/head-roles.ts";
import type { PairQuestion, PairTrace } from "../core/pair-trace.ts";
import type { PatchAnswer, PatchProgress } from "../core/patching.ts";
import type { ChannelAnswer, ChannelQuestion, PathQuestion } from "../core/paths.ts";
import type { Procedure } from "./procedure.ts";

export interface PathApi {
  /** The metric of every patched run comes as progress; its cells are indices into the question's sets. */
  "paths.sweep": Procedure<PathQuestion, PatchAnswer, PatchProgress>;
  "paths.channels": Procedure<ChannelQuestion, ChannelAnswer>;
  "paths.pair": Procedure<PairQuestion, PairTrace>;
  "roles.find": Procedure<RolesQuestion, RolesAnswer, RolesProgress>;
}
