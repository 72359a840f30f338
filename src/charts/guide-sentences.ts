/** What each step of the worked example found, as a sentence out of its numbers; null where there is nothing to say yet. */
import type { HeadRole } from "../core/head-roles.ts";
import type { PairBaseline } from "../core/task.ts";
import type { PatchCells } from "./patch-grid.ts";
import { strongestCells } from "./patch-grid.ts";
import type { RoleRow } from "./role-rows.ts";

/** Two digits after the point; of what is less than that can say, two that count. */
const text = (value: number) => {
  const size = Math.abs(value);
  const digits = size === 0 || size >= 0.005 ? size.toFixed(2) : size.toPrecision(2);
  return `${value < 0 ? "−" : ""}${digits}`;
};
const listed = (names: readonly string[]): string =>
  names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)!}`;

export function baselineSentence(baseline: readonly (PairBaseline | null)[]): string | null {
  const known = baseline.flatMap((pair) => {
    const [clean, corrupted] = [pair?.clean.values.logitDiff, pair?.corrupted.values.logitDiff];
    return typeof clean === "number" && typeof corrupted === "number" ? [{ clean, corrupted }] : [];
  });
  if (known.length === 0) return null;
  const mean = (key: "clean" | "corrupted") =>
    known.reduce((sum, pair) => sum + pair[key], 0) / known.length;
  const right = known.filter(({ clean }) => clean > 0).length;
  return (
    `The answer is above the wrong name in ${right} of ${known.length} clean prompts. The difference is ${text(mean("clean"))} logits ` +
    `on average, and ${text(mean("corrupted"))} in the corrupted ones.`
  );
}

/** Where the answer is, before the first and before the last layer. @param columns places, in rows of layers */
export function placeSentence(
  { stats }: PatchCells,
  rows: readonly string[],
  columns: readonly string[],
): string | null {
  const C = columns.length;
  if (stats.length < rows.length * C || stats.every((stat) => stat === null)) return null;
  const best = (row: number) =>
    columns.reduce<{ place: string; share: number } | null>((most, place, c) => {
      const share = stats[row * C + c]?.mean;
      return share === undefined || (most && most.share >= share) ? most : { place, share };
    }, null);
  const layers = rows.map((_, row) => best(row));
  const [first, last] = [layers[0], layers.at(-1)];
  if (!first || !last) return null;
  const from = layers.findIndex((layer) => layer?.place === last.place);
  return (
    `Before ${rows[0]!} the stream at “${first.place}” brings back ${text(first.share)} of the metric, ` +
    (first.place === last.place
      ? "and it is at that place in the last layer too."
      : `before ${rows.at(-1)!} the one at “${last.place}” ${text(last.share)}: from ${rows[from]!} on it is there.`)
  );
}

export function strongestSentence(
  cells: PatchCells,
  rest: number,
  name: (cell: number) => string,
  what: string,
): string | null {
  const top = strongestCells(cells, rest, 3);
  if (top.length === 0) return null;
  const words = top.map((cell) => `${name(cell)} (${text(cells.stats[cell]!.mean)})`);
  return `${what} ${listed(words)}.`;
}

export function rolesSentence(rows: readonly RoleRow[], label: (role: HeadRole) => string): string {
  const groups = new Map<HeadRole, string[]>();
  for (const { evidence, roles } of rows) {
    for (const { role } of roles) {
      groups.set(role, [...(groups.get(role) ?? []), `${evidence.layer}.${evidence.head}`]);
    }
  }
  if (groups.size === 0) return "No head meets all the criteria of a role.";
  const parts = [...groups].map(([role, heads]) => `${label(role)} ${heads.join(", ")}`);
  return `Proposed: ${parts.join("; ")}.`;
}

/**
 * What a search among edges kept.
 * @param strongest names of its strongest edges
 * @param known of a published circuit's heads, how many are among its own, and how many there are; null without one
 */
export function circuitSentence(
  { edges, nodes, strongest }: { edges: number; nodes: number; strongest: readonly string[] },
  known: { found: number; all: number } | null,
): string | null {
  if (edges === 0) return "No edge lies on a path from the input to the logits.";
  return (
    `${edges} edges between ${nodes} heads and MLPs are left; the strongest ${strongest.length === 1 ? "is" : "are"} ${listed(strongest)}.` +
    (known
      ? ` Of the paper’s ${known.all} heads ${known.found} ${known.found === 1 ? "is" : "are"} among them.`
      : "")
  );
}

/** "name mover: 3.0 3.4", a line for each role that was proposed: a circuit's text. A head is in its last role. */
export function rolesCircuit(rows: readonly RoleRow[], label: (role: HeadRole) => string): string {
  const groups = new Map<string, string[]>();
  for (const { evidence, roles } of rows) {
    const role = roles.at(-1)?.role;
    if (role === undefined) continue;
    const name = label(role);
    groups.set(name, [...(groups.get(name) ?? []), `${evidence.layer}.${evidence.head}`]);
  }
  return [...groups].map(([name, heads]) => `${name}: ${heads.join(" ")}`).join("\n");
}
