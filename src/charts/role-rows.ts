/** The pure part of the table of roles: which heads have which roles and why, in which order. */
import {
  HEAD_ROLES,
  type HeadEvidence,
  type HeadRole,
  ROLE_LEAST,
  type RoleLeast,
  type RolesAnswer,
} from "../core/head-roles.ts";
import { type Criterion, criteria } from "../math/head-roles.ts";

export interface RoleRow {
  evidence: HeadEvidence;
  roles: readonly { role: HeadRole; criteria: readonly Criterion[] }[];
  /** Its class in the published circuit; null where it is in none. */
  known: string | null;
}
/** Numbers that the table sorts by. */
export const ROLE_COLUMNS = [
  "previous",
  "duplicate",
  "induction",
  "toAnswer",
  "toWrong",
  "copying",
  "negativeCopying",
  "correlation",
  "direct",
  "rise",
  "path",
] as const;
export type RoleColumn = (typeof ROLE_COLUMNS)[number];
export type RoleSort = { by: RoleColumn | "head"; down: boolean };

export const roleRows = (
  { heads, logitDiff }: RolesAnswer,
  knownClass: (head: HeadEvidence) => string | null,
  least: RoleLeast = ROLE_LEAST,
): RoleRow[] =>
  heads.map((evidence) => ({
    evidence,
    roles: HEAD_ROLES.map((role) => ({
      role,
      criteria: criteria(role, evidence, logitDiff, least),
    })).filter(({ criteria: list }) => list.every(({ met }) => met)),
    known: knownClass(evidence),
  }));

/** What cannot be said comes last, whichever way. */
export function sortRoles(rows: readonly RoleRow[], { by, down }: RoleSort): RoleRow[] {
  if (by === "head") return down ? rows.toReversed() : [...rows];
  const known = rows.filter(({ evidence }) => evidence[by] !== null);
  const sorted = known.toSorted((a, b) => a.evidence[by]! - b.evidence[by]!);
  return [
    ...(down ? sorted.reverse() : sorted),
    ...rows.filter(({ evidence }) => evidence[by] === null),
  ];
}
