/** A circuit of heads, or of edges, and a task's prompts → the question of its tests. Pure. */
import { circuitGraph, edgeEnds, edgeName } from "../core/circuit.ts";
import type { HeadCircuit, HeadClass } from "../core/head-circuit.ts";
import { headText } from "../core/head-circuit.ts";
import { LabError } from "../core/lab-error.ts";
import type { ReadPair, TaskMetric } from "../core/task.ts";
import type { CircuitAblation, CircuitUnit, VerifyQuestion } from "../core/verify.ts";
import { runPair } from "./task-slice.ts";

export interface VerifySettings {
  metric: TaskMetric;
  ablation: CircuitAblation;
  random: VerifyQuestion["random"];
  subsets: number;
  greedy: boolean;
  seed: number;
}
/** A circuit of edges, by the sizes that number them. */
export interface EdgeCircuit {
  n_layer: number;
  n_head: number;
  edges: readonly number[];
}
export type TestCircuit = HeadCircuit | EdgeCircuit;

export interface CircuitParts extends Pick<
  VerifyQuestion,
  "units" | "edges" | "classes" | "withMlps"
> {
  /** By unit or edge: "9.6 at END", "MLP 3", "a0.h1->m2". */
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
): CircuitParts {
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
    ...{ units, edges: null, names, withMlps: mlps !== null },
    classes: [...groups].map(([name, of]) => ({ name, units: of })),
  };
}

/** The circuit's edges; a class is those into one layer, or into the logits. @throws LabError "bad-input" */
export function circuitEdges({ edges, ...sizes }: EdgeCircuit): CircuitParts {
  const graph = circuitGraph(sizes);
  const groups = new Map<string, number[]>();
  for (const [i, edge] of edges.entries()) {
    const { layer } = graph.receivers[edgeEnds(graph, edge).receiver]!.node;
    const name = layer === sizes.n_layer ? "into the logits" : `into layer ${layer}`;
    groups.set(name, [...(groups.get(name) ?? []), i]);
  }
  return {
    ...{ units: [], edges, withMlps: true },
    names: edges.map((edge) => edgeName(graph, edge)),
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
  circuit: TestCircuit,
  tested: readonly ReadPair[],
  others: readonly ReadPair[],
  settings: VerifySettings,
): { question: VerifyQuestion; names: readonly string[] } {
  const roles = rolesOf(tested);
  const { names, ...parts } =
    "edges" in circuit ? circuitEdges(circuit) : circuitNodes(circuit, roles);
  const question: VerifyQuestion = {
    pairs: tested.map((pair) => ({ ...runPair(pair), places: placesOf(pair, roles) })),
    references: others.map((pair) => ({
      ids: pair.corrupted.ids,
      places: placesOf(pair, roles),
    })),
    ...parts,
    ...settings,
  };
  return { question, names };
}

/** Pairs that can be run, without those whose clean prompt is one of `seen`. */
export function unseenPairs(read: readonly ReadPair[], seen: readonly ReadPair[]): ReadPair[] {
  const known = new Set(seen.map(({ clean }) => clean.ids.join()));
  return read.filter(({ problem, clean }) => problem === null && !known.has(clean.ids.join()));
}
