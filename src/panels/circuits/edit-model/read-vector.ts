/** A vector as it was pasted: numbers between commas, spaces or lines, in brackets or not. */
import { LabError } from "../../../core/lab-error.ts";
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
