/** At which strengths of a dose–response the change is longer than the residual stream itself, in words. Pure. */
import type { SteerEffect } from "../../core/steer.ts";
import { numberWords } from "./strength.ts";

/**
 * "From 3 on", "Up to −4 and from 3 on", "At every strength measured"; null where no strength goes so far.
 * @param doses ascending; `effects` null where not measured yet
 */
export function tooFar(
  doses: readonly number[],
  effects: readonly (Pick<SteerEffect, "change"> | null)[],
): string | null {
  const measured = doses.flatMap((dose, i) => (effects[i] ? [{ dose, ...effects[i] }] : []));
  const is = (far: boolean) =>
    measured.filter(({ change }) => (change ?? 0) > 1 === far).map(({ dose }) => dose);
  const [far, near] = [is(true), is(false)];
  if (far.length === 0) return null;
  if (near.length === 0) return "At every strength measured";
  const below = far.filter((dose) => dose < near[0]!).at(-1);
  const above = far.find((dose) => dose > near.at(-1)!);
  const words = [
    ...(below === undefined ? [] : [`up to ${numberWords(below)}`]),
    ...(above === undefined ? [] : [`from ${numberWords(above)} on`]),
  ].join(" and ");
  if (words === "") return `At ${far.map(numberWords).join(", ")}`; // between strengths that do not
  return words.charAt(0).toUpperCase() + words.slice(1);
}
