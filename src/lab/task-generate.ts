/** A task from a recipe: templates filled by seeded draws of words, all of which are single tokens where it matters. */
import { LabError } from "../core/lab-error.ts";
import { MOST_PAIRS } from "../core/task-table.ts";
import type {
  MadeTask,
  RoleMark,
  TaskPair,
  TaskRecipe,
  TaskRequest,
  TaskTemplate,
} from "../core/task.ts";
import { keyedRandom } from "../math/keyed-random.ts";
import { readPair, type TaskReader } from "./task-read.ts";

type Model = TaskReader & { info: { config: { vocab_size: number } } };
type Rows = readonly (readonly string[])[];
type Draw = ReadonlyMap<string, readonly string[]>;

const STREAM = 6; // of the random numbers: another purpose's draws are others
/** Draws for each pair before it is given up. */
const TRIES = 60;
const SLOT = /\{(\w+)(?:\.(\d+))?\}/g;

/** @throws LabError "bad-input" for a template that names what there is not, "not-found" if no words are left */
export function makeTask(model: Model, { recipe, count, seed }: TaskRequest): MadeTask {
  if (!Number.isInteger(count) || count < 1 || count > MOST_PAIRS) {
    throw new LabError("bad-input", `a task has 1 … ${MOST_PAIRS} pairs, not ${count}`);
  }
  checkRecipe(recipe);
  const { lists, leftOut } = usable(model, recipe);
  const pairs: TaskPair[] = [];
  const seen = new Set<string>();
  let problem: string | null = null;
  for (let i = 0; i < count; i++) {
    for (let attempt = 0; attempt < TRIES; attempt++) {
      const random = keyedRandom(seed, STREAM, i, attempt);
      const template = recipe.templates[i % recipe.templates.length]!;
      const pair = fill(recipe, template, drawn(recipe, lists, random));
      const key = `${pair.clean}\n${pair.corrupted}`;
      const read = readPair(model, pair, true);
      if (read.problem === null && !seen.has(key)) {
        seen.add(key);
        pairs.push(pair);
        break;
      }
      problem = read.problem ?? "no more pairs that differ";
    }
  }
  if (pairs.length === 0) {
    throw new LabError("bad-input", `no pair could be made of the templates: ${problem ?? ""}`);
  }
  return {
    task: { name: recipe.name, prependBos: true, pairs },
    leftOut,
    shortage:
      pairs.length < count ? `${pairs.length} of ${count} pairs could be made: ${problem!}` : null,
  };
}

function checkRecipe({ templates, slots, lists, vocabulary, above }: TaskRecipe): void {
  if (templates.length === 0) throw new LabError("bad-input", "there is no template");
  for (const { clean, corrupted, answers, wrong } of templates) {
    for (const text of [clean, corrupted, ...answers, ...wrong]) {
      for (const [whole, slot, column] of text.matchAll(SLOT)) {
        const list = slots[slot!];
        const rows = list === undefined ? undefined : lists[list];
        if (list === undefined || (rows === undefined && list !== vocabulary)) {
          throw new LabError(
            "bad-input",
            `the template “${text}” has ${whole}, and no list of words for it; slots are ${Object.keys(slots).join(", ") || "none"}`,
          );
        }
        const width = rows?.[0]?.length ?? 1;
        if (column !== undefined && (Number(column) < 1 || Number(column) > width)) {
          throw new LabError("bad-input", `${whole}: the rows of ${list} have ${width} words`);
        }
      }
    }
    if (answers.length === 0 && above === undefined) {
      throw new LabError("bad-input", `the template “${clean}” has no answer`);
    }
  }
}

/** Rows whose words are all single tokens with a space before them, and what was left out. */
function usable(model: Model, recipe: TaskRecipe) {
  const { tokenizer } = model;
  const isSingle = (word: string) => tokenizer.encode(` ${word}`, false).ids.length === 1;
  const leftOut: { list: string; words: string[] }[] = [];
  const lists = new Map<string, Rows>();
  for (const [name, rows] of Object.entries(recipe.lists)) {
    const free = recipe.free?.includes(name) ?? false;
    const kept = free ? rows : rows.filter((row) => row.every(isSingle));
    const words = rows.filter((row) => !kept.includes(row)).map((row) => row.join(" – "));
    if (words.length > 0) leftOut.push({ list: name, words });
    lists.set(name, kept);
  }
  if (recipe.vocabulary !== undefined) lists.set(recipe.vocabulary, plainWords(model));
  const slots = new Map<string, number>();
  for (const list of Object.values(recipe.slots)) slots.set(list, (slots.get(list) ?? 0) + 1);
  for (const [list, needed] of slots) {
    const there = lists.get(list)?.length ?? 0;
    if (there < needed) {
      throw new LabError(
        "not-found",
        `the list ${list} needs ${needed} words that are one token each for this model, and has ${there}`,
      );
    }
  }
  return { lists, leftOut };
}

/** Tokens that are a space and lower-case letters, and are read back as themselves. */
function plainWords({ tokenizer, info }: Model): string[][] {
  const ids = Array.from({ length: info.config.vocab_size }, (_, id) => id);
  return tokenizer.strings(ids).flatMap((token, id) => {
    if (!/^ [a-z]{3,}$/.test(token)) return [];
    const { ids: back } = tokenizer.encode(token, false);
    return back.length === 1 && back[0] === id ? [[token.slice(1)]] : [];
  });
}

/** A row for each slot; of one list, different ones. */
function drawn(
  { slots }: TaskRecipe,
  lists: ReadonlyMap<string, Rows>,
  random: () => number,
): Draw {
  const taken = new Map<string, Set<number>>();
  return new Map(
    Object.entries(slots).map(([slot, list]) => {
      const rows = lists.get(list)!;
      const used = taken.get(list) ?? new Set();
      taken.set(list, used);
      let index = Math.floor(random() * rows.length);
      while (used.has(index)) index = (index + 1) % rows.length;
      used.add(index);
      return [slot, rows[index]!];
    }),
  );
}

function fill(recipe: TaskRecipe, template: TaskTemplate, draw: Draw): TaskPair {
  const word = (slot: string, column: string | undefined) =>
    draw.get(slot)![Number(column ?? 1) - 1]!;
  const text = (of: string) =>
    of.replace(SLOT, (_, slot: string, column?: string) => word(slot, column));
  const roles: RoleMark[] = [];
  const met = new Map<string, number>();
  const total = new Map<string, number>();
  for (const [, slot] of template.clean.matchAll(SLOT))
    total.set(slot!, (total.get(slot!) ?? 0) + 1);
  let clean = "";
  let from = 0;
  for (const match of template.clean.matchAll(SLOT)) {
    const [whole, slot, column] = match as unknown as [string, string, string | undefined];
    clean += template.clean.slice(from, match.index);
    from = match.index + whole.length;
    const shown = word(slot, column);
    const nth = met.get(slot) ?? 0;
    met.set(slot, nth + 1);
    const role = recipe.roles?.[slot]?.[nth] ?? (total.get(slot)! > 1 ? `${slot}${nth + 1}` : slot);
    roles.push({ role, start: clean.length, end: clean.length + shown.length });
    clean += shown;
  }
  clean += template.clean.slice(from);
  for (const { role, end } of roles.filter((mark) => recipe.next?.includes(mark.role))) {
    if (end < clean.length) roles.push({ role: `${role}+1`, start: end, end: end + 1 });
  }
  return {
    ...{ clean, corrupted: text(template.corrupted), roles },
    ...(recipe.above === undefined
      ? { answers: template.answers.map(text), wrong: template.wrong.map(text) }
      : above(Number(draw.get(recipe.above)![0]))),
  };
}

/** Two digits: those above `least`, and the others. */
function above(least: number): Pick<TaskPair, "answers" | "wrong"> {
  const all = Array.from({ length: 100 }, (_, n) => n);
  const texts = (numbers: readonly number[]) => numbers.map((n) => String(n).padStart(2, "0"));
  return {
    answers: texts(all.filter((n) => n > least)),
    wrong: texts(all.filter((n) => n <= least)),
  };
}
