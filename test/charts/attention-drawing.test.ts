/** Pictures of two sides of different length: squares, means, differences, and whose position is whose. */
import { describe, expect, it } from "vitest";
import { alignTokens } from "../../src/charts/align.ts";
import {
  type AttentionSide,
  differenceDrawing,
  sideDrawing,
  tells,
} from "../../src/charts/attention-drawing.ts";
import { pairOf } from "../../src/charts/attention-pair.ts";
import { gridTable } from "../../src/charts/attention-tables.ts";

const tensor = (dims: number[], value: (i: number) => number) => ({
  ...{
    dims,
    data: Float32Array.from({ length: dims.reduce((a, b) => a * b, 1) }, (_, i) => value(i)),
  },
});
/** Two layers of three heads; cell i of head h of layer l is 100·l + 10·h + i. */
function side(ids: number[], more: boolean): AttentionSide {
  const T = ids.length;
  const at = (i: number) => Math.floor(i / (3 * T * T)) * 100 + (Math.floor(i / (T * T)) % 3) * 10;
  return {
    tokens: { ids, strings: ids.map((id) => ` t${id}`), truncatedFrom: null, warnings: [] },
    layer: 0,
    pattern: tensor([2, 3, T, T], (i) => at(i) + (i % (T * T))),
    more: more
      ? {
          scores: tensor([2, 3, T, T], (i) => -i),
          valueNorms: tensor([2, 3, T], (i) => i),
          outputNorms: tensor([2, 3, T], () => 2),
        }
      : null,
  };
}
const [IDS_A, IDS_B] = [
  [9, 5, 6],
  [9, 6],
];
const pairs = alignTokens(IDS_A, IDS_B); // 5 stands alone

describe("a picture of attention", () => {
  it("shows a head, or the mean of heads", () => {
    const drawing = sideDrawing("a", side(IDS_A, false), "pattern", 2, pairs);
    const head = drawing.square({ layer: 1, head: 2 });
    expect([...head]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8].map((i) => 120 + i));
    expect(drawing.square({ layer: 1, head: null })[0]).toBe(110);
    expect(drawing.square({ layer: null, head: 2 })[4]).toBe((24 + 124) / 2);
    expect(drawing.square({ layer: null, head: null })[8]).toBe(68);
    expect(drawing.square({ layer: 1, head: 2 })).toBe(head); // made once
  });

  it("weighs columns by lengths of their own head", () => {
    const drawing = sideDrawing("a", side(IDS_A, true), "value", 2, pairs);
    // Layer 1, head 2: lengths 15, 16, 17; weights of the last row 126, 127, 128.
    const square = drawing.square({ layer: 1, head: 2 });
    expect([...square.subarray(6)]).toEqual([126 * 15, 127 * 16, 128 * 17]);
    const output = sideDrawing("a", side(IDS_A, true), "output", 2, pairs);
    expect(output.square({ layer: 0, head: 0 })[8]).toBe(16);
  });

  it("takes differences where both have the tokens, and knows whose position is whose", () => {
    const a = sideDrawing("a", side(IDS_A, false), "pattern", 2, pairs);
    const b = sideDrawing("b", side(IDS_B, false), "pattern", 2, pairs);
    const difference = differenceDrawing(a, b, pairs, ["t9", "t5 → –", "t6"]);
    // a [0 1 2 / 3 4 5 / 6 7 8], b [0 1 / 2 3]
    expect([...difference.square({ layer: 0, head: 0 })]).toEqual([
      ...[0, NaN, -1, NaN, NaN, NaN, -4, NaN, -5],
    ]);
    expect([0, 1, 2].map(b.fromA)).toEqual([0, null, 1]);
    expect([0, 1].map(b.toA)).toEqual([0, 2]);
    expect([0, 1, 2].map(difference.fromA)).toEqual([0, 1, 2]);
    const [, , , , , row] = gridTable([difference], [{ layer: 0, head: 0 }], "pattern").rows;
    expect(row).toEqual(["difference", "L0H0", 2, "t6", 2, "t6", -5]);
  });

  it("knows which layers its numbers tell of", () => {
    const last = { ...side(IDS_A, false), layer: 1, pattern: tensor([1, 3, 3, 3], () => 0) };
    expect(tells(last, { layer: 1, head: 0 }, 2)).toBe(true);
    expect(tells(last, { layer: 0, head: 0 }, 2)).toBe(false);
    expect(tells(last, { layer: null, head: 0 }, 2)).toBe(false);
  });

  it("tells all of a pair, and nothing of a masked one", () => {
    const { more, ...rest } = side(IDS_A, true);
    const facts = { ...rest, ...more! };
    expect(pairOf(facts, { layer: 1, head: 2 }, 2, 1)).toEqual({
      ...{ weight: 127, score: -52, value: 16, output: 2 },
    });
    expect(pairOf(facts, { layer: 1, head: 2 }, 1, 2)).toBeNull();
  });
});
