/** Circuits as texts: read, written, toggled, refused by name; the published ones have the heads that they are said to have. */
import { describe, expect, it } from "vitest";
import {
  headCount,
  readHeadCircuit,
  toggleHead,
  toggleMlp,
  writeHeadCircuit,
} from "../../src/core/head-circuit.ts";
import { KNOWN, KNOWN_CIRCUITS } from "../../src/core/known-circuits.ts";

const sizes = { n_layer: 4, n_head: 3 };
const TEXT = "mover: 3.1 2.0 @ END S2\nheads: 0.2\nmlps: 0 2";

describe("a circuit as a text", () => {
  it("is read and written as it was", () => {
    const circuit = readHeadCircuit(TEXT, sizes);
    expect(circuit).toEqual({
      classes: [
        {
          name: "mover",
          heads: [
            { layer: 3, head: 1 },
            { layer: 2, head: 0 },
          ],
          roles: ["END", "S2"],
        },
        { name: "heads", heads: [{ layer: 0, head: 2 }], roles: null },
      ],
      mlps: [0, 2],
    });
    expect(writeHeadCircuit(circuit)).toBe(TEXT);
    expect(readHeadCircuit("a0.h2, L1.1; mlps: none", sizes)).toMatchObject({
      classes: [
        {
          heads: [
            { layer: 0, head: 2 },
            { layer: 1, head: 1 },
          ],
        },
      ],
      mlps: [],
    });
    expect(readHeadCircuit("", sizes)).toEqual({ classes: [], mlps: null });
  });

  it.each([
    ["4.0", /no head 4.0: its layers are 0 … 3/],
    ["1.3", /heads 0 … 2/],
    ["mover: 1-2", /line 1 .*“1-2” is no head/],
    ["mover: @ END", /no head/],
    ["mover: 1.1 @", /no role/],
    ["mover: 1.1 1.1", /1.1 is there twice/],
    ["a: 1.1\na: 1.2", /class “a” is there twice/],
    ["mlps: 4", /“4” is no layer/],
    ["mlps:", /no layer/],
  ])("refuses “%s”", (text, why) => {
    expect(() => readHeadCircuit(text, sizes)).toThrow(why);
  });

  it("takes a head in and out, and an MLP", () => {
    const circuit = readHeadCircuit(TEXT, sizes);
    const out = toggleHead(circuit, { layer: 0, head: 2 }, "mover");
    expect(writeHeadCircuit(out)).toBe("mover: 3.1 2.0 @ END S2\nmlps: 0 2");
    const into = toggleHead(out, { layer: 0, head: 2 }, "mover");
    expect(writeHeadCircuit(into)).toBe("mover: 0.2 2.0 3.1 @ END S2\nmlps: 0 2");
    const fresh = toggleHead(out, { layer: 1, head: 0 }, "new");
    expect(writeHeadCircuit(fresh)).toContain("new: 1.0\n");
    const all = toggleMlp(toggleMlp(circuit, 1, sizes), 3, sizes);
    expect(all.mlps).toBeNull();
    expect(toggleMlp(all, 2, sizes).mlps).toEqual([0, 1, 3]);
  });
});

it("the published circuits have as many heads as their papers say", () => {
  expect(KNOWN_CIRCUITS.map((id) => headCount(KNOWN[id].circuit))).toEqual([26, 13, 9]);
  expect(KNOWN.ioi.circuit.classes).toHaveLength(7);
});
