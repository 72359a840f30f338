/** A role is given where every criterion is met, and says which was not. */
import { expect, it } from "vitest";
import { HEAD_ROLES, type HeadEvidence } from "../../src/core/head-roles.ts";
import { criteria, hasRole } from "../../src/math/head-roles.ts";

const nothing: HeadEvidence = {
  ...{ layer: 1, head: 2, previous: null, duplicate: null, induction: null },
  ...{ toAnswer: null, toWrong: null, copying: null, negativeCopying: null, correlation: null },
  ...{ direct: null, directError: null, rise: null, riseError: null, path: null },
};
const rolesOf = (head: Partial<HeadEvidence>, L: number | null = 4) =>
  HEAD_ROLES.filter((role) => hasRole(role, { ...nothing, ...head }, L));

it("asks for all of a role's numbers", () => {
  expect(rolesOf({})).toEqual([]);
  expect(rolesOf({ previous: 0.41, duplicate: 0.39, induction: 0.4 })).toEqual([
    "previous",
    "induction",
  ]);
  const mover = { copying: 0.9, correlation: 0.8, direct: 0.09, rise: 1, riseError: 0.1 };
  expect(rolesOf(mover)).toEqual(["mover"]); // and so no backup
  expect(rolesOf({ ...mover, direct: 0.07 })).toEqual(["backup"]);
  expect(rolesOf({ ...mover, copying: 0.4, rise: 0.07 })).toEqual([]);
  expect(rolesOf({ ...mover, copying: 0.4, riseError: 0.6 })).toEqual([]);
  expect(rolesOf({ negativeCopying: 1, correlation: -0.6, direct: -0.081 })).toEqual(["negative"]);
  expect(rolesOf({ toWrong: 0.3, path: -0.09 })).toEqual(["inhibition"]);
  expect(rolesOf({ toWrong: 0.3, path: 0.09 })).toEqual([]);
});

it("says what cannot be said, and what was missed", () => {
  expect(rolesOf({ toWrong: 0.3, path: -9 }, null)).toEqual([]);
  expect(rolesOf({ toWrong: 0.3, path: -9 }, -1)).toEqual([]);
  expect(criteria("mover", { ...nothing, copying: 0.25 }, 4)).toEqual([
    { words: "copying 0.25 < 0.50", met: false },
    { words: "correlation cannot be said", met: false },
    { words: "direct effect cannot be said", met: false },
  ]);
  expect(criteria("negative", { ...nothing, direct: -0.5 }, 4)[2]).toEqual({
    ...{ words: "direct effect −0.50 ≤ −0.08", met: true },
  });
});
