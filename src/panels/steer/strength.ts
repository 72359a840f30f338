/** A row's amount in the unit that it is shown and slid in. Pure. */
import {
  hasUnit,
  isAlong,
  type SteerFacts,
  type SteerRow,
  type SteerUnit,
} from "../../core/steer.ts";

/** One unit of an amount. */
export interface UnitSize {
  unit: SteerUnit;
  /** c of one unit. */
  size: number;
  /** What stands after the number: "× max 5.3". */
  words: string;
  /** In a sentence: "times its largest activation". */
  spoken: string;
}

/**
 * The units that a row's amount has. A feature's `max` is its largest activation; of a length along d̂ that times ‖d‖, what the
 * feature then writes. Another direction's is its own length. `norm` is c for which what arrives in the residual stream is as long
 * as the stream is there on average.
 * @param largest activation of a feature; null where not known
 */
export function unitsOf(
  { mode }: Pick<SteerRow, "mode">,
  facts: SteerFacts | null,
  largest: number | null,
): UnitSize[] {
  const raw = { unit: "raw", size: 1, words: "", spoken: "" } as const;
  if (!hasUnit(mode)) return [raw];
  const units: UnitSize[] = [];
  const along = isAlong(mode);
  if (largest !== null && (!along || facts)) {
    const size = largest * (along ? facts!.length * facts!.scale : 1);
    const words = `× max ${size.toPrecision(3)}`;
    units.push({ unit: "max", size, words, spoken: "times its largest activation" });
  } else if (facts && facts.own !== null) {
    const words = `× length ${facts.own.toPrecision(3)}`;
    units.push({ unit: "max", size: facts.own, words, spoken: "times its own length" });
  }
  if (facts && facts.reach > 0) {
    const size = (facts.norm * (along ? facts.length : 1 / facts.scale)) / facts.reach;
    const words = `× ‖x‖ ${facts.norm.toPrecision(3)}`;
    units.push({ unit: "norm", size, words, spoken: "times the residual stream’s norm" });
  }
  return [...units, raw];
}

/** The unit that a row is shown in: its own if it is known, else as it is. */
export const unitOf = (
  row: SteerRow,
  facts: SteerFacts | null,
  largest: number | null,
): UnitSize => {
  const units = unitsOf(row, facts, largest);
  return units.find(({ unit }) => unit === row.unit) ?? units.at(-1)!;
};

export interface Strength {
  /** Ends and step of the slider, in units. */
  min: number;
  max: number;
  step: number;
  /** The amount in units. */
  multiple: number;
  /** The slider's place; kept inside its ends although the amount may lie outside. */
  place: number;
}
/** The slider's reach either way, in units; of a factor as of a largest activation. */
const REACH: Record<SteerUnit | "factor", number> = { max: 5, norm: 2, raw: 50, factor: 5 };

export function strengthOf(
  { amount, mode }: Pick<SteerRow, "amount" | "mode">,
  { unit, size }: Pick<UnitSize, "unit" | "size">,
): Strength {
  const multiple = amount / size;
  const reach = REACH[mode === "multiply" ? "factor" : unit];
  const place = Math.min(reach, Math.max(-reach, multiple));
  return { min: -reach, max: reach, step: reach / 100, multiple, place };
}

/** Three significant digits, with a true minus, never "−0". */
export function numberWords(value: number): string {
  const text = String(Number(value.toPrecision(3)));
  return text === "0" || text === "-0" ? "0" : text.replace("-", "−");
}

/** "3, -1" → positions; null for what is no list of whole numbers. */
export function readPositions(text: string): number[] | null {
  const parts = text
    .replaceAll("−", "-")
    .split(/[\s,;]+/)
    .filter((part) => part !== "");
  const numbers = parts.map(Number);
  const good = parts.length > 0 && numbers.every((n) => Number.isInteger(n) && Math.abs(n) < 1e6);
  return good ? [...new Set(numbers)] : null;
}
