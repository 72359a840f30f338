/** What the Train lab shows of a run, as this browser keeps it beside the autoencoder. Plain data. */
import type { DensityHistogram } from "./density.ts";
import type { FeatureSample, TrainRequest } from "./sae.ts";
import type { SweepMember } from "./sweep.ts";
import type { TrainPoint } from "./train-point.ts";

export interface KeptRun {
  /** Of its autoencoder, of a sweep the first. */
  id: string;
  /** As it was called then. */
  name: string;
  /** null if that is not known */
  request: TrainRequest | null;
  points: TrainPoint[];
  /** Of a sweep all its SAEs, the first being that of `points`; else none. */
  members: readonly SweepMember[];
  density: DensityHistogram | null;
  samples: { step: number; features: FeatureSample[] } | null;
}
