/** Influence and scores against a graph worked out by hand, and against the power series. */
import { describe, expect, it } from "vitest";
import { LabError } from "../../src/core/lab-error.ts";
import { graphScores, influence, normalisedRows } from "../../src/math/graph-influence.ts";
import { keyedRandom } from "../../src/math/keyed-random.ts";
import { finish, graphOf, rolesOf, type Row } from "./graphs.ts";

// token 0, error 1, feature 2, logit 3: the feature takes 3 : −1 of token and error, the logit 6 : 1 : −1 of feature, token, error.
const hand = graphOf(4, [
  [2, [0, 1], [3, -1]],
  [3, [2, 0, 1], [6, 1, -1]],
]);
const handRoles = rolesOf(["token", "error", "inner", "logit"], [0, 0, 0, 0.5]);

describe("influence", () => {
  it("of a graph of four nodes is what hand-work gives", () => {
    expect([...finish(normalisedRows(hand))]).toEqual([3 / 4, 1 / 4, 6 / 8, 1 / 8, 1 / 8]);
    const found = finish(influence(hand, finish(normalisedRows(hand)), handRoles.weight));
    // I_f = 0.5·6/8; I_token = I_f·3/4 + 0.5/8; I_error = I_f/4 + 0.5/8.
    const wanted = [0.34375, 0.15625, 0.375, 0];
    wanted.forEach((v, n) => expect(found[n]).toBeCloseTo(v, 12));
  });

  it("is the sum of the powers of the normalised matrix", () => {
    const random = keyedRandom(5);
    const N = 17;
    const rows: Row[] = Array.from({ length: N - 5 }, (_, i) => {
      const t = i + 5;
      const source = Array.from({ length: t }, (__, s) => s).filter(() => random() < 0.5);
      return [t, source, source.map(() => random() * 2 - 1)];
    });
    const graph = graphOf(N, rows);
    const share = finish(normalisedRows(graph));
    const A = Array.from({ length: N }, () => new Array<number>(N).fill(0));
    for (let t = 0; t < N; t++) {
      for (let e = graph.firstEdge[t]!; e < graph.firstEdge[t + 1]!; e++) {
        A[t]![graph.source[e]!] = share[e]!;
      }
    }
    const w = Array.from({ length: N }, (_, n) => (n >= N - 2 ? 0.3 + n / 100 : 0));
    let power = w;
    const sum = new Array<number>(N).fill(0);
    for (let k = 0; k < N; k++) {
      power = A.map((_, s) => power.reduce((total, v, t) => total + v * A[t]![s]!, 0));
      power.forEach((v, s) => (sum[s]! += v));
    }
    const found = finish(influence(graph, share, Float64Array.from(w)));
    sum.forEach((v, n) => expect(found[n]).toBeCloseTo(v, 12));
  });

  it("refuses an edge backwards, and a weight that is no number", () => {
    expect(() => graphOf(3, [[1, [2], [1]]])).toThrow(/2 → 1/);
    expect(() => graphOf(3, [[2, [1], [NaN]]])).toThrow(LabError);
  });
});

describe("scores", () => {
  it("of the graph of four nodes", () => {
    const { replacement, completeness } = finish(graphScores(hand, handRoles));
    expect(replacement).toBeCloseTo(0.34375 / 0.5, 12);
    // (1 − 1/4)·I_f + (1 − 1/8)·w + I_token + I_error, over I_f + w + I_token + I_error
    const whole = 0.375 + 0.5 + 0.5;
    expect(completeness).toBeCloseTo((0.75 * 0.375 + 0.875 * 0.5 + 0.5) / whole, 12);
  });

  it("are 1 without errors, and with errors alone nothing is replaced", () => {
    const none = graphOf(3, [
      [1, [0], [2]],
      [2, [0, 1], [1, -3]],
    ]);
    const roles = rolesOf(["token", "inner", "logit"], [0, 0, 1]);
    expect(finish(graphScores(none, roles))).toEqual({ replacement: 1, completeness: 1 });
    const only = graphOf(2, [[1, [0], [2]]]);
    // The logit's row is all error: of I_error + w only the error's own, empty row counts as complete.
    expect(finish(graphScores(only, rolesOf(["error", "logit"], [0, 1])))).toEqual({
      replacement: 0,
      completeness: 0.5,
    });
  });

  it("cannot say of a graph without edges", () => {
    const empty = graphOf(2, []);
    const { replacement } = finish(graphScores(empty, rolesOf(["token", "logit"], [0, 1])));
    expect(replacement).toBeNull();
  });
});
