/** A value that came from outside, as a message may quote it: short, on one line, whatever it is. */

const MOST = 60;

/** As JSON, cut after about 60 characters; "missing" for what is not there. */
export function quoted(value: unknown): string {
  if (value === undefined) return "missing";
  try {
    const text = JSON.stringify(typeof value === "string" ? value.slice(0, MOST + 1) : value);
    return text.length > MOST + 2 ? `${text.slice(0, MOST - 1)}…` : text;
  } catch {
    return "something nested too deep to show"; // JSON.stringify recurses, JSON.parse does not
  }
}

/** "[2, 3]"; of more than eight sizes only the first. */
export const quotedShape = (shape: readonly number[]): string =>
  `[${shape.slice(0, 8).join(", ")}${shape.length > 8 ? `, … ${shape.length} sizes` : ""}]`;

/** A name, its middle left out if it is long. */
export const shortName = (name: string): string =>
  name.length <= 90 ? name : `${name.slice(0, 60)}…${name.slice(-20)}`;
