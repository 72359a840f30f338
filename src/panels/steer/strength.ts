/** A steering strength, two ways: c in the feature's own units, and as a multiple of its largest activation. Pure. */

export interface Strength {
  /** Ends and step of the slider, in the unit that it moves in. */
  min: number;
  max: number;
  step: number;
  /** c / largest activation; null where that is not known. */
  multiple: number | null;
  /** The slider's place; kept inside its ends although c may lie outside. */
  place: number;
}
/** The slider's reach: five times the largest activation either way; without one, this many units. */
const MULTIPLES = 5;
const UNITS = 50;

export function strengthOf(coefficient: number, largest: number | null): Strength {
  const multiple = largest === null ? null : coefficient / largest;
  const reach = largest === null ? UNITS : MULTIPLES;
  const place = Math.min(reach, Math.max(-reach, multiple ?? coefficient));
  return { min: -reach, max: reach, step: largest === null ? 0.5 : 0.05, multiple, place };
}

/** c of a slider's place. */
export const coefficientAt = (place: number, largest: number | null): number =>
  place * (largest ?? 1);

/** Three significant digits, with a true minus, never "−0". */
export function numberWords(value: number): string {
  const text = String(Number(value.toPrecision(3)));
  return text === "0" || text === "-0" ? "0" : text.replace("-", "−");
}
