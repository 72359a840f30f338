/**
 * Recipes as they are typed: a template of each text, and lists of words, one a line, "A, B = Mary John Anna": slots A and B
 * draw different words of that list. "A = France/Paris Italy/Rome": {A} is the first word of a row, {A.2} the second.
 */
import { LabError } from "./lab-error.ts";
import { quoted } from "./quoted.ts";
import { readAnswers, writeAnswers } from "./task-table.ts";
import type { TaskRecipe } from "./task.ts";

export interface TypedRecipe {
  clean: string;
  corrupted: string;
  answers: string;
  wrong: string;
  lists: string;
}
const WORDS_MOST = 2000; // of a list

/** Answers as templates: a slot gets the space that a word has. */
const templated = (text: string): string[] =>
  readAnswers(text).map((answer) => (answer.startsWith("{") ? ` ${answer}` : answer));

/** @throws LabError "bad-input" naming the line */
export function readRecipe(typed: TypedRecipe): TaskRecipe {
  const slots: Record<string, string> = {};
  const lists: Record<string, string[][]> = {};
  typed.lists.split("\n").forEach((line, i) => {
    if (line.trim() === "") return;
    const at = `line ${i + 1} of the words`;
    const [, names = "", words = ""] = /^([^=]+)=(.*)$/u.exec(line) ?? [];
    const own = names.split(",").map((name) => name.trim());
    const odd = own.find((name) => !/^\w{1,20}$/.test(name));
    if (odd !== undefined || words.trim() === "") {
      throw new LabError(
        "bad-input",
        `${at}: ${quoted(line.trim())} is no list; write "A, B = Mary John Anna"`,
      );
    }
    const list = own.join(", ");
    const rows = words
      .split(/[\s,]+/u)
      .filter((word) => word !== "")
      .map((row) => row.split("/").map((word) => word.replaceAll("_", " ")));
    if (rows.length > WORDS_MOST) {
      throw new LabError("bad-input", `${at}: ${rows.length} words, ${WORDS_MOST} are the most`);
    }
    const uneven = rows.find((row) => row.length !== rows[0]!.length || row.includes(""));
    if (uneven) {
      throw new LabError(
        "bad-input",
        `${at}: ${quoted(uneven.join("/"))} has another number of words than ${quoted(rows[0]!.join("/"))}`,
      );
    }
    lists[list] = rows;
    for (const name of own) {
      if (Object.hasOwn(slots, name)) {
        throw new LabError("bad-input", `${at}: the slot ${name} has a list already`);
      }
      slots[name] = list;
    }
  });
  const template = {
    ...{ clean: typed.clean, corrupted: typed.corrupted },
    ...{ answers: templated(typed.answers), wrong: templated(typed.wrong) },
  };
  return { name: "My templates", templates: [template], slots, lists };
}

/** A recipe as the fields show it: its first template, of the lists that have words. */
export function writeRecipe({ templates, slots, lists }: TaskRecipe): TypedRecipe {
  const { clean, corrupted, answers, wrong } = templates[0]!;
  const bare = (texts: readonly string[]) =>
    writeAnswers(texts.map((text) => (text.startsWith(" {") ? text.slice(1) : text))).replace(
      /"(\{[^"]*\})"/g,
      "$1",
    );
  return {
    ...{ clean, corrupted, answers: bare(answers), wrong: bare(wrong) },
    lists: Object.entries(lists)
      .map(([name, rows]) => {
        const own = Object.keys(slots).filter((slot) => slots[slot] === name);
        const words = rows.map((row) => row.map((word) => word.replaceAll(" ", "_")).join("/"));
        return `${own.join(", ")} = ${words.join(" ")}`;
      })
      .join("\n"),
  };
}
