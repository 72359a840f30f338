/** The inputs of cut edges: which are cut in which row, and what they bring instead. */
import type { Tensor, TensorConstructor } from "onnxruntime-web";
import { CHANNELS, circuitGraph, type EdgeMask, type Receiver } from "../core/circuit.ts";
import type { Stage } from "../core/hooks.ts";
import { LabError } from "../core/lab-error.ts";
import type { Gpt2Config } from "../core/types.ts";
import {
  BASE_INPUT,
  baseHeadsName,
  baseMlpName,
  cutHeadsName,
  cutOwnName,
  cutReaderName,
} from "./graph-edges.ts";
import type { StageRows } from "./row-plan.ts";

/** What a cut edge brings: what every sender wrote in another run, [S, T, d] in the order of the circuit's graph; null: nothing. */
export type SenderValues = Float32Array | null;

/** Edges that are cut, row by row of a batch. */
export interface EdgeCuts {
  /** 1 for an edge that is kept, 0 for one that is cut. */
  masks: readonly EdgeMask[];
  instead: readonly SenderValues[];
}

export function createEdgeFeeds(Tensor: TensorConstructor, config: Gpt2Config) {
  const { n_layer, n_head: H, n_embd: d } = config;
  const { senders, receivers, edges } = circuitGraph(config);
  const readers = new Map<Stage, StageReaders>();
  for (let layer = 0; layer < n_layer; layer++) {
    const own = receivers.filter(({ node }) => node.layer === layer);
    const heads = CHANNELS.flatMap((channel) => own.filter((one) => one.channel === channel));
    readers.set(layer, { heads, reader: own.find(({ channel }) => channel === null)! });
  }
  readers.set("final", { heads: [], reader: receivers.at(-1)! });

  /** Of the receivers, 1 where an edge from the senders `from` … is cut: [rows, receivers, senders]. */
  const cutTensor = (
    masks: readonly EdgeMask[],
    own: readonly Receiver[],
    from: number,
    count: number,
  ) => {
    const data = new Float32Array(masks.length * own.length * count);
    let at = 0;
    for (const mask of masks) {
      for (const { firstEdge } of own) {
        for (let s = 0; s < count; s++) data[at++] = 1 - mask[firstEdge + from + s]!;
      }
    }
    return new Tensor("float32", data, [masks.length, own.length, count]);
  };

  /** The values of senders `from` … for the rows of a stage; one number where all rows' are nothing. */
  const baseTensor = (
    values: readonly SenderValues[],
    lengths: readonly number[],
    T: number,
    from: number,
    count: number,
  ) => {
    if (values.every((each) => each === null)) {
      return new Tensor("float32", new Float32Array(1), [1, 1, 1]);
    }
    const same = values.every((each) => each === values[0]);
    const rows = same ? values.slice(0, 1) : values;
    const data = new Float32Array(rows.length * count * T * d);
    rows.forEach((each, row) => {
      if (!each) return;
      const own = lengths[row]! * d;
      for (let s = 0; s < count; s++) {
        const begin = (from + s) * own;
        data.set(each.subarray(begin, begin + own), (row * count + s) * T * d);
      }
    });
    return new Tensor("float32", data, [rows.length, count, T * d]);
  };

  return {
    /** A key of what a row's cuts change at a stage: equal keys, equal rows. */
    keyOf: (cuts: EdgeCuts) => {
      const bases = [...new Set(cuts.instead)];
      return (row: number, stage: Stage): string => {
        if (stage === "embed") return String(bases.indexOf(cuts.instead[row]!));
        if (!readers.has(stage)) return ""; // rows that part within a block do so where it begins
        const { heads, reader } = readers.get(stage)!;
        const own = [...heads, reader];
        const from = Math.min(...own.map(({ firstEdge }) => firstEdge));
        const to = Math.max(...own.map(({ firstEdge, reads }) => firstEdge + reads));
        return String.fromCharCode(...cuts.masks[row]!.subarray(from, to));
      };
    },

    /** @throws LabError "shape" for masks or values that do not fit */
    check: (cuts: EdgeCuts, ids: readonly (readonly number[])[]): void => {
      if (cuts.masks.length !== ids.length || cuts.instead.length !== ids.length) {
        throw new LabError(
          "shape",
          `cuts are for ${cuts.masks.length} rows, the batch has ${ids.length}`,
        );
      }
      ids.forEach((row, i) => {
        if (cuts.masks[i]!.length !== edges) {
          throw new LabError(
            "shape",
            `the mask of row ${i} has ${cuts.masks[i]!.length} edges, this model's graph ${edges}`,
          );
        }
        const values = cuts.instead[i];
        const size = senders.length * row.length * d;
        if (values && values.length !== size) {
          throw new LabError(
            "shape",
            `what cut edges of row ${i} bring has ${values.length} numbers, not ${size}: [${senders.length}, ${row.length}, ${d}]`,
          );
        }
      });
    },

    /** @param lengths tokens by row of the batch, `T` the longest's */
    feeds: (
      { masks, instead }: EdgeCuts,
      plan: readonly StageRows[],
      lengths: readonly number[],
      T: number,
    ): Record<string, Tensor> => {
      const feeds: Record<string, Tensor> = {};
      for (const { stage, represents } of plan) {
        const own = represents.map((row) => masks[row]!);
        const values = represents.map((row) => instead[row]!);
        const tokens = represents.map((row) => lengths[row]!);
        const base = (from: number, count: number) => baseTensor(values, tokens, T, from, count);
        if (stage === "embed") {
          feeds[BASE_INPUT] = base(0, 1);
          continue;
        }
        if (!readers.has(stage)) continue;
        const { heads, reader } = readers.get(stage)!;
        const before = stage === "final" ? senders.length : 1 + stage * (H + 1);
        feeds[cutReaderName(stage)] = cutTensor(own, [reader], 0, before);
        if (stage === "final") continue;
        feeds[cutHeadsName(stage)] = cutTensor(own, heads, 0, before);
        feeds[cutOwnName(stage)] = cutTensor(own, [reader], before, H);
        feeds[baseHeadsName(stage)] = base(before, H);
        feeds[baseMlpName(stage)] = base(before + H, 1);
      }
      return feeds;
    },
  };
}

interface StageReaders {
  /** In the order of c_attn's columns: q of all heads, k, v. */
  heads: readonly Receiver[];
  /** The MLP, or the logits. */
  reader: Receiver;
}
