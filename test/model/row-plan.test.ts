/** Which rows are computed where: shared while equal, fanned out where they part, none past the end. */
import { expect, it } from "vitest";
import type { Stage } from "../../src/core/hooks.ts";
import { planRows } from "../../src/model/row-plan.ts";

const config = { n_layer: 2 };
const a = [1, 2];
const b = [1, 3];
const plan = (
  ids: number[][],
  edited: Record<number, Stage>,
  { until = "final", share = true }: { until?: Stage; share?: boolean } = {},
) =>
  planRows(config, {
    ids,
    editKey: (row, stage) => (edited[row] === stage ? `edit ${row}` : ""),
    until,
    share,
  });

it("computes equal rows once, and one of them anew from where it is edited", () => {
  const stages = plan([a, a, a, b], { 1: 0.5, 2: "final" });
  expect(stages.map(({ stage }) => stage)).toEqual(["embed", 0, 0.5, 1, 1.5, "final"]);
  expect(stages.map(({ represents }) => represents)).toEqual([
    [0, 3], // embed
    [0, 3],
    [0, 1, 3],
    [0, 1, 3],
    [0, 1, 3],
    [0, 1, 2, 3],
  ]);
  expect(stages.map(({ from }) => from).slice(1)).toEqual([
    [0, 1],
    [0, 0, 1],
    [0, 1, 2],
    [0, 1, 2],
    [0, 1, 0, 2],
  ]);
  expect(stages.map(({ at }) => at)).toEqual([
    [0, 0, 0, 1],
    [0, 0, 0, 1],
    [0, 1, 0, 2],
    [0, 1, 0, 2],
    [0, 1, 0, 2],
    [0, 1, 2, 3],
  ]);
});

it("keeps one computation for rows that are edited alike", () => {
  const stages = planRows(config, {
    ids: [a, a, a],
    editKey: (row, stage) => (row > 0 && stage === 0 ? "the same" : ""),
    until: "final",
    share: true,
  });
  expect(stages.map(({ represents }) => represents.length)).toEqual([1, 2, 2, 2, 2, 2]);
});

it("has no rows after the last stage that is needed", () => {
  const stages = plan([a, b], {}, { until: 0.5 });
  expect(stages.map(({ represents }) => represents)).toEqual([[0, 1], [0, 1], [0, 1], [], [], []]);
  expect(stages.map(({ from }) => from)).toEqual([[0, 1], [0, 1], [0, 1], [], [], []]);
});

it("leaves every row its place where they may not be shared", () => {
  for (const { represents, from, at } of plan([a, a], {}, { share: false })) {
    expect([represents, from, at]).toEqual([
      [0, 1],
      [0, 1],
      [0, 1],
    ]);
  }
});
