/**
 * How well a circuit agrees with another: precision, recall, F1, and the curve of both rates over τ, with its area.
 *
 * A node is in the circuit at τ if, of the edges whose strength is at least τ, it lies on a path from the input to the logits:
 * what `pruneDangling` leaves. Its score is the largest τ at which it is: the width of the widest path through it, a path being as
 * wide as its weakest edge. An edge's score likewise.
 */
import type { CircuitGraph } from "../core/circuit.ts";
import { LabError } from "../core/lab-error.ts";

export interface KeptAt {
  /** By sender, the input among them; −∞ for a node that is in no cut. */
  nodes: Float64Array;
  /** By edge. */
  edges: Float64Array;
}

/** @param strengths by edge; NaN for one that is in no cut */
export function keptAt({ senders, receivers }: CircuitGraph, strengths: Float64Array): KeptAt {
  const names = new Map(senders.map(({ name }, i) => [name, i]));
  const strength = (edge: number) =>
    Number.isNaN(strengths[edge]!) ? -Infinity : strengths[edge]!;
  /** Widths of the widest paths from the input to a sender, and from it to the logits. */
  const before = new Float64Array(senders.length).fill(-Infinity);
  const after = new Float64Array(senders.length).fill(-Infinity);
  before[0] = Infinity;
  for (const { node, reads, firstEdge } of receivers) {
    const own = names.get(node.name);
    if (own === undefined) continue;
    for (let s = 0; s < reads; s++) {
      before[own] = Math.max(before[own]!, Math.min(before[s]!, strength(firstEdge + s)));
    }
  }
  const edges = new Float64Array(strengths.length);
  for (const { node, reads, firstEdge } of [...receivers].reverse()) {
    const own = names.get(node.name);
    const onward = own === undefined ? Infinity : after[own]!;
    for (let s = 0; s < reads; s++) {
      const width = Math.min(strength(firstEdge + s), onward);
      after[s] = Math.max(after[s]!, width);
      edges[firstEdge + s] = Math.min(before[s]!, width);
    }
  }
  return { nodes: before.map((width, s) => Math.min(width, after[s]!)), edges };
}

export interface Agreement {
  /** In both; only in the one that is judged; only in the truth. */
  both: number;
  extra: number;
  missed: number;
  /** both / (both + extra); null if it is empty. */
  precision: number | null;
  /** both / (both + missed); null if the truth is empty. */
  recall: number | null;
  /** 2·both / (2·both + extra + missed); null if both are empty. */
  f1: number | null;
}

/** @param found what is judged, `truth` what it is judged by: in it or not, of the same things */
export function agreementOf(found: ArrayLike<number>, truth: ArrayLike<number>): Agreement {
  if (found.length !== truth.length) {
    throw new LabError("shape", `${found.length} things cannot be compared with ${truth.length}`);
  }
  let [both, extra, missed] = [0, 0, 0];
  for (let i = 0; i < found.length; i++) {
    if (found[i] && truth[i]) both++;
    else if (found[i]) extra++;
    else if (truth[i]) missed++;
  }
  const ratio = (a: number, b: number) => (b === 0 ? null : a / b);
  return {
    ...{ both, extra, missed },
    precision: ratio(both, both + extra),
    recall: ratio(both, both + missed),
    f1: ratio(2 * both, 2 * both + extra + missed),
  };
}

export interface RocPoint {
  /** In the circuit from this score on; −∞ at the end, where everything is. */
  threshold: number;
  /** Share of what is not in the truth, and of what is. */
  falseRate: number;
  trueRate: number;
}
export interface Roc {
  /** From (0, 0) to (1, 1). */
  points: RocPoint[];
  /**
   * Area under the points joined by straight lines: the chance that something of the truth has a larger score than something that
   * is not in it, ties counting half. What is in no cut has the least score of all, −∞.
   */
  auc: number;
}

/** @throws LabError "degenerate" where the truth is everything, or nothing: there is only one rate */
export function rocOf(scores: ArrayLike<number>, truth: ArrayLike<number>): Roc {
  const order = Array.from({ length: scores.length }, (_, i) => i).sort((a, b) =>
    scores[b] === scores[a] ? 0 : scores[b]! > scores[a]! ? 1 : -1,
  );
  const positives = order.filter((i) => truth[i]).length;
  const negatives = order.length - positives;
  if (positives === 0 || negatives === 0) {
    throw new LabError(
      "degenerate",
      `of ${order.length} things ${positives} are in the circuit that is compared with: a curve needs some that are and some that are not`,
    );
  }
  const points: RocPoint[] = [{ threshold: Infinity, falseRate: 0, trueRate: 0 }];
  let [found, wrong, area] = [0, 0, 0];
  order.forEach((i, at) => {
    if (truth[i]) found++;
    else wrong++;
    if (at + 1 < order.length && scores[order[at + 1]!] === scores[i]) return;
    const last = points.at(-1)!;
    const point = {
      threshold: scores[i]!,
      falseRate: wrong / negatives,
      trueRate: found / positives,
    };
    area += ((point.falseRate - last.falseRate) * (point.trueRate + last.trueRate)) / 2;
    points.push(point);
  });
  return { points, auc: area };
}
