/** Fields of SAELens's `cfg.json`, each checked to be what is expected of it; errors name field and value. */
import { LabError } from "../core/lab-error.ts";
import { quoted } from "../core/quoted.ts";

export const CONFIG_FILE = "cfg.json";

/** No name of a hook or model is longer. */
const LONGEST_TEXT = 500;

export function parseConfig(bytes: Uint8Array): Record<string, unknown> {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw bad(CONFIG_FILE, "it is no JSON text", cause);
  }
  if (!isObject(json)) throw bad(CONFIG_FILE, "it is no JSON object");
  return json;
}

export function topKOf(value: unknown, dSae: number): number {
  const k = count(value, "k");
  if (k > dSae) throw bad(CONFIG_FILE, `k is ${k}, more than d_sae ${dSae}`);
  return k;
}
export function count(value: unknown, name: string): number {
  if (typeof value === "number" && Number.isSafeInteger(value) && value > 0) return value;
  throw bad(CONFIG_FILE, `${name} is ${quoted(value)}, not a whole number above 0`);
}
export function text(value: unknown, name: string): string {
  if (typeof value === "string" && value !== "" && value.length <= LONGEST_TEXT) return value;
  throw bad(
    CONFIG_FILE,
    `${name} is ${quoted(value)}, not a text of 1 to ${LONGEST_TEXT} characters`,
  );
}
export function flag(value: unknown, name: string, otherwise: boolean): boolean {
  if (value === undefined || value === null) return otherwise;
  if (typeof value === "boolean") return value;
  throw bad(CONFIG_FILE, `${name} is ${quoted(value)}, not true or false`);
}

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export const bad = (file: string, why: string, cause?: unknown) =>
  new LabError("bad-file", `${file} cannot be read: ${why}`, { cause });
export const unsupported = (why: string) =>
  new LabError("unsupported", `this SAE cannot be run here: ${why}`);
