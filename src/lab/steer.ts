/**
 * Steering rows → what a run needs of them. All rows at one hook are read from one x and what they change adds up: one change of
 * the hook's value. Where they only add, that is known beforehand, and no run is needed to find it.
 */
import { holdsAt, type SteerSpec } from "../core/steer.ts";
import type { DirectEdit } from "../core/edits.ts";
import type { Change, ChangeTokens, Prepared } from "./prepared-edit.ts";
import { amountsOf, type SteerPart } from "./steer-parts.ts";

/** Told what each part adds to each token: the a of x + a·d, NaN where the row does not hold. */
export type Tell = (part: SteerPart, amounts: Float64Array, first: number) => void;

export interface SteeredRun {
  /** Tokens of the prompt. */
  length: number;
  /** Whether tokens after the prompt are run; else rows that are for those alone do nothing. */
  generated: boolean;
  /** Whether the edits are told in another basis than the raw one, in which x is read. @default false */
  raw?: boolean;
  tell?: Tell;
}

export function steerChanges(
  parts: readonly SteerPart[],
  { length, generated, raw = false, tell }: SteeredRun,
): Prepared[] {
  const here = generated ? parts : parts.filter(({ row }) => row.at !== "generated");
  const hooks = [...new Set(here.map(({ hook }) => hook))];
  return hooks.flatMap((hook): Prepared[] => {
    const own = here.filter((part) => part.hook === hook);
    const run = { length, generated };
    return own.every(isPlain)
      ? own.flatMap((part) => plainEdits(part, run))
      : [change(hook, own, raw, tell)];
  });
}

/** Adds the same to every token that it holds for, and those are known. */
export const isPlain = ({ row, scale }: SteerPart): boolean =>
  row.mode === "add" && row.at !== "generated" && scale === null;

function plainEdits(
  { hook, direction, row }: SteerPart,
  { length, generated }: Pick<SteeredRun, "length" | "generated">,
): DirectEdit[] {
  const value = direction.map((x) => x * row.amount);
  const edit: DirectEdit = { hook, op: "add", value };
  if (typeof row.at === "string") return [edit];
  const places = row.at.map((pos) => (pos < 0 ? pos + length : pos));
  return places.filter((pos) => generated || pos < length).map((pos) => ({ ...edit, pos }));
}

function change(
  hook: string,
  parts: readonly SteerPart[],
  raw: boolean,
  tell: Tell | undefined,
): Change {
  const reads = [...new Set(parts.map(({ readHook }) => readHook))].filter((name) => name !== hook);
  return {
    ...{ place: { hook }, op: "add", raw },
    ...(reads.length > 0 && { reads }),
    of: (x, _, tokens) => sumOfParts(parts, x, tokens, tell),
  };
}

function sumOfParts(
  parts: readonly SteerPart[],
  x: Float32Array,
  { first, length, seen }: ChangeTokens,
  tell: Tell | undefined,
): Float32Array {
  const D = parts[0]!.direction.length;
  const sum = new Float64Array(x.length);
  for (const part of parts) {
    const amounts = amountsOf(part, x, seen(part.readHook));
    for (let r = 0; r < amounts.length; r++) {
      if (!holdsAt(part.row.at, first + r, length)) amounts[r] = NaN;
      const a = amounts[r]!;
      if (Number.isNaN(a) || a === 0) continue;
      for (let d = 0; d < D; d++) sum[r * D + d]! += a * part.direction[d]!;
    }
    tell?.(part, amounts, first);
  }
  return Float32Array.from(sum);
}

/** Whether any row is switched on. */
export const steers = (spec: SteerSpec | null): spec is SteerSpec =>
  spec?.rows.some(({ on }) => on) === true;
