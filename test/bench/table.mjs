/** Medians, and the two forms in which results are kept: results.json for programs, results.md for people. */
import { writeFileSync } from "node:fs";

export const median = (values) => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};

const digits = (value) =>
  Math.abs(value) >= 1000
    ? Math.round(value).toLocaleString("en")
    : Math.abs(value) >= 100
      ? value.toFixed(0)
      : Math.abs(value) >= 10
        ? value.toFixed(1)
        : value.toFixed(2);

/**
 * One measured quantity. `limit`: what it must not exceed (or, with `atLeast`, stay below) here; null where the number
 * is told without a goal.
 */
export const row = (what, value, unit, { limit = null, atLeast = false, note = "" } = {}) => ({
  what,
  value,
  unit,
  limit,
  ok: limit === null ? null : atLeast ? value >= limit : value <= limit,
  atLeast,
  note,
});

export function toMarkdown({ machine, date, quick, rows }) {
  const lines = rows.map(({ what, value, unit, limit, ok, atLeast, note }) => {
    const goal = limit === null ? "" : `${atLeast ? "≥" : "≤"} ${digits(limit)} ${ok ? "✓" : "✗"}`;
    return `| ${what} | ${digits(value)} ${unit} | ${goal} | ${note} |`;
  });
  return [
    "# Bench",
    "",
    `${machine}; ${date}. One run of \`npm run bench${quick ? " -- --quick" : ""}\`, headless; medians.`,
    "",
    "| what | measured | goal | how |",
    "| --- | ---: | --- | --- |",
    ...lines,
    "",
  ].join("\n");
}

export function write(folder, results) {
  writeFileSync(new URL("results.json", folder), `${JSON.stringify(results, null, 2)}\n`);
  writeFileSync(new URL("results.md", folder), toMarkdown(results));
}
