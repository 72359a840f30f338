/** Steering in a link. */
import type { SteerFeature } from "../core/types.ts";

export const STEER_LIMIT = 20; // features of a link

/** "412a3.5_7c-2": feature 412, add 3.5; feature 7, clamp to −2. In four digits, like what is shown. */
export const encodeSteer = (features: readonly SteerFeature[]): string =>
  features
    .slice(0, STEER_LIMIT)
    .map(
      (s) => `${s.feature}${s.mode === "add" ? "a" : "c"}${Number(s.coefficient.toPrecision(4))}`,
    )
    .join("_");

export function decodeSteer(text: string | null): SteerFeature[] {
  const found = new Map<number, SteerFeature>();
  for (const part of (text ?? "").split("_").slice(0, STEER_LIMIT)) {
    const [, index, mode, number] = /^(\d{1,6})([ac])(-?[\d.]+(?:e[+-]?\d+)?)$/.exec(part) ?? [];
    const coefficient = Number(number);
    if (index === undefined || !Number.isFinite(coefficient)) continue;
    const feature = Number(index);
    found.set(feature, { feature, mode: mode === "a" ? "add" : "clamp", coefficient });
  }
  return [...found.values()];
}
