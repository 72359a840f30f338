/**
 * An edited model's list of edits as JSON, to keep, send and read again; what fine-tuning added lies beside it as float32 in
 * base64. Read value by value, also what comes out of storage: what is not as it should be is named with its place.
 */
import { LabError } from "../core/lab-error.ts";
import {
  type EditedBase,
  type EditedModel,
  SHAPE_KEYS,
  type TuneComponent,
  type WeightEdit,
  type WeightTarget,
} from "../core/model-edit.ts";
import { quoted } from "../core/quoted.ts";
import { type Delta, partSize, partsOf } from "../core/weight-parts.ts";

const FORMAT = "glassroom edited model 1";
/** More than any model has of these. */
const MOST = 2 ** 20;
export const MOST_EDITS = 1000;

export interface EditedFile {
  name: string;
  base: EditedBase;
  edits: WeightEdit[];
  /** What was tuned, by id. */
  tuned: Map<string, Delta[]>;
}

export function writeEditedFile({ name, base, edits, tuned }: EditedFile): string {
  const deltas = [...tuned].map(([id, parts]): [string, unknown] => [
    id,
    parts.map(({ tensor, rows, columns, values }) => ({
      ...{ tensor, rows, columns, values: toBase64(values) },
    })),
  ]);
  return JSON.stringify({ format: FORMAT, name, base, edits, tuned: Object.fromEntries(deltas) });
}

/** @throws LabError "bad-file" naming the value and its place */
export function readEditedFile(text: string): EditedFile {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new LabError("bad-file", `the list of edits is no JSON: it begins with ${quoted(text)}`, {
      cause,
    });
  }
  const file = object(json, "the file");
  if (file["format"] !== FORMAT) throw refuse("format", file["format"], `“${FORMAT}”`);
  const { name, base, edits } = readParts(file);
  const given = object(file["tuned"] ?? {}, "tuned");
  const tuned = new Map<string, Delta[]>();
  for (const edit of edits) {
    if (edit.kind !== "tuned" || tuned.has(edit.id)) continue;
    const where = `tuned.${edit.id}`;
    const parts = list(given[edit.id], where, MOST).map((part, i) =>
      readDelta(part, `${where}[${i}]`),
    );
    checkDeltas(parts, edit.components, base, where);
    tuned.set(edit.id, parts);
  }
  return { name, base, edits, tuned };
}

/** A record as it was stored. @throws LabError "bad-file" */
export function readEditedModel(value: unknown): EditedModel {
  const record = object(value, "the record");
  const [id, savedAt] = [text(record["id"], "id", 100), text(record["savedAt"], "savedAt", 40)];
  return { id, savedAt, ...readParts(record) };
}

function readParts(record: Json) {
  const name = text(record["name"], "name", 200);
  if (name.trim() === "") throw refuse("name", name, "a name");
  return {
    name,
    base: readBase(record["base"]),
    edits: list(record["edits"], "edits", MOST_EDITS).map((edit, i) =>
      readEdit(edit, `edits[${i}]`),
    ),
  };
}

function readBase(value: unknown): EditedBase {
  const base = object(value, "base");
  const shape = object(base["shape"], "base.shape");
  const source = base["source"];
  if (source !== "embedded" && source !== "hub" && source !== "files") {
    throw refuse("base.source", source, "embedded, hub or files");
  }
  const orNull = (key: string) => (base[key] === null ? null : text(base[key], `base.${key}`, 300));
  const sizes = SHAPE_KEYS.map((key) => [key, count(shape[key], `base.shape.${key}`, 1)] as const);
  if (Number(shape["n_embd"]) % Number(shape["n_head"]) !== 0) {
    throw refuse("base.shape.n_embd", shape["n_embd"], "a multiple of n_head");
  }
  return {
    ...{ id: text(base["id"], "base.id", 300), source },
    ...{ revision: orNull("revision"), commit: orNull("commit") },
    shape: Object.fromEntries(sizes) as EditedBase["shape"],
  };
}

function readEdit(value: unknown, at: string): WeightEdit {
  const edit = object(value, at);
  const { kind, on } = edit;
  if (typeof on !== "boolean") throw refuse(`${at}.on`, on, "true or false");
  switch (kind) {
    case "scale":
      return {
        ...{ kind, on, target: readTarget(edit["target"], `${at}.target`) },
        factor: number(edit["factor"], `${at}.factor`),
      };
    case "mean":
      return {
        ...{ kind, on, target: readTarget(edit["target"], `${at}.target`) },
        mean: numbers(edit["mean"], `${at}.mean`),
        contexts: count(edit["contexts"], `${at}.contexts`, 1),
      };
    case "bias":
      return {
        ...{ kind, on, hook: text(edit["hook"], `${at}.hook`, 100) },
        ...(edit["head"] !== undefined && { head: count(edit["head"], `${at}.head`, 0) }),
        vector: numbers(edit["vector"], `${at}.vector`),
        amount: number(edit["amount"], `${at}.amount`),
        from: text(edit["from"], `${at}.from`, 300),
      };
    case "tuned": {
      const heldOut = edit["heldOut"];
      const components = list(edit["components"], `${at}.components`, MOST);
      return {
        ...{ kind, on, id: text(edit["id"], `${at}.id`, 100) },
        components: components.map((part, i) => readComponent(part, `${at}.components[${i}]`)),
        parameters: count(edit["parameters"], `${at}.parameters`, 1),
        examples: count(edit["examples"], `${at}.examples`, 1),
        step: count(edit["step"], `${at}.step`, 1),
        loss: two(edit["loss"], `${at}.loss`),
        heldOut: heldOut === null ? null : two(heldOut, `${at}.heldOut`),
      };
    }
    default:
      throw refuse(`${at}.kind`, kind, "scale, mean, bias or tuned");
  }
}

function readTarget(value: unknown, at: string): WeightTarget {
  const target = object(value, at);
  const layer = count(target["layer"], `${at}.layer`, 0);
  switch (target["kind"]) {
    case "head":
      return { kind: "head", layer, head: count(target["head"], `${at}.head`, 0) };
    case "neuron":
      return { kind: "neuron", layer, neuron: count(target["neuron"], `${at}.neuron`, 0) };
    case "attn":
    case "mlp":
      return { kind: target["kind"], layer };
    default:
      throw refuse(`${at}.kind`, target["kind"], "head, neuron, attn or mlp");
  }
}

function readComponent(value: unknown, at: string): TuneComponent {
  const component = object(value, at);
  const { kind } = component;
  if (kind === "finalNorm") return { kind };
  const layer = count(component["layer"], `${at}.layer`, 0);
  if (kind === "head") return { kind, layer, head: count(component["head"], `${at}.head`, 0) };
  if (kind === "attnBias" || kind === "mlp" || kind === "norms") return { kind, layer };
  throw refuse(`${at}.kind`, kind, "head, attnBias, mlp, norms or finalNorm");
}

/** Of storage or of a file; there its values are base64. */
export function readDelta(value: unknown, at: string): Delta {
  const delta = object(value, at);
  const range = (key: "rows" | "columns"): [number, number] => {
    const [from, to, ...more] = list(delta[key], `${at}.${key}`, 2);
    const [first, end] = [count(from, `${at}.${key}`, 0), count(to, `${at}.${key}`, 0)];
    if (more.length > 0 || end <= first) throw refuse(`${at}.${key}`, delta[key], "a range");
    return [first, end];
  };
  const part = {
    ...{ tensor: text(delta["tensor"], `${at}.tensor`, 100) },
    ...{ rows: range("rows"), columns: range("columns") },
  };
  const given = delta["values"];
  const values =
    given instanceof Float32Array ? given : fromBase64(text(given, `${at}.values`, 2 ** 29), at);
  if (values.length !== partSize(part)) {
    throw refuse(`${at}.values`, values.length, `${partSize(part)} numbers`);
  }
  const bad = values.findIndex((x) => !Number.isFinite(x));
  if (bad >= 0) throw refuse(`${at}.values[${bad}]`, values[bad], "a number");
  return { ...part, values };
}

/** They must be the parts that the components have in a model of that shape. @throws LabError "bad-file" */
export function checkDeltas(
  deltas: readonly Delta[],
  components: readonly TuneComponent[],
  { shape }: Pick<EditedBase, "shape">,
  where: string,
): void {
  const parts = components.flatMap((component) => partsOf(component, shape));
  if (parts.length !== deltas.length) throw refuse(where, deltas.length, `${parts.length} parts`);
  parts.forEach(({ tensor, rows, columns }, i) => {
    const delta = deltas[i]!;
    const place = [tensor, ...rows, ...columns].join();
    const found = [delta.tensor, ...delta.rows, ...delta.columns].join();
    if (place !== found) throw refuse(`${where}[${i}]`, found, place);
  });
}

type Json = Record<string, unknown>;
function refuse(where: string, value: unknown, expected: string): LabError {
  const shown = typeof value === "number" ? String(value) : quoted(value);
  return new LabError(
    "bad-file",
    `the list of edits cannot be used: ${where.slice(0, 120)} is ${shown}, expected ${expected}`,
  );
}
function object(value: unknown, where: string): Json {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Json;
  throw refuse(where, value, "an object");
}
function list(value: unknown, where: string, most: number): unknown[] {
  if (Array.isArray(value) && value.length <= most) return value as unknown[];
  throw refuse(where, Array.isArray(value) ? value.length : value, `a list of at most ${most}`);
}
function text(value: unknown, where: string, most: number): string {
  if (typeof value === "string" && value.length <= most) return value;
  throw refuse(where, value, `a text of at most ${most} characters`);
}
function number(value: unknown, where: string): number {
  if (typeof value === "number" && Number.isFinite(value)) return value;
  throw refuse(where, value, "a number");
}
function numbers(value: unknown, where: string): number[] {
  return list(value, where, MOST).map((each, i) => number(each, `${where}[${i}]`));
}
function two(value: unknown, where: string): [number, number] {
  const [a, b] = numbers(value, where);
  if (a === undefined || b === undefined) throw refuse(where, value, "two numbers");
  return [a, b];
}
function count(value: unknown, where: string, least: number): number {
  if (Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= 2 ** 40) {
    return value as number;
  }
  throw refuse(where, value, `a whole number from ${least}`);
}

const PIECE = 2 ** 13;
function toBase64(values: Float32Array): string {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  const pieces: string[] = [];
  for (let at = 0; at < bytes.length; at += PIECE) {
    pieces.push(String.fromCharCode(...bytes.subarray(at, at + PIECE)));
  }
  return btoa(pieces.join(""));
}
function fromBase64(text: string, where: string): Float32Array {
  let binary: string;
  try {
    binary = atob(text);
  } catch {
    throw refuse(`${where}.values`, text, "base64");
  }
  if (binary.length % 4 !== 0) throw refuse(`${where}.values`, binary.length, "float32 in base64");
  return new Float32Array(Uint8Array.from(binary, (c) => c.charCodeAt(0)).buffer);
}
