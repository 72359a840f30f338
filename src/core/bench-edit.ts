/**
 * Edits as the page makes them: what is changed (a head, a neuron, …), how, and where. Each says in TransformerLens's terms
 * what it is, and has a short form for links.
 */
import { blockHook, parseHook } from "./hooks.ts";
import type { Edit } from "./edits.ts";
import type { Gpt2Config } from "./types.ts";

/** What can be edited. `layer` names a block; an SAE's feature is found at its own hook. */
export type EditTarget =
  | { kind: "head"; layer: number; head: number }
  | { kind: "neuron"; layer: number; neuron: number }
  | { kind: "attn" | "mlp" | "resid"; layer: number }
  | { kind: "feature"; sae: string; feature: number }
  /** a unit vector along the hook's last axis, of one head where it has heads: a probe's, say */
  | { kind: "direction"; hook: string; head: number | null; name: string; vector: number[] };

export type EditOp = "zero" | "mean" | "scale" | "clamp" | "add";
/**
 * What can be done to which: a feature has no mean over the corpus, and only a feature can be clamped. A direction is projected
 * out (zero) or added, so many of it.
 */
export const opsOf = ({ kind }: EditTarget): readonly EditOp[] =>
  kind === "direction"
    ? ["zero", "add"]
    : kind === "feature"
      ? ["zero", "clamp"]
      : ["zero", "mean", "scale"];

export interface BenchEdit {
  target: EditTarget;
  op: EditOp;
  /** The factor of `scale`, the activation of `clamp`, how much of a direction `add` adds; not used otherwise. */
  amount: number;
  /** null: at every position. */
  pos: number | null;
  /** Switched off, it stays in the list. */
  on: boolean;
}

type InModel = Exclude<EditTarget, { kind: "feature" }>;
type DirectionTarget = Extract<EditTarget, { kind: "direction" }>;

/** The hook point that is edited: a head's z, a neuron's output, what a layer's part adds, the stream after a block. */
export function targetHook(target: InModel): string {
  switch (target.kind) {
    case "head":
      return blockHook(target.layer, "attn.hook_z");
    case "neuron":
      return blockHook(target.layer, "mlp.hook_post");
    case "attn":
      return blockHook(target.layer, "hook_attn_out");
    case "mlp":
      return blockHook(target.layer, "hook_mlp_out");
    case "resid":
      return blockHook(target.layer, "hook_resid_post");
    case "direction":
      return target.hook;
  }
}

/** Whether the model has such a place. A feature's is its SAE's concern. */
export function isInModel(
  target: EditTarget,
  config: Pick<Gpt2Config, "n_layer" | "n_head" | "n_inner" | "n_embd">,
): boolean {
  const { n_layer, n_head, n_inner } = config;
  if (target.kind === "feature") return true;
  if (target.kind === "direction") return directionFits(target, config);
  if (target.layer >= n_layer) return false;
  if (target.kind === "head") return target.head < n_head;
  return target.kind !== "neuron" || target.neuron < n_inner;
}

function directionFits(
  { hook, head, vector }: DirectionTarget,
  config: Pick<Gpt2Config, "n_layer" | "n_head" | "n_inner" | "n_embd">,
): boolean {
  try {
    const last = parseHook(hook, config).axes.at(-1)!;
    const width = { d: config.n_embd, h: config.n_embd / config.n_head, m: config.n_inner };
    const isHead = last === "h";
    return (
      Object.hasOwn(width, last) &&
      vector.length === width[last as keyof typeof width] &&
      (isHead ? head !== null && head < config.n_head : head === null)
    );
  } catch {
    return false;
  }
}

/** @param saeHook the hook of an SAE; null for one that there is not @returns null for an edit of such a one */
export function toEdit(
  { target, op, amount, pos }: BenchEdit,
  saeHook: (id: string) => string | null,
): Edit | null {
  const at = pos !== null && { pos };
  if (target.kind === "feature") {
    const hook = saeHook(target.sae);
    if (hook === null) return null;
    const place = { hook, ...at, sae: target.sae, feature: target.feature };
    return op === "zero" ? { ...place, op: "ablate" } : { ...place, op: "clamp", value: amount };
  }
  if (target.kind === "direction") {
    const place = { hook: target.hook, ...(target.head !== null && { head: target.head }), ...at };
    const vector = Float32Array.from(target.vector);
    return op === "zero"
      ? { ...place, op: "project", directions: vector }
      : { ...place, op: "add", value: vector.map((v) => v * amount) };
  }
  const place = {
    hook: targetHook(target),
    ...(target.kind === "head" && { head: target.head }),
    ...(target.kind === "neuron" && { neuron: target.neuron }),
    ...at,
  };
  switch (op) {
    case "zero":
      return { ...place, op };
    case "mean":
      return { ...place, op, over: "corpus" };
    case "scale":
      return { ...place, op, value: amount };
    case "clamp":
    case "add":
      return null; // `opsOf` offers them for features and directions alone
  }
}

/** "L1H3", "L2N40", "attn 1", "MLP 0", "stream after 2", "feature 412". */
export function targetName(target: EditTarget): string {
  switch (target.kind) {
    case "head":
      return `L${target.layer}H${target.head}`;
    case "neuron":
      return `L${target.layer}N${target.neuron}`;
    case "attn":
      return `attention ${target.layer}`;
    case "mlp":
      return `MLP ${target.layer}`;
    case "resid":
      return `stream after ${target.layer}`;
    case "feature":
      return `feature ${target.feature}`;
    case "direction":
      return target.name;
  }
}

/** The same place and the same change, however strong and whether on or off. */
export const samePlace = (a: BenchEdit, b: BenchEdit): boolean =>
  a.pos === b.pos && JSON.stringify(a.target) === JSON.stringify(b.target);

const OP_LETTER: Record<EditOp, string> = {
  zero: "z",
  mean: "m",
  scale: "x",
  clamp: "c",
  add: "a",
};
const KIND_LETTER = { head: "h", neuron: "n", attn: "a", mlp: "m", resid: "r" } as const;
export const EDITS_MOST = 40; // of a link

/** A direction has no short form. */
type WrittenEdit = BenchEdit & { target: Exclude<EditTarget, { kind: "direction" }> };
export const isWritable = (edit: BenchEdit): edit is WrittenEdit =>
  edit.target.kind !== "direction";

/** "h1.3z_n0.40x2.5@-1_~m2m": head 1.3 zeroed; neuron 40 of layer 0 times 2.5 at the last position; an MLP's mean, off. */
export function encodeBenchEdits(edits: readonly BenchEdit[]): string {
  return edits
    .filter(isWritable)
    .slice(0, EDITS_MOST)
    .map(({ target, op, amount, pos, on }) => {
      const number = op === "scale" || op === "clamp" ? Number(amount.toPrecision(6)) : "";
      const at = pos === null ? "" : `@${pos}`;
      return `${on ? "" : "~"}${encodeTarget(target)}${OP_LETTER[op]}${number}${at}`;
    })
    .join("_");
}

function encodeTarget(target: WrittenEdit["target"]): string {
  if (target.kind === "feature") return `f${target.feature}`;
  const part =
    target.kind === "head"
      ? `.${target.head}`
      : target.kind === "neuron"
        ? `.${target.neuron}`
        : "";
  return `${KIND_LETTER[target.kind]}${target.layer}${part}`;
}

/** Reads what `encodeBenchEdits` wrote; what makes no sense is left out. Features are of the link's one SAE. */
export function decodeBenchEdits(text: string | null, sae: string | null): BenchEdit[] {
  const found: BenchEdit[] = [];
  for (const part of (text ?? "").split("_").slice(0, EDITS_MOST)) {
    const form =
      /^(~?)([hnamrf])(\d{1,6})(?:\.(\d{1,6}))?([zmxc])(-?\d[\d.]*(?:e[+-]?\d+)?)?(?:@(-?\d{1,6}))?$/;
    const [, off, kind, first, second, letter, number, at] = form.exec(part) ?? [];
    const op = (Object.keys(OP_LETTER) as EditOp[]).find((o) => OP_LETTER[o] === letter);
    const target = readTarget(kind, Number(first), second, sae);
    if (!op || !target || !opsOf(target).includes(op)) continue;
    const needsAmount = op === "scale" || op === "clamp";
    const amount = Number(number);
    if (needsAmount !== (number !== undefined) || (needsAmount && !Number.isFinite(amount)))
      continue;
    const edit = { target, op, amount: needsAmount ? amount : 0, on: off === "" };
    found.push({ ...edit, pos: at === undefined ? null : Number(at) });
  }
  return found;
}

function readTarget(
  kind: string | undefined,
  layer: number,
  second: string | undefined,
  sae: string | null,
): EditTarget | null {
  const index = Number(second);
  if ((kind === "h" || kind === "n") !== (second !== undefined)) return null;
  switch (kind) {
    case "h":
      return { kind: "head", layer, head: index };
    case "n":
      return { kind: "neuron", layer, neuron: index };
    case "a":
      return { kind: "attn", layer };
    case "m":
      return { kind: "mlp", layer };
    case "r":
      return { kind: "resid", layer };
    case "f":
      return sae === null ? null : { kind: "feature", sae, feature: layer };
    case undefined:
    default:
      return null;
  }
}
