/** A task as a JSON file: written whole, and read with every value checked. */
import { LabError } from "./lab-error.ts";
import { quoted } from "./quoted.ts";
import { MOST_ANSWERS, MOST_CHARACTERS, MOST_PAIRS } from "./task-table.ts";
import type { RoleMark, Task, TaskPair } from "./task.ts";

const FORMAT = "glassroom-task";
const MOST_ROLES = 50;

export const writeTask = (task: Task): string =>
  `${JSON.stringify({ format: FORMAT, version: 1, ...task }, null, 2)}\n`;

/** @throws LabError "bad-file" naming the field, what it is and what it should be */
export function readTask(text: string): Task {
  let found: unknown;
  try {
    found = JSON.parse(text);
  } catch (cause) {
    throw new LabError(
      "bad-file",
      `the file is no JSON (${(cause as Error).message.slice(0, 120)})`,
      {
        cause,
      },
    );
  }
  const file = object(found, "the file");
  if (file["format"] !== FORMAT) {
    wrong("format", file["format"], `"${FORMAT}", as “Export the task as JSON” writes it`);
  }
  if (file["version"] !== 1) wrong("version", file["version"], "1: a newer lab may read it");
  const { prependBos } = file;
  if (typeof prependBos !== "boolean") return wrong("prependBos", prependBos, "true or false");
  return {
    name: string(file["name"], "name", 200),
    prependBos,
    pairs: list(file["pairs"], "pairs", MOST_PAIRS).map((pair, i) => readPair(pair, `pairs[${i}]`)),
  };
}

function readPair(value: unknown, at: string): TaskPair {
  const pair = object(value, at);
  const texts = (key: "answers" | "wrong") =>
    list(pair[key], `${at}.${key}`, MOST_ANSWERS).map((text, i) =>
      string(text, `${at}.${key}[${i}]`, 200),
    );
  const clean = string(pair["clean"], `${at}.clean`, MOST_CHARACTERS);
  return {
    clean,
    corrupted: string(pair["corrupted"], `${at}.corrupted`, MOST_CHARACTERS),
    answers: texts("answers"),
    wrong: texts("wrong"),
    roles: list(pair["roles"], `${at}.roles`, MOST_ROLES).map((role, i) =>
      readRole(role, `${at}.roles[${i}]`, clean.length),
    ),
  };
}

function readRole(value: unknown, at: string, length: number): RoleMark {
  const mark = object(value, at);
  const [start, end] = [mark["start"], mark["end"]];
  const whole = Number.isInteger(start) && Number.isInteger(end);
  if (!whole || (start as number) < 0 || (end as number) > length || end! <= start!) {
    wrong(at, value, `a start before its end, both within the clean prompt's ${length} characters`);
  }
  const role = string(mark["role"], `${at}.role`, 20);
  if (role.trim() === "") wrong(`${at}.role`, role, "a name");
  return { role, start: start as number, end: end as number };
}

function wrong(at: string, value: unknown, expected: string): never {
  throw new LabError("bad-file", `${at} is ${quoted(value)}, expected ${expected}`);
}
function object(value: unknown, at: string): Record<string, unknown> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return value as Record<string, unknown>;
  }
  return wrong(at, value, "an object");
}
function list(value: unknown, at: string, most: number): unknown[] {
  if (!Array.isArray(value)) return wrong(at, value, "a list");
  if (value.length > most) {
    throw new LabError("bad-file", `${at} has ${value.length} items, ${most} are the most`);
  }
  return value;
}
function string(value: unknown, at: string, most: number): string {
  if (typeof value !== "string") return wrong(at, value, "a text");
  if (value.length > most) {
    throw new LabError("bad-file", `${at} has ${value.length} characters, ${most} are the most`);
  }
  return value;
}
