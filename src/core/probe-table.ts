/**
 * Labelled texts as people have them. A table (commas or tabs, RFC 4180's quotes) of a text and a label; or JSON, one object
 * a line: {"text": …, "label": …}, or {"text": …, "marks": [{"start": 0, "end": 3, "label": …}]} for parts of a text, by
 * characters (UTF-16 code units, as JavaScript counts). In either a part of a text may be marked in place: `the [[cat|noun]] sat`.
 */
import { LabError } from "./lab-error.ts";
import type { LabelledText, Mark } from "./probe.ts";
import { quoted } from "./quoted.ts";
import { cells } from "./task-table.ts";

/** Characters of a whole table. */
export const MOST_TABLE = 10_000_000;
const MOST_LABEL = 100;

/** @throws LabError "bad-input" naming the line */
export function readLabelled(text: string): LabelledText[] {
  if (text.length > MOST_TABLE) {
    throw new LabError(
      "bad-input",
      `the table has ${text.length} characters; ${MOST_TABLE} are the most: give a part of it`,
    );
  }
  const plain = text.replace(/^\uFEFF/, "");
  const found = /^\s*\{/.test(plain) ? readLines(plain) : readCells(plain);
  if (found.length === 0) {
    throw new LabError("bad-input", "there is no labelled text; give one a line: text, label");
  }
  const marked = found.some(({ marks }) => marks.length > 0);
  found.forEach(({ marks, label, line }) => {
    if (marks.length > 0 || label !== null) return;
    refuse(
      line,
      marked
        ? "no part of the text is marked, and it has no label for all of it; mark a part as [[word|label]]"
        : "the text has no label in the second column; put a tab or a comma between the columns",
    );
  });
  return found.map(({ text: of, label, marks }) => ({ text: of, label, marks }));
}

type Line = LabelledText & { line: number };

function refuse(line: number, why: string): never {
  throw new LabError("bad-input", `line ${line}: ${why}`);
}

function readCells(text: string): Line[] {
  const lines = cells(text).filter(({ row }) => row.some((cell) => cell.trim() !== ""));
  const names = lines[0]?.row.map((cell) => cell.trim().toLowerCase()) ?? [];
  const headed = names.includes("text");
  const at = headed
    ? { text: names.indexOf("text"), label: names.indexOf("label") }
    : { text: 0, label: 1 };
  return lines.slice(Number(headed)).map(({ row, line }) => {
    if (!headed && row.length > 2) {
      refuse(
        line,
        `${row.length} columns; there are two, text and label: put a text with commas in double quotes, or name the columns in the first line`,
      );
    }
    const written = row[at.text] ?? "";
    if (written.trim() === "") refuse(line, "there is no text");
    const label = at.label < 0 ? "" : (row[at.label] ?? "").trim();
    return checked(withMarks(written, line), label === "" ? null : label, line);
  });
}

function readLines(text: string): Line[] {
  const found: Line[] = [];
  text.split(/\r?\n/).forEach((row, i) => {
    if (row.trim() === "") return;
    found.push(readObject(row, i + 1));
  });
  return found;
}

function readObject(row: string, line: number): Line {
  let value: unknown;
  try {
    value = JSON.parse(row);
  } catch (e) {
    refuse(line, `this is no JSON (${e instanceof Error ? e.message : String(e)})`);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    refuse(line, `expected an object with a text, got ${quoted(value)}`);
  }
  const { text, label, marks } = value as Record<string, unknown>;
  if (typeof text !== "string" || text.trim() === "") {
    refuse(line, `"text" is to be a text, not ${quoted(text)}`);
  }
  const own = label === undefined || label === null ? null : labelOf(label, line);
  if (marks === undefined) return checked(withMarks(text, line), own, line);
  if (!Array.isArray(marks)) refuse(line, `"marks" is to be a list, not ${quoted(marks)}`);
  const read = marks.map((mark: unknown): Mark => {
    const { start, end, label: of } = (mark ?? {}) as Record<string, unknown>;
    const sound =
      Number.isInteger(start) &&
      Number.isInteger(end) &&
      (start as number) >= 0 &&
      (start as number) < (end as number) &&
      (end as number) <= text.length;
    if (!sound) {
      refuse(
        line,
        `a mark goes from "start" to "end" within the text’s ${text.length} characters, not ${quoted(mark)}`,
      );
    }
    return { start: start as number, end: end as number, label: labelOf(of, line) };
  });
  return checked({ text, marks: read }, own, line);
}

function labelOf(value: unknown, line: number): string {
  const isText = typeof value === "string" && value.trim() !== "";
  if (isText) return value.trim();
  if (typeof value === "boolean" || (typeof value === "number" && Number.isFinite(value))) {
    return String(value);
  }
  return refuse(line, `a label is a text or a number, not ${quoted(value)}`);
}

function checked(
  { text, marks }: { text: string; marks: readonly Mark[] },
  label: string | null,
  line: number,
): Line {
  const long = [label ?? "", ...marks.map((mark) => mark.label)].find(
    (each) => each.length > MOST_LABEL,
  );
  if (long !== undefined) {
    refuse(
      line,
      `a label has ${long.length} characters; ${MOST_LABEL} are the most: is the text in the wrong column?`,
    );
  }
  const ordered = [...marks].sort((a, b) => a.start - b.start);
  ordered.forEach((mark, i) => {
    if (i > 0 && mark.start < ordered[i - 1]!.end) {
      refuse(line, `the marks at ${ordered[i - 1]!.start} and ${mark.start} lie over each other`);
    }
  });
  return { text, label, marks: ordered, line };
}

/** Takes marks in place out of a text. */
function withMarks(written: string, line: number): { text: string; marks: Mark[] } {
  const marks: Mark[] = [];
  let text = "";
  let rest = written;
  for (;;) {
    const open = rest.indexOf("[[");
    if (open < 0) return { text: text + rest, marks };
    const found = /^\[\[([^[\]|]+)\|([^[\]|]+)\]\]/.exec(rest.slice(open));
    if (!found) {
      refuse(
        line,
        `${quoted(rest.slice(open, open + 20))} is no mark; write [[word|label]], or use a list of "marks" for a text with double brackets`,
      );
    }
    const [whole, word, label] = found as unknown as [string, string, string];
    text += rest.slice(0, open);
    marks.push({ start: text.length, end: text.length + word.length, label: label.trim() });
    if (label.trim() === "") refuse(line, `the mark of “${word}” has no label`);
    text += word;
    rest = rest.slice(open + whole.length);
  }
}
