/** Rows have the roles whose criteria are all met; what cannot be said is sorted last both ways. */
import { expect, it } from "vitest";
import { roleRows, sortRoles } from "../../src/charts/role-rows.ts";
import { type HeadEvidence, ROLE_LEAST, type RolesAnswer } from "../../src/core/head-roles.ts";

const head = (index: number, patch: Partial<HeadEvidence>): HeadEvidence => ({
  ...{ layer: 0, head: index, previous: null, duplicate: null, induction: null },
  ...{ toAnswer: null, toWrong: null, copying: null, negativeCopying: null, correlation: null },
  ...{ direct: null, directError: null, rise: null, riseError: null, path: null },
  ...patch,
});
const answer: RolesAnswer = {
  heads: [
    head(0, { previous: 0.9, direct: -1 }),
    head(1, { direct: null }),
    head(2, { direct: 3, copying: 1, correlation: 0.9, induction: 0.5 }),
  ],
  ...{ pairs: 2, logitDiff: 5, movers: ["0.2"], names: 4, repeat: 50, lacks: null },
  least: ROLE_LEAST,
};

it("tells roles with their criteria, and the published class beside them", () => {
  const rows = roleRows(answer, ({ head: index }) => (index === 2 ? "name mover" : null));
  expect(rows.map(({ roles }) => roles.map(({ role }) => role))).toEqual([
    ["previous"],
    [],
    ["induction", "mover"],
  ]);
  expect(rows[2]!.known).toBe("name mover");
  expect(rows[0]!.roles[0]!.criteria).toEqual([{ words: "mean diagonal 0.90 ≥ 0.40", met: true }]);
  const strict = { ...ROLE_LEAST, diagonal: 0.6, copying: 1 };
  expect(
    roleRows(answer, () => null, strict).map(({ roles }) => roles.map(({ role }) => role)),
  ).toEqual([["previous"], [], ["mover"]]);
  const order = (down: boolean) =>
    sortRoles(rows, { by: "direct", down }).map(({ evidence }) => evidence.head);
  expect(order(true)).toEqual([2, 0, 1]);
  expect(order(false)).toEqual([0, 2, 1]);
  expect(sortRoles(rows, { by: "head", down: true })[0]!.evidence.head).toBe(2);
});
