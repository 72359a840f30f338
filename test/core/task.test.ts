/** Tasks as text: tables as spreadsheets paste them, JSON files, answers as they are typed; and damage to all of them. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readTask, writeTask } from "../../src/core/task-file.ts";
import { LabError } from "../../src/core/lab-error.ts";
import { readAnswers, readTable, writeAnswers, writeTable } from "../../src/core/task-table.ts";
import type { Task } from "../../src/core/task.ts";
import { fuzz, mutateBytes, mutateJson } from "../fuzz/mutate.ts";

describe("answers", () => {
  it("a word gets the space it has in a text; quotes take it as it stands", () => {
    expect(readAnswers("Mary")).toEqual([" Mary"]);
    expect(readAnswers(' "33" | "34" ')).toEqual(["33", "34"]);
    expect(readAnswers('Mary | " a|b" | )')).toEqual([" Mary", " a|b", ")"]);
    expect(readAnswers(" | ")).toEqual([]);
    expect(readAnswers('"')).toEqual(['"']);
  });
  it("are read back as they are written", () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ minLength: 1, unit: "grapheme" }), { maxLength: 5 }),
        (list) => {
          expect(readAnswers(writeAnswers(list))).toEqual(list);
        },
      ),
      { seed: 6, numRuns: 500 },
    );
    expect(writeAnswers([" Mary", "33"])).toBe('Mary | "33"');
  });
});

describe("a table", () => {
  it("of tabs, or of commas with quotes", () => {
    const expected = [
      {
        ...{ clean: 'He said "a, b" to', corrupted: "She said", roles: [] },
        ...{ answers: [" x"], wrong: [" y", "z"] },
      },
    ];
    expect(readTable('He said "a, b" to\tShe said\tx\ty | "z"')).toEqual(expected);
    expect(readTable('"He said ""a, b"" to",She said,x,"y | ""z"""\r\n\r\n')).toEqual(expected);
  });
  it("with a first line of names, in any order", () => {
    const [pair] = readTable("wrong,answer,corrupted,clean\nJohn,Mary,ABC to,Mary to");
    expect(pair).toMatchObject({ clean: "Mary to", answers: [" Mary"], wrong: [" John"] });
  });
  it("says which line is wrong", () => {
    expect(() => readTable("a\tb\tc\nd")).toThrow(/line 2: "d" has no corrupted prompt/);
    expect(() => readTable("a\tb\t")).toThrow(/line 1: "a" has no answer/);
    expect(() => readTable('a,"b')).toThrow(/line 1: a quotation mark/);
    expect(() => readTable(" \n ")).toThrow(/nothing in the table/);
  });
  it("is read back as it is written", () => {
    const text = fc.string({ minLength: 1, unit: "grapheme" }).filter((s) => s.trim() !== "");
    const answer = fc.array(text, { minLength: 1, maxLength: 3 });
    const pair = fc.record({
      ...{ clean: text, corrupted: text, answers: answer },
      ...{ wrong: fc.array(text, { maxLength: 2 }), roles: fc.constant([]) },
    });
    fc.assert(
      fc.property(fc.array(pair, { minLength: 1, maxLength: 4 }), (pairs) => {
        expect(readTable(writeTable(pairs))).toEqual(pairs);
      }),
      { seed: 7, numRuns: 300 },
    );
  });
  it("damaged, it is read or refused in words", () => {
    const table = new TextEncoder().encode('a b\tc "d"\tx | "y"\tz\n"e\nf"\tg\th\t\n');
    const accepted = fuzz(600, 8, (random) => {
      const damaged = new TextDecoder().decode(mutateBytes(table, random));
      try {
        for (const { clean, answers } of readTable(damaged)) {
          expect(clean).not.toBe("");
          expect(answers.length).toBeGreaterThan(0);
        }
      } catch (e) {
        if (!(e instanceof LabError) || e.code !== "bad-input") throw e;
        throw new LabError("bad-file", e.message);
      }
    });
    expect(accepted).toBeGreaterThan(50);
    expect(accepted).toBeLessThan(600);
  });
});

describe("a file", () => {
  const task: Task = {
    name: "mine",
    prependBos: false,
    pairs: [
      {
        ...{ clean: "Mary and John", corrupted: "Anna and John" },
        ...{ answers: [" Mary"], wrong: [] },
        roles: [{ role: "IO", start: 0, end: 4 }],
      },
    ],
  };
  it("comes back as it was", () => expect(readTask(writeTask(task))).toEqual(task));
  it("says what is wrong with it", () => {
    const spoilt = (change: (file: { pairs: object[] }) => void) => {
      const file = JSON.parse(writeTask(task)) as { pairs: object[] };
      change(file);
      return () => readTask(JSON.stringify(file));
    };
    expect(spoilt((f) => Object.assign(f, { format: "x" }))).toThrow(/format is "x"/);
    expect(spoilt((f) => Object.assign(f, { version: 2 }))).toThrow(/version is 2/);
    expect(spoilt((f) => Object.assign(f.pairs[0]!, { clean: 3 }))).toThrow(
      /pairs\[0\]\.clean is 3/,
    );
    const role = { role: "IO", start: 3, end: 99 };
    expect(spoilt((f) => Object.assign(f.pairs[0]!, { roles: [role] }))).toThrow(/roles\[0\].*13/);
    expect(() => readTask("{")).toThrow(LabError);
  });
  it("damaged, it is read or refused in words", () => {
    const accepted = fuzz(1500, 9, (random) => {
      const read = readTask(mutateJson(JSON.parse(writeTask(task)), random));
      for (const { clean, roles } of read.pairs) {
        expect(typeof clean).toBe("string");
        expect(roles.every(({ end }) => end <= clean.length)).toBe(true);
      }
    });
    expect(accepted).toBeGreaterThan(20);
    expect(accepted).toBeLessThan(1500);
  });
});
