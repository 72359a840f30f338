/** A figure's numbers as files. Pure. */
import type { Table } from "./figure-numbers.ts";
import type { Provenance } from "./provenance.ts";

/**
 * RFC 4180, with a header row and nothing before it, as programs read it without being told anything. Where the numbers come
 * from is in the JSON. What is not known is an empty field.
 */
export function tableCsv({ columns, rows }: Table): string {
  return [columns, ...rows].map((row) => `${row.map(csvField).join(",")}\r\n`).join("");
}

function csvField(value: string | number | null): string {
  if (value === null) return "";
  if (typeof value === "number") return Number.isFinite(value) ? shortNumber(value) : "";
  return /[",\r\n]|^\s|\s$/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}

/** { provenance, columns, rows }; a number that there is not is null. */
export function tableJson(table: Table, provenance: Provenance): string {
  const rows = table.rows.map((row) =>
    row.map((value) =>
      typeof value !== "number"
        ? value
        : Number.isFinite(value)
          ? Number(shortNumber(value))
          : null,
    ),
  );
  return `${JSON.stringify({ provenance, columns: table.columns, rows }, null, 1)}\n`;
}

/** The fewest digits that read back as the same number: of a float32 those that tell it from other float32s. */
export function shortNumber(value: number): string {
  if (Math.fround(value) !== value || Number.isInteger(value)) return String(value);
  for (let digits = 6; digits < 9; digits++) {
    const text = String(Number(value.toPrecision(digits)));
    if (Math.fround(Number(text)) === value) return text;
  }
  return String(Number(value.toPrecision(9)));
}
