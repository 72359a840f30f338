/** Small attribution graphs, and work in steps done at once. */
import { attributionGraph, type NodeRoles } from "../../src/math/graph-influence.ts";

export const finish = <T>(work: Generator<unknown, T>): T => {
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
  }
};

export type Row = [target: number, sources: number[], weights: number[]];
export const graphOf = (nodes: number, rows: readonly Row[]) =>
  finish(
    attributionGraph(nodes, new Map(rows.map(([t, source, weight]) => [t, { source, weight }]))),
  );
export const rolesOf = (role: NodeRoles["role"], weight: number[]): NodeRoles => ({
  role,
  weight: Float64Array.from(weight),
});
