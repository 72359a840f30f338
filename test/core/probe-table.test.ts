/** Tables of labelled texts: what is read, what is refused and where, and that no damage crashes the reader. */
import { describe, expect, it } from "vitest";
import { LabError } from "../../src/core/lab-error.ts";
import { readLabelled } from "../../src/core/probe-table.ts";
import { keyedRandom } from "../../src/math/keyed-random.ts";
import { mutateBytes, mutateJson } from "../fuzz/mutate.ts";

const whole = (text: string, label: string) => ({ text, label, marks: [] });

describe("a table of labelled texts", () => {
  it("is text and label by commas, tabs or names", () => {
    const expected = [whole("A good day", "good"), whole("a, b", "bad")];
    expect(readLabelled('A good day,good\n"a, b",bad\n')).toEqual(expected);
    expect(readLabelled("A good day\tgood\r\na, b\tbad")).toEqual(expected);
    expect(readLabelled('id,Label,Text\n1,good,A good day\n\n2, bad ,"a, b"')).toEqual(expected);
  });
  it("is JSON, an object a line", () => {
    expect(
      readLabelled('{"text":"a","label":"x"}\n\n{"text":"b","label":3}\n{"text":"c","label":true}'),
    ).toEqual([whole("a", "x"), whole("b", "3"), whole("c", "true")]);
  });
  it("has marks in place or by characters", () => {
    const [inPlace] = readLabelled("the [[cat|noun]] [[sat|verb]] down\tother");
    expect(inPlace).toEqual({
      text: "the cat sat down",
      label: "other",
      marks: [
        { start: 4, end: 7, label: "noun" },
        { start: 8, end: 11, label: "verb" },
      ],
    });
    const [byPlace] = readLabelled(
      '{"text":"the cat sat down","label":"other","marks":[{"start":8,"end":11,"label":"verb"},{"start":4,"end":7,"label":"noun"}]}',
    );
    expect(byPlace).toEqual(inPlace);
  });

  it.each([
    ["", /no labelled text/],
    ["a,x\nb\n", /line 2: the text has no label/],
    ["a,x\nb,c,y\n", /line 2: 3 columns/],
    ["a,x\n,y\n", /line 2: there is no text/],
    ["[[a|x]] b\nno mark here\n", /line 2: no part of the text is marked/],
    ["[[a|x] b\n", /line 1: .* is no mark/],
    ["a,x\n[[a| ]] b", /line 2: the mark of “a” has no label/],
    ['a,x\n"open', /line 2: a quotation mark is opened/],
    ['{"text":"a","label":"x"}\n{"text":1,"label":"x"}', /line 2: "text" is to be a text, not 1/],
    ['{"text":"a","label":[1]}', /line 1: a label is a text or a number, not \[1\]/],
    ['{"text":"a","label":"x"}\nnonsense', /line 2: this is no JSON/],
    ['{"text":"ab","marks":[{"start":1,"end":5,"label":"x"}]}', /line 1: .*within the text’s 2/],
    [
      '{"text":"abcd","marks":[{"start":0,"end":3,"label":"x"},{"start":2,"end":4,"label":"y"}]}',
      /line 1: the marks at 0 and 2 lie over each other/,
    ],
    [`a,${"x".repeat(101)}`, /line 1: a label has 101 characters/],
  ])("refuses %j, naming the line", (text, message) => {
    expect(() => readLabelled(text)).toThrow(message);
    expect(() => readLabelled(text)).toThrow(LabError);
  });

  it("reads damaged tables or says what is wrong", () => {
    const table = 'text,label\n"a, ""b""",x\nthe [[cat|noun]] sat,other\n\t\n';
    const object = { text: "a cat", label: "x", marks: [{ start: 2, end: 5, label: "noun" }] };
    for (let i = 0; i < 600; i++) {
      const random = keyedRandom(77, i);
      const bytes = mutateBytes(new TextEncoder().encode(table), random);
      const text = i % 2 ? mutateJson(object, random) : new TextDecoder().decode(bytes);
      try {
        for (const one of readLabelled(text)) {
          expect(one.label !== null || one.marks.length > 0).toBe(true);
          for (const { start, end } of one.marks) {
            expect(start >= 0 && start < end && end <= one.text.length).toBe(true);
          }
        }
      } catch (e) {
        if (!(e instanceof LabError)) throw new Error(`case ${i}: ${text}`, { cause: e });
        expect(e.code).toBe("bad-input");
        expect(e.message.length).toBeLessThan(400);
      }
    }
  });
});
