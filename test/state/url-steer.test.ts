import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { newRow, type SteerRow } from "../../src/core/steer.ts";
import { decodeSteer, encodeSteer } from "../../src/core/steer-link.ts";
import { decodeUrl, encodeUrl, unreadParts, URL_DEFAULTS } from "../../src/state/url.ts";
import { linkRows } from "./rows.ts";

const feature = (id: number, patch: Partial<SteerRow> = {}, sae = "own"): SteerRow => ({
  ...newRow({ kind: "feature", sae, feature: id }, 1),
  ...patch,
});
const link = (steer: readonly SteerRow[]) => encodeUrl({ ...URL_DEFAULTS, saeId: "own", steer });

describe("a link of steering", () => {
  it("has a short form for features of its own SAE, the one that it always had", () => {
    const steer = [feature(412, { amount: 3.5 }), feature(7, { mode: "clamp", amount: -2 })];
    expect(link(steer)).toBe("?sae=own&steer=412a3.5_7c-2");
    expect(decodeUrl(link(steer)).steer).toEqual(steer);
    expect(decodeUrl("?steer=412a3.5").steer).toEqual([feature(412, { amount: 3.5 }, "")]);
  });

  it("names other SAEs beside it", () => {
    const steer = [feature(1), feature(2, {}, "b"), feature(3, {}, "c.d"), feature(4, {}, "b")];
    expect(decodeURIComponent(link(steer))).toBe(
      "?sae=own&steer=1a1_2a1*0_3a1*1_4a1*0&steersae=b*c.d",
    );
    expect(decodeUrl(link(steer)).steer).toEqual(steer);
  });

  it("reads back what it wrote: every mode, place and source", () => {
    fc.assert(
      fc.property(linkRows, (rows) => {
        expect(decodeUrl(link(rows)).steer).toEqual(rows);
        expect(unreadParts(link(rows))).toEqual([]);
      }),
    );
  });

  it("keeps four digits of any amount", () => {
    const amounts = fc.double({ noNaN: true, min: -1e6, max: 1e6 });
    fc.assert(
      fc.property(amounts, (amount) => {
        const [back] = decodeUrl(link([feature(1, { amount })])).steer;
        expect(back?.amount).toBeCloseTo(Number(amount.toPrecision(4)), 10);
      }),
    );
  });

  it("leaves vectors and the 21st row out, and tells which", () => {
    const vector = newRow(
      { kind: "vector", hook: "blocks.0.hook_resid_post", name: "p", vector: [1] },
      1,
    );
    const many = Array.from({ length: 21 }, (_, i) => feature(i));
    const { rows, left } = encodeSteer([vector, ...many], "own");
    expect(rows.split("_")).toHaveLength(20);
    expect(left).toEqual([vector, many[20]]);
  });

  it("passes over what makes no sense, and says which part", () => {
    const text = "5a1_x_7y3_8a_9c1e999_n1.2c4_h1.2a1_dpost1(a)a2_3a1*4_5c2";
    expect(decodeSteer(text, null, "own")).toEqual([feature(5, { mode: "clamp", amount: 2 })]);
    expect(unreadParts("?steer=4a1_x")).toEqual(["steer=4a1_x"]);
  });

  it("never fails on any text", () => {
    const wild = fc.string({
      unit: fc.constantFrom(...Array.from("0123456789.acmzrlgndh_@*~()!$-e ß")),
    });
    fc.assert(
      fc.property(wild, wild, fc.option(wild), (rows, saes, saeId) => {
        const read = decodeSteer(rows, saes, saeId);
        for (const row of read) expect(Number.isFinite(row.amount)).toBe(true);
        // What was read can be written and read again.
        const again = encodeSteer(read, saeId);
        expect(again.left).toEqual([]);
        expect(decodeSteer(again.rows, again.saes, saeId)).toHaveLength(read.length);
      }),
    );
  });
});
