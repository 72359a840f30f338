/** The step that searches among edges: its question, how far it is, and the circuit that it found. */
import { useMemo } from "react";
import { circuitSentence } from "../../../charts/guide-sentences.ts";
import { edgeName, nodesOf } from "../../../core/circuit.ts";
import { type FoundCircuit, graphOf } from "../../../core/found-circuit.ts";
import { headCount } from "../../../core/head-circuit.ts";
import { KNOWN } from "../../../core/known-circuits.ts";
import type { LabError } from "../../../core/lab-error.ts";
import { useLab } from "../../../state/context.ts";
import { eapKey, type EapRun } from "../../../state/eap-slice.ts";
import { type OpenTask, runPair } from "../../../state/task-slice.ts";
import { SmallCircuit } from "./small-circuit.tsx";

/** The published class of a head, where there is a published circuit of this task and model. */
interface KnownClass {
  there: boolean;
  why: string | null;
  classOf: (head: { layer: number; head: number }) => string | null;
}

export function useEdgeStep(open: OpenTask, known: KnownClass) {
  const question = useMemo(
    () => ({
      pairs: open.read.filter(({ problem }) => problem === null).map(runPair),
      ...{ metric: "logitDiff" as const, method: "eap" as const, steps: 1 },
    }),
    [open.read],
  );
  const task = open.task.name;
  const key = eapKey(question, task, open.stamp);
  const { eapAsked, eapRun, eapError, runEap, stopEap, showCircuit } = useLab((s) => s);
  const id = useLab((s) => s.eapFound[key]);
  const found = useLab((s) => s.circuits?.find((circuit) => circuit.id === id)) ?? null;
  return {
    run: edgeState(eapAsked === key ? { run: eapRun, error: eapError } : null, found),
    sentence: found && foundSentence(found, known),
    start: () => void runEap(question, task),
    stop: stopEap,
    show: () => found && showCircuit(found.id),
    result: found && (
      <>
        <SmallCircuit circuit={found} classOf={known.classOf} />
        {known.why && <p className="quiet">{known.why}</p>}
      </>
    ),
  };
}

const STRONGEST = 3;

function foundSentence(found: FoundCircuit, { there, classOf }: KnownClass): string | null {
  const graph = graphOf(found);
  const edges = [...found.mask.keys()].filter((edge) => found.mask[edge] === 1);
  const size = (edge: number) => Math.abs(found.scores?.[edge] ?? 0);
  const strongest = [...edges].sort((a, b) => size(b) - size(a)).slice(0, STRONGEST);
  const nodes = nodesOf(graph, found.mask);
  const heads = nodes.flatMap((name) => {
    const [, layer, head] = /^a(\d+)\.h(\d+)$/.exec(name) ?? [];
    return layer === undefined ? [] : [{ layer: Number(layer), head: Number(head) }];
  });
  return circuitSentence(
    {
      ...{ edges: edges.length, nodes: nodes.length },
      strongest: strongest.map((edge) => edgeName(graph, edge)),
    },
    there
      ? {
          found: heads.filter((head) => classOf(head) !== null).length,
          all: headCount(KNOWN.ioi.circuit),
        }
      : null,
  );
}

/** How far the search among edges is, of this question. */
function edgeState(
  asked: { run: EapRun | null; error: LabError | null } | null,
  found: FoundCircuit | null,
) {
  const { run = null, error = null } = asked ?? {};
  if (run) return { status: "running" as const, done: run.done, total: run.total, error: null };
  if (error) return { status: "failed" as const, done: 0, total: 0, error };
  if (found) return { status: "done" as const, done: 1, total: 1, error: null };
  return null;
}
