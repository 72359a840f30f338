/** The circuit as the slider has it: shown at once, kept when the slider rests. */
import { useEffect, useMemo, useRef, useState } from "react";
import { type EdgeMask, pruneDangling } from "../../../core/circuit.ts";
import {
  CUT_ORDERS,
  CUT_SIGNS,
  type CutOrder,
  type CutSign,
  edgeStrengths,
  firstEdges,
  greedyOrder,
  strongestFirst,
} from "../../../core/circuit-cut.ts";
import { type FoundCircuit, graphOf } from "../../../core/found-circuit.ts";
import { useLab } from "../../../state/context.ts";
import { useChoice } from "../../../state/options-slice.ts";

interface Cut {
  mask: EdgeMask;
  threshold: number;
}
export interface CircuitCut {
  /** What is shown: the slider's, or the circuit as it is kept. */
  mask: EdgeMask;
  threshold: number;
  /** null for a circuit without scores. */
  ranks: {
    /** Strengths of the edges that have one above 0, the largest first. */
    strengths: readonly number[];
    /** So many edges, before those that lead nowhere are taken out. */
    cutTo: (count: number) => void;
    order: CutOrder;
    setOrder: (order: CutOrder) => void;
    sign: CutSign;
    setSign: (sign: CutSign) => void;
  } | null;
  /** Keeps what the slider shows, now. */
  settle: () => void;
}

const REST = 400; // ms
export const MOST_CUT = 2000; // edges: a graph of more says nothing

export function useCut(circuit: FoundCircuit): CircuitCut {
  const { id, scores, metric, method, n_layer, n_head } = circuit;
  const [order, setOrder] = useChoice("eap.order", CUT_ORDERS);
  const [sign, setSign] = useChoice("eap.sign", CUT_SIGNS);
  const edit = useLab((s) => s.editCircuit);
  const [draft, setDraft] = useState<Cut | null>(null);
  const waiting = useRef<{ timer: number; cut: Cut } | null>(null);
  const graph = useMemo(() => graphOf({ n_layer, n_head }), [n_layer, n_head]);
  const ranked = useMemo(() => {
    if (!scores || method === "acdc") return null; // decided one after another, each without those cut before
    const strengths = edgeStrengths(scores, sign, metric);
    const edges = strongestFirst(strengths).subarray(0, MOST_CUT);
    return {
      strengths: [...edges].map((edge) => strengths[edge]!),
      edges: order === "greedy" ? greedyOrder(graph, strengths, MOST_CUT) : edges,
    };
  }, [scores, method, sign, metric, order, graph]);

  const settle = () => {
    if (!waiting.current) return;
    const { timer, cut } = waiting.current;
    clearTimeout(timer);
    waiting.current = null;
    void edit(id, cut);
    setDraft(null);
  };
  const last = useRef(settle);
  useEffect(() => {
    last.current = settle;
  });
  useEffect(() => () => last.current(), []);

  const cutTo = (count: number) => {
    if (!ranked) return;
    const { strengths, edges } = ranked;
    const cut = {
      mask: pruneDangling(graph, firstEdges(edges, count, graph.edges)),
      threshold:
        count === 0 ? (strengths[0] ?? 0) : strengths[Math.min(count, strengths.length) - 1]!,
    };
    if (waiting.current) clearTimeout(waiting.current.timer);
    waiting.current = { cut, timer: window.setTimeout(() => last.current(), REST) };
    setDraft(cut);
  };
  const recut = useRef(cutTo);
  useEffect(() => {
    recut.current = cutTo;
  });
  // Another order or sign cuts anew, to as many edges.
  const by = `${order} ${sign}`;
  const before = useRef(by);
  useEffect(() => {
    if (before.current === by || !ranked) return;
    before.current = by;
    const { threshold } = draft ?? circuit;
    const end = ranked.strengths.findIndex((strength) => strength < threshold);
    recut.current(end < 0 ? ranked.strengths.length : Math.max(1, end));
  }, [by, ranked, draft, circuit]);

  return {
    ...(draft ?? { mask: circuit.mask, threshold: circuit.threshold }),
    ranks: ranked && {
      ...{ strengths: ranked.strengths, cutTo, order, setOrder, sign, setSign },
    },
    settle,
  };
}
