/**
 * Which role a head's numbers speak for. Each role is a list of criteria, all of which are to be met; a number that cannot be
 * said meets none. L is the mean logit difference of the clean prompts.
 *
 * previous, duplicate, induction   mean diagonal of the pattern on repeated random tokens ≥ 0.4 (Olsson et al. 2022's scores)
 * mover        copying ≥ 0.5, correlation ≥ 0.5, direct ≥ 0.02·L
 * negative     copying of −OV ≥ 0.5, correlation ≤ −0.5, direct ≤ −0.02·L
 * inhibition   attention from the last token to S2 ≥ 0.2, and the path to the movers' queries takes ≥ 0.02·L away
 * backup       no mover; its direct effect rises by ≥ 0.02·L and two standard errors when the movers are ablated
 *
 * Roles and measures: Wang et al. 2022, "Interpretability in the Wild", sections 3.1 – 3.3 and appendices; there the name
 * movers copy above 0.95 and other heads below 0.2 on average. The thresholds are this lab's (`ROLE_LEAST`), and can be set.
 */
import {
  type HeadEvidence,
  type HeadRole,
  ROLE_LEAST,
  type RoleLeast,
} from "../core/head-roles.ts";

export interface Criterion {
  /** "copying 0.94 ≥ 0.5" */
  words: string;
  met: boolean;
}

const text = (value: number) => `${value < 0 ? "−" : ""}${Math.abs(value).toFixed(2)}`;
function atLeast(name: string, value: number | null, least: number): Criterion {
  if (value === null || Number.isNaN(least)) return { words: `${name} cannot be said`, met: false };
  const met = value >= least;
  return { words: `${name} ${text(value)} ${met ? "≥" : "<"} ${text(least)}`, met };
}
function atMost(name: string, value: number | null, most: number): Criterion {
  if (value === null || Number.isNaN(most)) return { words: `${name} cannot be said`, met: false };
  const met = value <= most;
  return { words: `${name} ${text(value)} ${met ? "≤" : ">"} ${text(most)}`, met };
}

/** What a role asks of a head, and whether it is met. @param L null where the logit difference cannot be said, or is not positive */
export function criteria(
  role: HeadRole,
  head: HeadEvidence,
  L: number | null,
  least: RoleLeast = ROLE_LEAST,
): Criterion[] {
  const effect = L !== null && L > 0 ? least.effect * L : NaN;
  switch (role) {
    case "previous":
    case "duplicate":
    case "induction":
      return [atLeast("mean diagonal", head[role], least.diagonal)];
    case "mover":
      return [
        atLeast("copying", head.copying, least.copying),
        atLeast("correlation", head.correlation, least.correlation),
        atLeast("direct effect", head.direct, effect),
      ];
    case "negative":
      return [
        atLeast("copying of −OV", head.negativeCopying, least.copying),
        atMost("correlation", head.correlation, -least.correlation),
        atMost("direct effect", head.direct, -effect),
      ];
    case "inhibition":
      return [
        atLeast("attention to S2", head.toWrong, least.attention),
        atMost("path to the movers’ queries", head.path, -effect),
      ];
    case "backup": {
      const own = criteria("mover", head, L, least).every(({ met }) => met);
      return [
        { words: own ? "is a mover" : "is no mover", met: !own },
        atLeast("rise", head.rise, effect),
        atLeast(
          "rise over its error",
          head.rise === null || !head.riseError ? null : head.rise / head.riseError,
          least.errors,
        ),
      ];
    }
  }
}

export const hasRole = (...of: Parameters<typeof criteria>): boolean =>
  criteria(...of).every(({ met }) => met);
