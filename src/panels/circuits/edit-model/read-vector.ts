/** A vector as it was pasted, numbers between commas, spaces or lines, in brackets or not; or out of a file, also of a probe's. */
import { LabError } from "../../../core/lab-error.ts";
import { type ProbePlace, PROBE_SITES } from "../../../core/probe.ts";
import { quoted } from "../../../core/quoted.ts";

/** @throws LabError "bad-input" naming what is no number, or how many there are */
export function readVector(text: string, length: number): number[] {
  const parts = text
    .replace(/[[\]()]|tensor|array/g, " ")
    .split(/[\s,;]+/)
    .filter((part) => part !== "");
  const values = parts.map((part, i) => {
    const value = Number(part);
    if (Number.isFinite(value)) return value;
    throw new LabError("bad-input", `number ${i + 1} of the vector is ${quoted(part)}`);
  });
  if (values.length === length) return values;
  throw new LabError(
    "bad-input",
    `the vector has ${values.length} numbers; here it needs ${length}`,
  );
}

export interface VectorFile {
  /** To be read by `readVector`. */
  numbers: string;
  name: string | null;
  /** Of a probe's direction: where it was found, and the deviation of the activations along it. */
  place: (ProbePlace & { step: number }) | null;
}
const MOST = 10_000_000; // characters

/**
 * A text of numbers, or the JSON that a probe's direction is saved as: {"hook", "head", "unit", "deviation", "name"}.
 * @throws LabError "bad-file" naming what such a JSON lacks
 */
export function readVectorFile(text: string): VectorFile {
  if (text.length > MOST) {
    throw new LabError("bad-file", `the file has ${text.length} characters; no vector is so long`);
  }
  if (!/^\s*\{/.test(text)) return { numbers: text.trim(), name: null, place: null };
  let value: Record<string, unknown>;
  try {
    value = JSON.parse(text) as Record<string, unknown>;
  } catch (cause) {
    throw new LabError("bad-file", `the file is no JSON: it begins with ${quoted(text)}`, {
      cause,
    });
  }
  const refuse = (key: string, wanted: string) =>
    new LabError("bad-file", `${key} of the direction is ${quoted(value[key])}, not ${wanted}`);
  const { hook, head = null, unit, deviation, name } = value;
  const [, layer, named] =
    /^blocks\.(\d{1,6})\.(.+)$/.exec(typeof hook === "string" ? hook : "") ?? [];
  const site = PROBE_SITES.find((each) => each === named);
  if (site === undefined)
    throw refuse("hook", "a hook point of probes such as blocks.1.hook_resid_post");
  const isIndex = typeof head === "number" && Number.isInteger(head) && head >= 0;
  if (head !== null && !isIndex) throw refuse("head", "a head’s number or null");
  if (!Array.isArray(unit)) throw refuse("unit", "a list of numbers");
  if (typeof deviation !== "number" || !Number.isFinite(deviation)) {
    throw refuse("deviation", "a number");
  }
  return {
    numbers: JSON.stringify(unit),
    name: typeof name === "string" && name.trim() !== "" ? name : null,
    place: { site, layer: Number(layer), head: isIndex ? head : null, step: deviation },
  };
}
