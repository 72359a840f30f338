/**
 * Whether what came from outside (a file, the console, storage) is a list of steering rows. What is missing is at its default;
 * what is wrong is named, with what to write instead. Which features and hook points there are is checked where the model is known.
 */
import { ofSomeKind } from "./edit-shape.ts";
import { LabError } from "./lab-error.ts";
import {
  modesOf,
  STEER_ATTENTION,
  STEER_MODES,
  STEER_UNITS,
  type SteerAt,
  type SteerRow,
  type SteerSource,
  type SteerSpec,
} from "./steer.ts";

export const MOST_ROWS = 100;
const MOST_PHRASES = 1000;
const MOST_NUMBERS = 100_000;
const LONGEST_TEXT = 10_000;

type Fields = Record<string, unknown>;
type Refuse = (why: string) => LabError;

/** @throws LabError "bad-input" naming the row and what is wrong with it */
export function readSteer(value: unknown): SteerSpec {
  const refuse: Refuse = (why) => new LabError("bad-input", `steering: ${why}`);
  if (!isObject(value) || !("rows" in value)) {
    throw refuse(`it is { rows: [{ source, mode, amount }, …] }, not ${ofSomeKind(value)}`);
  }
  checkKeys(value, ["rows", "attention"], refuse);
  return {
    rows: readSteerRows(value["rows"]),
    attention: oneOf(value["attention"] ?? "free", STEER_ATTENTION, "attention", refuse),
  };
}

/** @throws LabError "bad-input" */
export function readSteerRows(value: unknown): SteerRow[] {
  if (!Array.isArray(value)) {
    throw new LabError("bad-input", `rows of steering are a list, not ${ofSomeKind(value)}`);
  }
  if (value.length > MOST_ROWS) {
    throw new LabError("bad-input", `${value.length} rows are more than ${MOST_ROWS}`);
  }
  return value.map((row: unknown, i) => readRow(row, i));
}

function readRow(row: unknown, index: number): SteerRow {
  const refuse: Refuse = (why) => new LabError("bad-input", `row ${index} of steering: ${why}`);
  if (!isObject(row)) throw refuse(`it is { source, mode, amount }, not ${ofSomeKind(row)}`);
  checkKeys(row, ["source", "mode", "amount", "at", "unit", "on"], refuse);
  const source = readSource(row["source"], refuse);
  const mode = oneOf(row["mode"] ?? "add", STEER_MODES, "mode", refuse);
  if (!modesOf(source).includes(mode)) {
    throw refuse(`"${mode}" is for features; along any other direction "replace" does the same`);
  }
  const amount = row["amount"] ?? (mode === "ablate" ? 0 : undefined);
  if (typeof amount !== "number" || !Number.isFinite(amount)) {
    throw refuse(`its amount is a finite number, not ${ofSomeKind(amount)}`);
  }
  const on = row["on"] ?? true;
  if (typeof on !== "boolean") throw refuse(`"on" is true or false, not ${ofSomeKind(on)}`);
  return {
    ...{ source, mode, amount, on },
    at: readAt(row["at"] ?? "all", refuse),
    unit: oneOf(row["unit"] ?? "max", STEER_UNITS, "unit", refuse),
  };
}

const SOURCE_KEYS: Record<SteerSource["kind"], readonly string[]> = {
  feature: ["sae", "feature"],
  neuron: ["layer", "neuron"],
  head: ["layer", "head", "phrases"],
  difference: ["hook", "plus", "minus"],
  vector: ["hook", "name", "vector"],
};

function readSource(source: unknown, refuse: Refuse): SteerSource {
  if (!isObject(source)) {
    throw refuse(`its source is like { kind: "feature", sae, feature }, not ${ofSomeKind(source)}`);
  }
  const kind = oneOf(
    source["kind"],
    Object.keys(SOURCE_KEYS) as SteerSource["kind"][],
    "source.kind",
    refuse,
  );
  checkKeys(source, ["kind", ...SOURCE_KEYS[kind]], refuse);
  const index = (key: string) => {
    const value = source[key];
    if (typeof value === "number" && Number.isInteger(value) && value >= 0) return value;
    throw refuse(`source.${key} is a whole number from 0, not ${ofSomeKind(value)}`);
  };
  const text = (key: string, fallback?: string) => {
    const value = source[key] ?? fallback;
    if (typeof value === "string" && value.length <= LONGEST_TEXT) return value;
    throw refuse(`source.${key} is a text, not ${ofSomeKind(value)}`);
  };
  const phrases = (key: string) => {
    const value = source[key];
    const isText = (each: unknown) => typeof each === "string" && each.length <= LONGEST_TEXT;
    const good = Array.isArray(value) && value.length > 0 && value.length <= MOST_PHRASES;
    if (good && value.every(isText)) return value as string[];
    throw refuse(`source.${key} is a list of texts, not ${ofSomeKind(value)}`);
  };
  switch (kind) {
    case "feature":
      return { kind, sae: text("sae"), feature: index("feature") };
    case "neuron":
      return { kind, layer: index("layer"), neuron: index("neuron") };
    case "head":
      return { kind, layer: index("layer"), head: index("head"), phrases: phrases("phrases") };
    case "difference":
      return { kind, hook: text("hook"), plus: phrases("plus"), minus: phrases("minus") };
    case "vector":
      return {
        ...{ kind, hook: text("hook"), name: text("name", "") },
        vector: readNumbers(source["vector"], refuse),
      };
  }
}

function readNumbers(value: unknown, refuse: Refuse): number[] {
  const list: unknown = ArrayBuffer.isView(value) ? [...(value as Float32Array)] : value;
  if (!Array.isArray(list) || list.length === 0 || list.length > MOST_NUMBERS) {
    throw refuse(`source.vector is a list of numbers, not ${ofSomeKind(value)}`);
  }
  const bad = list.findIndex((x) => typeof x !== "number" || !Number.isFinite(Math.fround(x)));
  if (bad >= 0) {
    throw refuse(`source.vector[${bad}] is ${ofSomeKind(list[bad])}, no finite number of 32 bits`);
  }
  return list as number[];
}

function readAt(at: unknown, refuse: Refuse): SteerAt {
  if (at === "all" || at === "generated") return at;
  const isPosition = (p: unknown) => Number.isInteger(p) && Math.abs(p as number) < 1e6;
  if (Array.isArray(at) && at.length > 0 && at.length <= 1000 && at.every(isPosition)) {
    return [...new Set(at as number[])];
  }
  throw refuse(
    `"at" is "all", "generated" or a list of positions like [3, -1], not ${ofSomeKind(at)}`,
  );
}

const isObject = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function checkKeys(value: Fields, known: readonly string[], refuse: Refuse): void {
  const wrong = Object.keys(value).find((key) => value[key] !== undefined && !known.includes(key));
  if (wrong !== undefined) {
    throw refuse(`there is no key "${wrong}"; there are ${known.join(", ")}`);
  }
}

function oneOf<T extends string>(
  value: unknown,
  choices: readonly T[],
  what: string,
  refuse: Refuse,
): T {
  const found = choices.find((choice) => choice === value);
  if (found !== undefined) return found;
  const names = choices.map((choice) => `"${choice}"`).join(", ");
  throw refuse(`"${what}" is one of ${names}, not ${ofSomeKind(value)}`);
}
