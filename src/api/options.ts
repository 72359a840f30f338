/**
 * What callers from the console may get wrong, and JavaScript would let pass in silence or answer with a TypeError: an option
 * under another name, a value that is none of those there are, edits that are no list.
 */
import type { Edit } from "../core/edits.ts";
import { LabError } from "../core/lab-error.ts";

/** An argument as it is written in an error. */
export function shownValue(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.slice(0, 60));
  if (Array.isArray(value)) return "a list";
  if (typeof value === "function") return "a function";
  return typeof value === "object" && value !== null ? "an object" : String(value);
}

/**
 * @param of the call, as the user writes it
 * @param known every option that it has
 * @throws LabError "bad-input" naming the first option that is none of them
 */
export function checkOptions<T extends object>(
  of: string,
  options: unknown,
  known: Record<keyof T, true>,
): void {
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    throw new LabError(
      "bad-input",
      `the options of ${of} are an object like { ${Object.keys(known)[0]}: … }, not ${shownValue(options)}`,
    );
  }
  const wrong = Object.keys(options).find((key) => !Object.hasOwn(known, key));
  if (wrong === undefined) return;
  throw new LabError(
    "bad-input",
    `${of} has no option "${wrong}"; there are ${Object.keys(known).join(", ")}`,
  );
}

/** @throws LabError "bad-input" for what is none of the choices */
export function checkChoice(what: string, value: unknown, choices: readonly string[]): void {
  if (choices.some((choice) => choice === value)) return;
  const known = choices.map((choice) => JSON.stringify(choice)).join(", ");
  throw new LabError("bad-input", `${what} is one of ${known}, not ${shownValue(value)}`);
}

/** @throws LabError "bad-input" for what is no list of edits */
export function editList(edits: unknown, what = '"edits"'): Edit[] {
  if (!Array.isArray(edits)) {
    throw new LabError("bad-input", `${what} is a list of edits, not ${shownValue(edits)}`);
  }
  return edits.map((edit: unknown) => {
    if (typeof edit === "object" && edit !== null && !Array.isArray(edit)) return edit as Edit;
    throw new LabError(
      "bad-input",
      `an edit is an object like { hook: "blocks.0.hook_mlp_out", op: "zero" }, not ${shownValue(edit)}`,
    );
  });
}
