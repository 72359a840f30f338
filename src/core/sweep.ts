/** Sweeps as data: several SAEs trained in one run, on one stream. */
import type { TrainPoint } from "./train-point.ts";

/** One SAE of a sweep. */
export interface SweepMember {
  id: string;
  name: string;
  /** Its points since the last message. */
  points: TrainPoint[];
}
/** How many may be in one sweep. */
export const MOST_MEMBERS = 16;
