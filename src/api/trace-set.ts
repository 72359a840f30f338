/** A value set in a trace → an edit of each row, with its shape checked. */
import type { DirectEdit } from "../core/edits.ts";
import { ofSomeKind } from "../core/edit-shape.ts";
import type { HookPoint } from "../core/hooks.ts";
import { LabError } from "../core/lab-error.ts";
import type { Gpt2Config, TensorData } from "../core/types.ts";
import { cutRow } from "../math/padding.ts";

/** One number for everywhere, or numbers of the hook's shape, [B, …]; of one prompt also without the batch axis. */
export type TraceInput = number | Float32Array | TensorData;

/** @param lengths tokens of each row @throws LabError "shape", "bad-input" naming the hook, what it expects and what came */
export function replacement(
  hook: HookPoint,
  input: TraceInput,
  lengths: readonly number[],
  config: Gpt2Config,
): DirectEdit[] {
  const at = { hook: hook.name, op: "replace" } as const;
  if (typeof input === "number") {
    if (Number.isFinite(input)) return lengths.map(() => ({ ...at, value: input }));
    throw new LabError("bad-input", `${hook.name} cannot be set to ${input}`);
  }
  const expected = [lengths.length, ...sizesOf(hook, Math.max(...lengths), config)];
  checkKind(hook, input, expected);
  const data = checked(hook, input, expected);
  const attention = hook.axes[0] !== "T";
  return lengths.map((length, row) => {
    const own = cutRow({ data, dims: expected }, attention ? 2 : 1, row, length).data;
    // A key after its query is out of reach: its score reads −∞, and may say anything.
    if (attention) clearUnseen(own, length);
    const wrong = own.find((value) => !Number.isFinite(value));
    if (wrong === undefined) return { ...at, value: own };
    const where = lengths.length > 1 ? ` in row ${row}` : "";
    throw new LabError("bad-input", `${hook.name} cannot be set to ${wrong}${where}`);
  });
}

function sizesOf(
  { axes }: HookPoint,
  T: number,
  { n_head, n_embd, n_inner }: Gpt2Config,
): number[] {
  const size = { T, S: T, H: n_head, d: n_embd, h: n_embd / n_head, m: n_inner, "1": 1 };
  return axes.map((axis) => size[axis]);
}

function checked(
  { name }: HookPoint,
  input: Float32Array | TensorData,
  expected: readonly number[],
): Float32Array {
  const [batch, ...rest] = expected;
  const numbers = expected.reduce((a, b) => a * b, 1);
  if (input instanceof Float32Array) {
    if (input.length === numbers) return input;
    throw wrongShape(name, expected, `${input.length} numbers`);
  }
  const { data, dims } = input;
  const same = (sizes: readonly number[]) =>
    dims.length === sizes.length && dims.every((size, i) => size === sizes[i]);
  if (data.length === numbers && (same(expected) || (batch === 1 && same(rest)))) return data;
  const told = dims.reduce((a, b) => a * b, 1);
  const holds =
    data.length === told
      ? `[${dims.join(", ")}]`
      : `what holds ${data.length} values, [${dims.join(", ")}] has ${told}`;
  throw wrongShape(name, expected, holds);
}

/** @throws LabError "bad-input" for what is no value at all */
function checkKind({ name }: HookPoint, input: unknown, expected: readonly number[]): void {
  if (input instanceof Float32Array) return;
  const { data, dims } = new Object(input) as Partial<Record<keyof TensorData, unknown>>;
  if (data instanceof Float32Array && Array.isArray(dims)) return;
  const got = Array.isArray(input) ? `a plain array of ${input.length}` : ofSomeKind(input);
  throw new LabError(
    "bad-input",
    `${name} is [${expected.join(", ")}] here: set it to a number, a Float32Array, or { data, dims } ` +
      `as a value that was read has them, not to ${got}`,
  );
}

const wrongShape = (name: string, expected: readonly number[], got: string) =>
  new LabError("shape", `${name} is [${expected.join(", ")}] here, and was to be set to ${got}`);

/** In place, [H, T, T]: 0 where the key is after the query. */
function clearUnseen(data: Float32Array, T: number): void {
  for (let from = 0, query = 0; from < data.length; from += T, query = (query + 1) % T) {
    data.fill(0, from + query + 1, from + T);
  }
}
