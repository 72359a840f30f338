/**
 * Steering along feature directions of one SAE, as an edit: the SAE put in the activation's place, its error kept, with the
 * features changed. Several features add up, each read from the same activation.
 */
import type { SaeEdit } from "../core/edits.ts";
import { outputOf, type SaeConfig } from "../core/sae.ts";
import type { SteerSpec } from "../core/types.ts";

export const steerEdit = (
  { saeId, features }: SteerSpec,
  config: Pick<SaeConfig, "hook" | "dIn" | "out">,
): SaeEdit => ({ hook: outputOf(config).hook, op: "splice", sae: saeId, error: true, features });
