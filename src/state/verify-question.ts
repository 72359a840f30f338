/** A circuit of heads and a task's prompts → the question of its tests. Pure. */
import type { HeadCircuit, HeadClass } from "../core/head-circuit.ts";
import { headText } from "../core/head-circuit.ts";
import { LabError } from "../core/lab-error.ts";
import type { ReadPair, TaskMetric } from "../core/task.ts";
import type { CircuitAblation, CircuitUnit, UnitClass, VerifyQuestion } from "../core/verify.ts";
import { runPair } from "./task-slice.ts";

export interface VerifySettings {
  metric: TaskMetric;
  ablation: CircuitAblation;
  random: VerifyQuestion["random"];
  subsets: number;
  greedy: boolean;
  seed: number;
}
export interface CircuitNodes {
  units: readonly CircuitUnit[];
  classes: readonly UnitClass[];
  withMlps: boolean;
  /** By unit: "9.6 at END", "MLP 3". */
  names: readonly string[];
}

/** The roles of all pairs, each once. */
const rolesOf = (read: readonly ReadPair[]): string[] => [
  ...new Set(read.flatMap(({ roles }) => roles.map(({ role }) => role))),
];

const placesOf = ({ roles }: ReadPair, names: readonly string[]) =>
  names.map((name) => roles.find(({ role }) => role === name)?.at ?? []);

/**
 * The circuit's nodes, with roles as indices. Classes are the circuit's; of one that has a single class, the layers.
 * @throws LabError "bad-input" for a role that no prompt has
 */
export function circuitNodes(
  { classes, mlps }: HeadCircuit,
  roles: readonly string[],
): CircuitNodes {
  const units: CircuitUnit[] = [];
  const names: string[] = [];
  const groups = new Map<string, number[]>();
  const put = (unit: CircuitUnit, name: string, group: string) => {
    groups.set(group, [...(groups.get(group) ?? []), units.length]);
    units.push(unit);
    names.push(name);
  };
  for (const one of classes) {
    const places = one.roles && placesIn(one, one.roles, roles);
    for (const head of one.heads) {
      const at = one.roles ? ` at ${one.roles.join(" ")}` : "";
      const group = classes.length > 1 ? one.name : `layer ${head.layer}`;
      put({ ...head, places }, headText(head) + at, group);
    }
  }
  for (const layer of mlps ?? []) {
    const group = classes.length > 1 ? "MLPs" : `layer ${layer}`;
    put({ layer, head: null, places: null }, `MLP ${layer}`, group);
  }
  return {
    ...{ units, names, withMlps: mlps !== null },
    classes: [...groups].map(([name, of]) => ({ name, units: of })),
  };
}

function placesIn({ name }: HeadClass, wanted: readonly string[], roles: readonly string[]) {
  return wanted.map((role) => {
    const place = roles.indexOf(role);
    if (place >= 0) return place;
    throw new LabError(
      "bad-input",
      `“${name}” is at ${role}, a role that no prompt of this task has; its roles are ${roles.join(", ")}. Change the roles of the circuit or mark them in the task`,
    );
  });
}

/**
 * @param tested pairs that the circuit is run on
 * @param others pairs whose corrupted prompts means are taken over, too
 * @throws LabError "bad-input"
 */
export function verifyQuestion(
  circuit: HeadCircuit,
  tested: readonly ReadPair[],
  others: readonly ReadPair[],
  settings: VerifySettings,
): { question: VerifyQuestion; names: readonly string[] } {
  const roles = rolesOf(tested);
  const { names, ...nodes } = circuitNodes(circuit, roles);
  const question: VerifyQuestion = {
    pairs: tested.map((pair) => ({ ...runPair(pair), places: placesOf(pair, roles) })),
    references: others.map((pair) => ({
      ids: pair.corrupted.ids,
      places: placesOf(pair, roles),
    })),
    ...nodes,
    ...settings,
  };
  return { question, names };
}

/** Pairs that can be run, without those whose clean prompt is one of `seen`. */
export function unseenPairs(read: readonly ReadPair[], seen: readonly ReadPair[]): ReadPair[] {
  const known = new Set(seen.map(({ clean }) => clean.ids.join()));
  return read.filter(({ problem, clean }) => problem === null && !known.has(clean.ids.join()));
}
