/** Numbers that leave the page are those that are on it. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { shortNumber, tableCsv, tableJson } from "../../src/ui/figure-files.ts";

/** A reader of RFC 4180 of its own. */
function readCsv(text: string): string[][] {
  const rows: string[][] = [];
  const field = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/y;
  let row: string[] = [];
  while (field.lastIndex < text.length) {
    const found = field.exec(text);
    if (!found) throw new Error(`no field at the end of ${JSON.stringify(text)}`);
    row.push(found[1]?.replaceAll('""', '"') ?? found[2]!);
    if (found[3] === ",") continue;
    rows.push(row);
    row = [];
  }
  return rows;
}

it("CSV: a header, quoted where it must be, nothing for what is not known", () => {
  const text = tableCsv({
    columns: ["token", "norm"],
    rows: [
      [' "a",\n', 1.5],
      [" b", null],
      ["c", NaN],
    ],
  });
  expect(text).toBe('token,norm\r\n" ""a"",\n",1.5\r\n" b",\r\nc,\r\n');
});

it("CSV of any texts and float32 numbers reads as the same", () => {
  const float = fc.float({ noNaN: true, noDefaultInfinity: true });
  const cell = fc.tuple(fc.string(), float);
  fc.assert(
    fc.property(fc.array(cell, { minLength: 1 }), (rows) => {
      const [header, ...body] = readCsv(tableCsv({ columns: ["text", "x (nats)"], rows }));
      expect(header).toEqual(["text", "x (nats)"]);
      expect(body.map(([text]) => text)).toEqual(rows.map(([text]) => text));
      body.forEach(([, x], i) => expect(Math.fround(Number(x))).toBe(rows[i]![1] || 0));
    }),
  );
});

it("writes a float32 in the digits that it has", () => {
  expect(shortNumber(Math.fround(0.1))).toBe("0.1");
  expect(shortNumber(0.1)).toBe("0.1");
  expect(shortNumber(1 / 3)).toBe("0.3333333333333333"); // a float64
  expect(shortNumber(16777217)).toBe("16777217");
});

it("JSON: where from, what, and null for what is no number", () => {
  const text = tableJson(
    { columns: ["a"], rows: [[Infinity], [Math.fround(0.1)], ["x"]] },
    { model: "m" },
  );
  expect(JSON.parse(text)).toEqual({
    provenance: { model: "m" },
    columns: ["a"],
    rows: [[null], [0.1], ["x"]],
  });
});
