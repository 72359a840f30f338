/**
 * A circuit of heads and MLPs, as papers tell it: classes of heads, each at the tokens of some roles. As a text: a class a
 * line, "name mover: 9.9 9.6 10.0 @ END". Heads without "@" are in it at every position. A line "mlps: 0 1 2", or
 * "mlps: none", makes the MLPs nodes that can be left out; without it all of them stay as they are.
 */
import { LabError } from "./lab-error.ts";
import type { Gpt2Config } from "./types.ts";

export interface HeadName {
  layer: number;
  head: number;
}
export interface HeadClass {
  name: string;
  heads: readonly HeadName[];
  /** null: at every position. */
  roles: readonly string[] | null;
}
export interface HeadCircuit {
  classes: readonly HeadClass[];
  /** Layers; null: MLPs are no nodes of the graph. */
  mlps: readonly number[] | null;
}
type Sizes = Pick<Gpt2Config, "n_layer" | "n_head">;

const MLPS = "mlps";
/** Of a line that names no class. */
export const UNNAMED = "heads";

/** "9.6" */
export const headText = ({ layer, head }: HeadName): string => `${layer}.${head}`;
export const sameHead = (a: HeadName, b: HeadName): boolean =>
  a.layer === b.layer && a.head === b.head;

/** How many heads it has; one that is in several classes counts once. */
export const headCount = ({ classes }: HeadCircuit): number =>
  new Set(classes.flatMap(({ heads }) => heads.map(headText))).size;

/** @throws LabError "bad-input" naming the line and what in it is no head of this model */
export function readHeadCircuit(text: string, sizes: Sizes): HeadCircuit {
  const lines = text
    .split(/\n|;/)
    .map((line) => line.trim())
    .filter((line) => line !== "");
  const classes: HeadClass[] = [];
  let mlps: number[] | null = null;
  for (const [i, line] of lines.entries()) {
    const where = `line ${i + 1} (“${line.slice(0, 60)}”)`;
    const colon = line.indexOf(":");
    const name = colon < 0 ? UNNAMED : line.slice(0, colon).trim();
    const rest = line.slice(colon + 1);
    if (name === MLPS) {
      mlps = [...(mlps ?? []), ...readLayers(rest, sizes, where)];
      continue;
    }
    const [heads = "", ...places] = rest.split("@");
    if (places.length > 1) refuse(where, "more than one “@”");
    const roles = places.length === 0 ? null : words(places[0]!);
    if (roles?.length === 0) refuse(where, "no role after “@”; a role is a name such as END");
    const found = words(heads).map((word) => readHead(word, sizes, where));
    if (found.length === 0) refuse(where, "no head; a head is layer.head, as 9.6");
    const twice = found.find((head, at) => found.findIndex((h) => sameHead(h, head)) < at);
    if (twice) refuse(where, `head ${headText(twice)} is there twice`);
    classes.push({ name: name === "" ? UNNAMED : name, heads: found, roles });
  }
  const names = classes.map(({ name }) => name);
  const again = names.find((name, i) => names.indexOf(name) < i);
  if (again !== undefined) {
    throw new LabError("bad-input", `the class “${again}” is there twice; give each its own name`);
  }
  return { classes, mlps: mlps && [...new Set(mlps)].sort((a, b) => a - b) };
}

export function writeHeadCircuit({ classes, mlps }: HeadCircuit): string {
  const lines = classes.map(
    ({ name, heads, roles }) =>
      `${name}: ${heads.map(headText).join(" ")}${roles ? ` @ ${roles.join(" ")}` : ""}`,
  );
  if (mlps) lines.push(`${MLPS}: ${mlps.length === 0 ? "none" : mlps.join(" ")}`);
  return lines.join("\n");
}

/** The circuit with a head put into a class, which is made if there is none of that name; or, if it is anywhere, without it. */
export function toggleHead(circuit: HeadCircuit, head: HeadName, into: string): HeadCircuit {
  const without = circuit.classes.map((one) => ({
    ...one,
    heads: one.heads.filter((other) => !sameHead(other, head)),
  }));
  const isIn = circuit.classes.some(({ heads }) => heads.some((other) => sameHead(other, head)));
  const added = isIn
    ? without
    : circuit.classes.some(({ name }) => name === into)
      ? without.map((one) => (one.name === into ? { ...one, heads: sorted(one.heads, head) } : one))
      : [...without, { name: into, heads: [head], roles: null }];
  return { ...circuit, classes: added.filter(({ heads }) => heads.length > 0) };
}

/** The circuit with an MLP in it or not; the first time all others are in. */
export function toggleMlp(
  { classes, mlps }: HeadCircuit,
  layer: number,
  { n_layer }: Sizes,
): HeadCircuit {
  const now = mlps ?? Array.from({ length: n_layer }, (_, l) => l);
  const next = now.includes(layer) ? now.filter((l) => l !== layer) : [...now, layer];
  return { classes, mlps: next.length === n_layer ? null : next.sort((a, b) => a - b) };
}

const sorted = (heads: readonly HeadName[], head: HeadName) =>
  [...heads, head].sort((a, b) => a.layer - b.layer || a.head - b.head);
const words = (text: string) => text.split(/[\s,]+/).filter((word) => word !== "");

function readHead(word: string, { n_layer, n_head }: Sizes, where: string): HeadName {
  const [, layer, head] = /^(?:[aL]?)(\d+)\.(?:[hH]?)(\d+)$/.exec(word) ?? [];
  if (layer === undefined || head === undefined) {
    return refuse(where, `“${word}” is no head; a head is layer.head, as 9.6`);
  }
  if (Number(layer) >= n_layer || Number(head) >= n_head) {
    return refuse(
      where,
      `this model has no head ${word}: its layers are 0 … ${n_layer - 1}, heads 0 … ${n_head - 1}`,
    );
  }
  return { layer: Number(layer), head: Number(head) };
}

function readLayers(text: string, { n_layer }: Sizes, where: string): number[] {
  const list = words(text);
  if (list.length === 1 && list[0] === "none") return [];
  if (list.length === 0) return refuse(where, "no layer; write numbers, or “none”");
  return list.map((word) => {
    const layer = /^m?\d+$/.test(word) ? Number(word.replace("m", "")) : NaN;
    if (layer < n_layer) return layer;
    return refuse(where, `“${word}” is no layer of this model: 0 … ${n_layer - 1}`);
  });
}

function refuse(where: string, why: string): never {
  throw new LabError("bad-input", `${where}: ${why}`);
}
