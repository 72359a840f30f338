/**
 * Whether what came from outside is a list of edits: said before anything is run, by the hook's name. A key that an edit does
 * not have would be passed over in silence, and the edit would hold where it was not meant to. Numbers and shapes are
 * checked later, where the model is known.
 */
import { resolveHooks } from "./act-names.ts";
import type { Edit } from "./edits.ts";
import { LabError } from "./lab-error.ts";
import { quoted } from "./quoted.ts";

const PLACE = ["hook", "op", "row", "head", "pos", "neuron"];
const NUMBERS = ["row", "head", "pos", "neuron", "feature"];
/** The keys of each op, beyond those of its place. */
const KEYS: Record<Edit["op"], readonly string[]> = {
  zero: [],
  scale: ["value"],
  add: ["value"],
  replace: ["value"],
  mean: ["over", "per", "skip", "contexts", "prependBos"],
  resample: ["from", "fromPos", "prependBos"],
  project: ["directions"],
  steer: ["sae", "feature", "value"],
  clamp: ["sae", "feature", "value"],
  ablate: ["sae", "feature"],
  splice: ["sae", "error", "features"],
};
/** Those of a computed edit that it cannot do without. */
const NEEDED = ["over", "from", "directions", "sae", "feature"];

type Fields = Record<string, unknown>;

/**
 * @param hooks all of the model's
 * @returns the same edits in a list of their own
 * @throws LabError "bad-input" naming the edit, its hook and what is wrong
 */
export function readEdits(edits: unknown, hooks: readonly string[]): Edit[] {
  if (Array.isArray(edits)) return edits.map((edit, i) => readEdit(edit, hooks, `edit ${i}`));
  throw new LabError("bad-input", `edits are a list, [{ hook, op, … }], not ${ofSomeKind(edits)}`);
}

/** @param called how a message calls an edit whose hook it cannot name */
export function readEdit(edit: unknown, hooks: readonly string[], called = "the edit"): Edit {
  const wrong = (what: string) => new LabError("bad-input", what);
  if (typeof edit !== "object" || edit === null || Array.isArray(edit)) {
    throw wrong(`${called} is ${ofSomeKind(edit)}; an edit is { hook, op, … }`);
  }
  const fields = edit as Fields;
  const { hook, op } = fields;
  if (typeof hook !== "string") {
    const example = '{ hook: "blocks.0.hook_resid_post", op: "zero" }';
    throw wrong(`${called} has no hook (${ofSomeKind(hook)}); an edit is like ${example}`);
  }
  const refuse = (why: string) => wrong(`edit of ${hook}: ${why}`);
  checkName(hook, hooks, refuse);
  if (typeof op !== "string" || !Object.hasOwn(KEYS, op)) {
    const ops = Object.keys(KEYS).map((name) => `"${name}"`);
    throw refuse(`there is no op ${ofSomeKind(op)}; use ${ops.join(", ")}`);
  }
  checkFields(fields, op as Edit["op"], refuse);
  return edit as Edit;
}

type Refuse = (why: string) => LabError;

/** Shorthand is no name of a hook here; which one it stands for is said. */
function checkName(hook: string, hooks: readonly string[], refuse: Refuse): void {
  if (hooks.includes(hook)) return;
  let meant: string[];
  try {
    meant = resolveHooks([hook], hooks);
  } catch {
    return; // no shorthand either: refused where names are read
  }
  const shown = meant.slice(0, 3).map((name) => `"${name}"`);
  throw refuse(
    `an edit's hook is told by its full name: ${shown.join(", ")}${meant.length > 3 ? " …" : ""}`,
  );
}

function checkFields(fields: Fields, op: Edit["op"], refuse: Refuse): void {
  const keys = [...PLACE, ...KEYS[op]];
  const unknown = Object.keys(fields).find(
    (key) => fields[key] !== undefined && !keys.includes(key),
  );
  if (unknown !== undefined) {
    throw refuse(
      unknown === "value"
        ? `op "${op}" takes no value`
        : `op "${op}" has no key "${unknown}"; there are ${keys.join(", ")}`,
    );
  }
  for (const key of NEEDED) {
    if (fields[key] !== undefined || !keys.includes(key)) continue;
    throw refuse(`op "${op}" takes ${quoted(key)}, which is missing`);
  }
  for (const key of NUMBERS) {
    const value = fields[key];
    if (value === undefined || typeof value === "number") continue;
    throw refuse(`${key} ${ofSomeKind(value)} is no number`);
  }
  checkReferenceFields(fields, refuse);
  if (KEYS[op].includes("sae")) checkSaeFields(fields, op, refuse);
}

/** Words that would otherwise be taken for the default, or for true. */
function checkReferenceFields({ per, prependBos }: Fields, refuse: Refuse): void {
  if (per !== undefined && per !== "all" && per !== "position") {
    throw refuse(`"per" is "all" or "position", not ${ofSomeKind(per)}`);
  }
  if (prependBos !== undefined && typeof prependBos !== "boolean") {
    throw refuse(`"prependBos" is true or false, not ${ofSomeKind(prependBos)}`);
  }
}

function checkSaeFields(
  { sae, value, features, error }: Fields,
  op: Edit["op"],
  refuse: Refuse,
): void {
  if (typeof sae !== "string") {
    throw refuse(`"sae" is an SAE's id, as lab.sae.list() tells it, not ${ofSomeKind(sae)}`);
  }
  if (KEYS[op].includes("value") && !(typeof value === "number" && Number.isFinite(value))) {
    const got = typeof value === "number" ? String(value) : ofSomeKind(value);
    throw refuse(`op "${op}" takes a finite number as "value"; got ${got}`);
  }
  const isChange = (each: unknown) => typeof each === "object" && each !== null;
  if (features !== undefined && !(Array.isArray(features) && features.every(isChange))) {
    const change = '{ feature: 3, mode: "clamp", coefficient: 2 }';
    throw refuse(`"features" are a list like [${change}], not ${ofSomeKind(features)}`);
  }
  if (error !== undefined && typeof error !== "boolean") {
    throw refuse(`"error" is true or false, not ${ofSomeKind(error)}`);
  }
}

/** A value, or what it is where its JSON would say little. */
export function ofSomeKind(value: unknown): string {
  if (typeof value === "function") return "a function";
  if (value instanceof Promise) return "a promise (await it first)";
  if (ArrayBuffer.isView(value)) return `a ${value.constructor.name}`;
  if (typeof value === "number") return String(value);
  return typeof value === "bigint" || typeof value === "symbol" ? String(value) : quoted(value);
}
