/**
 * Tasks as tables of text: one pair a line, cells separated by tabs or commas (RFC 4180's quotes), as spreadsheets paste
 * them. Columns: clean, corrupted, answers, wrong; a first line that names them may put them in another order.
 */
import { LabError } from "./lab-error.ts";
import { quoted } from "./quoted.ts";
import type { TaskPair } from "./task.ts";

/** Most pairs of a task. */
export const MOST_PAIRS = 1000;
/** Most characters of a prompt. */
export const MOST_CHARACTERS = 20_000;
/** Most answers of one pair. */
export const MOST_ANSWERS = 200;

const COLUMNS = ["clean", "corrupted", "answers", "wrong"] as const;
type Column = (typeof COLUMNS)[number];
const NAMES: Record<string, Column> = {
  ...{ clean: "clean", prompt: "clean", corrupted: "corrupted", corrupt: "corrupted" },
  ...{ answers: "answers", answer: "answers", right: "answers", wrong: "wrong" },
};

/**
 * Answers as they are typed, "|" between several. A word gets the space that it has inside a text; in double quotes it is
 * taken as it stands: `Mary` is " Mary", `"33"` is "33".
 */
export function readAnswers(text: string): string[] {
  const found: string[] = [];
  let rest = text.trim();
  while (rest !== "") {
    const exact = /^"((?:[^"\\]|\\.)*)"\s*(?:\||$)/u.exec(rest);
    if (exact) {
      found.push(unescaped(exact[1]!));
      rest = rest.slice(exact[0].length).trim();
      continue;
    }
    const end = rest.indexOf("|");
    const word = (end < 0 ? rest : rest.slice(0, end)).trim();
    if (word !== "") found.push(/^[\p{L}\p{N}]/u.test(word) ? ` ${word}` : word);
    rest = end < 0 ? "" : rest.slice(end + 1).trim();
  }
  return found;
}

/** The inverse: what `readAnswers` reads as these. */
export const writeAnswers = (answers: readonly string[]): string =>
  answers
    .map((answer) => {
      const word = answer.slice(1);
      const plain = answer.startsWith(" ") && /^[\p{L}\p{N}]/u.test(word);
      return plain && word === word.trim() && !/["|\\\n\r\t]/.test(word) ? word : escaped(answer);
    })
    .join(" | ");

const escaped = (text: string) => JSON.stringify(text);
function unescaped(inner: string): string {
  try {
    return JSON.parse(`"${inner}"`) as string;
  } catch {
    return inner.replace(/\\(.)/gu, "$1");
  }
}

/** @throws LabError "bad-input" naming the line */
export function readTable(text: string): TaskPair[] {
  const lines = cells(text).filter(({ row }) => row.some((cell) => cell.trim() !== ""));
  if (lines.length === 0) {
    throw new LabError("bad-input", "there is nothing in the table; paste one pair a line");
  }
  const first = lines[0]!.row.map((cell) => NAMES[cell.trim().toLowerCase()]);
  const headed = first.includes("clean") && first.includes("corrupted");
  const order: readonly (Column | undefined)[] = headed ? first : COLUMNS;
  const body = headed ? lines.slice(1) : lines;
  if (body.length > MOST_PAIRS) {
    throw new LabError(
      "bad-input",
      `the table has ${body.length} pairs; ${MOST_PAIRS} are the most`,
    );
  }
  return body.map(({ row, line }) => {
    const cell = (column: Column) => row[order.indexOf(column)] ?? "";
    const pair: TaskPair = {
      clean: cell("clean"),
      corrupted: cell("corrupted"),
      answers: readAnswers(cell("answers")),
      wrong: readAnswers(cell("wrong")),
      roles: [],
    };
    const problem = tableProblem(pair);
    if (problem) throw new LabError("bad-input", `line ${line}: ${problem}`);
    return pair;
  });
}

function tableProblem({ clean, corrupted, answers, wrong }: TaskPair): string | null {
  if (clean === "") return "there is no clean prompt in the first column";
  if (corrupted === "") {
    return `${quoted(clean)} has no corrupted prompt beside it; put a tab or a comma between the columns`;
  }
  if (answers.length === 0) return `${quoted(clean)} has no answer in the third column`;
  if (Math.max(clean.length, corrupted.length) > MOST_CHARACTERS) {
    return `a prompt has ${Math.max(clean.length, corrupted.length)} characters; ${MOST_CHARACTERS} are the most`;
  }
  if (answers.length + wrong.length > MOST_ANSWERS) {
    return `${answers.length + wrong.length} answers; ${MOST_ANSWERS} are the most`;
  }
  return null;
}

/** Tab-separated, with a first line of names; `readTable` reads it back. */
export const writeTable = (pairs: readonly TaskPair[]): string =>
  [
    COLUMNS.join("\t"),
    ...pairs.map(({ clean, corrupted, answers, wrong }) =>
      [clean, corrupted, writeAnswers(answers), writeAnswers(wrong)].map(cellText).join("\t"),
    ),
  ].join("\n");

const cellText = (text: string) =>
  /["\t\n\r]/.test(text) || text.trim() === "" ? `"${text.replaceAll('"', '""')}"` : text;

/** Rows of cells, with the line each begins on. Tabs separate if there is one; else commas. */
export function cells(text: string): { row: string[]; line: number }[] {
  const separator = text.includes("\t") ? "\t" : ",";
  const rows: { row: string[]; line: number }[] = [];
  let [row, cell, line, start]: [string[], string, number, number] = [[], "", 1, 1];
  let inQuotes = false;
  const endCell = () => {
    row.push(cell);
    cell = "";
  };
  const endRow = () => {
    endCell();
    rows.push({ row, line: start });
    row = [];
    start = line;
  };
  for (let i = 0; i < text.length; i++) {
    const c = text[i]!;
    if (c === "\n") line++;
    if (inQuotes) {
      if (c !== '"') cell += c;
      else if (text[i + 1] === '"') cell += text[++i]!;
      else inQuotes = false;
    } else if (c === '"' && cell === "") inQuotes = true;
    else if (c === separator) endCell();
    else if (c === "\n") endRow();
    else if (c !== "\r" || text[i + 1] !== "\n") cell += c;
  }
  if (inQuotes) {
    throw new LabError("bad-input", `line ${start}: a quotation mark is opened and never closed`);
  }
  if (cell !== "" || row.length > 0) endRow();
  return rows;
}
