/** The modes in words. */
import type { SteerMode } from "../../core/steer.ts";

export const MODE_LABEL: Record<SteerMode, string> = {
  add: "Add",
  clamp: "Clamp to",
  multiply: "Multiply by",
  ablate: "Ablate",
  replace: "Replace by",
  most: "At most",
  least: "At least",
};
