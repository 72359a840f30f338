/**
 * Changes of values at hooks → direct edits of one run, exact for any function of the activations. Hook by hook, in forward
 * order: a run that goes no further than the hook, with all edits before it in force, gives the value for all rows of the
 * batch at once; what the change comes to is an edit like any other from then on. Several at one hook take place in their
 * order, in one such run each.
 */
import type { DirectEdit } from "../core/edits.ts";
import { hookNames, parseHook } from "../core/hooks.ts";
import type { Gpt2Config, TensorData } from "../core/types.ts";
import type { Read, ReadRequest } from "./hook-reader.ts";
import { type Change, hookOf, isChange, type Prepared } from "./prepared-edit.ts";

export interface RunRows extends Pick<ReadRequest, "ids" | "past" | "editLength"> {
  /** Tokens of the prompt, where edits refer to more. @default those that edits refer to */
  promptLength?: number;
}

/** An edit on its way. */
export interface Entry<P extends Prepared = Prepared> {
  edit: P;
  /** The hook's place in the forward pass. */
  at: number;
  /** What a change has come to, by row. */
  settled: Map<number, Settled>;
}

export interface Settled {
  edits: DirectEdit[];
  /** What it read. */
  seen: SeenTokens | null;
}
/** The values of some tokens of a row, from the `first` on: at the change's hook, and at the one it is `from`. */
export interface SeenTokens {
  first: number;
  x: Float32Array;
  source: Float32Array;
}

/** @returns the edits in their order, all of them direct */
export async function settleChanges(
  prepared: readonly Prepared[],
  run: RunRows,
  read: Read,
  config: Gpt2Config,
): Promise<DirectEdit[]> {
  return directEdits(await settleEach(prepared, run, read, config), run);
}

/** @returns the edits in their order, all of them settled */
export async function settleEach<P extends Prepared>(
  prepared: readonly P[],
  run: RunRows,
  read: Read,
  config: Gpt2Config,
): Promise<Entry<P>[]> {
  const names = hookNames(config);
  const entries = prepared.map((edit): Entry<P> => {
    const { name } = parseHook(hookOf(edit), config);
    return { edit, at: names.indexOf(name), settled: new Map() };
  });
  const hooks = new Set(entries.filter(({ edit }) => isChange(edit)).map(({ at }) => at));
  for (const at of [...hooks].sort((a, b) => a - b)) {
    const before = directEdits(
      entries.filter((entry) => entry.at < at),
      run,
    );
    const here = entries.filter((entry) => entry.at === at);
    await settleHook(names[at]!, before, here, run, read);
  }
  return entries;
}

/** What settled edits have come to, in their order. */
export const directEdits = (entries: readonly Entry[], run: Pick<RunRows, "ids">): DirectEdit[] =>
  entries.flatMap((entry) => direct(entry, run));

async function settleHook(
  hook: string,
  before: readonly DirectEdit[],
  here: readonly Entry[],
  run: RunRows,
  read: Read,
): Promise<void> {
  for (;;) {
    // Of each row the first change that is still to be told.
    const next = run.ids.map((_, row) =>
      here.findIndex((entry) => changeFor(entry, row) !== null && !entry.settled.has(row)),
    );
    if (next.every((index) => index < 0)) return;
    const edits = [...before, ...upTo(here, next, run)];
    const { ids, past, editLength } = run;
    const from = here.flatMap(({ edit }) =>
      isChange(edit) ? [...(edit.from ? [edit.from] : []), ...(edit.reads ?? [])] : [],
    );
    const names = [...new Set([hook, ...from])];
    const values = new Map<boolean, ReadonlyMap<string, TensorData>>();
    for (const [row, index] of next.entries()) {
      const entry = here[index];
      const change = entry && changeFor(entry, row);
      if (!entry || !change) continue;
      const { raw = false } = change;
      const found = values.get(raw) ?? (await read({ ids, past, editLength, names, edits, raw }));
      values.set(raw, found);
      entry.settled.set(row, settle(change, found, row, run));
    }
  }
}

const changeFor = ({ edit }: Entry, row: number): Change | null =>
  isChange(edit) && (edit.place.row ?? row) === row ? edit : null;

/** The edits of one hook that take place before the one at `next`, which may be another one in each row. */
function upTo(here: readonly Entry[], next: readonly number[], run: RunRows): DirectEdit[] {
  const [first] = next;
  if (next.every((index) => index === first)) {
    return here.slice(0, Math.max(0, first!)).flatMap((entry) => direct(entry, run));
  }
  return next.flatMap((index, row) =>
    here.slice(0, Math.max(0, index)).flatMap(({ edit, settled }) => {
      if (isChange(edit)) return (settled.get(row)?.edits ?? []).map((each) => ({ ...each, row }));
      return (edit.row ?? row) === row ? [{ ...edit, row }] : [];
    }),
  );
}

/** What an edit has come to; one for all rows if it is the same in each, so that they can still be computed as one. */
function direct({ edit, settled }: Entry, { ids }: Pick<RunRows, "ids">): DirectEdit[] {
  if (!isChange(edit)) return [edit];
  const found = [...settled].map(([row, { edits }]) => [row, edits] as const);
  const [, first = []] = found[0] ?? [];
  if (found.length === ids.length && found.every(([, edits]) => equal(edits, first))) return first;
  return found.flatMap(([row, edits]) => edits.map((each) => ({ ...each, row })));
}

const equal = (a: readonly DirectEdit[], b: readonly DirectEdit[]): boolean =>
  a.length === b.length &&
  a.every(({ value, pos }, i) => pos === b[i]!.pos && equalValues(value, b[i]!.value));

const equalValues = (a: DirectEdit["value"], b: DirectEdit["value"]): boolean =>
  a === b ||
  (a instanceof Float32Array &&
    b instanceof Float32Array &&
    a.length === b.length &&
    a.every((value, i) => value === b[i]));

/**
 * The change of one row.
 * @param found values by hook, [B, T of the run, …one token's worth]
 */
function settle(
  { place, op, of, from }: Change,
  found: ReadonlyMap<string, TensorData>,
  row: number,
  { ids, past, editLength, promptLength }: RunRows,
): Settled {
  const { hook, head, pos } = place;
  const at = { hook, op, ...(head !== undefined && { head }) };
  const width = tokenWorth(found.get(hook)!);
  const start = past?.length ?? 0;
  const count = ids[row]!.length;
  const length = editLength ?? start + count; // positions that `pos` counts within
  const absolute = pos !== undefined && pos < 0 ? pos + length : pos;
  const [first, n] = absolute === undefined ? [0, count] : [absolute - start, 1];
  if (first < 0 || first >= count) return { edits: [], seen: null };
  const look = (name: string) => tokens(found.get(name)!, row, first, n);
  const seen = { first, x: look(hook), source: look(from ?? hook) };
  const asked = { first: start + first, length: promptLength ?? length, seen: look };
  const value = of(seen.x, seen.source, asked);
  if (absolute !== undefined) return { edits: [{ ...at, pos: absolute, value }], seen };
  // A whole tensor covers just the positions that edits count within.
  if (start === 0 && length === count) return { edits: [{ ...at, value }], seen };
  const edits = Array.from({ length: count }, (_, i) => ({
    ...at,
    pos: start + i,
    value: value.slice(i * width, (i + 1) * width),
  }));
  return { edits, seen };
}

const tokenWorth = ({ dims }: TensorData): number => dims.slice(2).reduce((a, b) => a * b, 1);

/** `n` tokens of a row, from the `first` on. */
function tokens(value: TensorData, row: number, first: number, n: number): Float32Array {
  const width = tokenWorth(value);
  const start = row * value.dims[1]! * width;
  return value.data.slice(start + first * width, start + (first + n) * width);
}
