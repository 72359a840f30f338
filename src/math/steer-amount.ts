/**
 * How much of its direction d a steering row adds to one token's x: the a of x + a·d. The modes are those of `core/steer.ts`.
 * Sums in float64.
 */
import type { SteerMode } from "../core/steer.ts";

export interface TokenReading {
  /** r: the feature's activation, or x·d of a unit vector. */
  reading: number;
  /** x·d̂ */
  projection: number;
  /** n = ‖d‖ */
  length: number;
}

/** @param c the row's amount; of no account for ablate */
export function steerAmount(
  mode: SteerMode,
  c: number,
  { reading, projection, length }: TokenReading,
): number {
  switch (mode) {
    case "add":
      return c;
    case "clamp":
      return c - reading;
    case "multiply":
      return (c - 1) * reading;
    case "ablate":
      return -reading;
    case "replace":
      return (c - projection) / length;
    case "most":
      return (Math.min(c, projection) - projection) / length;
    case "least":
      return (Math.max(c, projection) - projection) / length;
  }
}

/** x·d̂ of a row of [R, D]. @param from where the row begins */
export function projectionOn(
  x_RD: Float32Array,
  from: number,
  d_D: Float32Array,
  length: number,
): number {
  let sum = 0;
  for (let i = 0; i < d_D.length; i++) sum += x_RD[from + i]! * d_D[i]!;
  return sum / length;
}
