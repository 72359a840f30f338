/**
 * Path patching: what a sender writes is changed for chosen receivers alone. Senders are heads and MLPs, as cells of a grid;
 * receivers are queries, keys and values of heads, MLPs, or the logits, by their names in the graph of circuits.
 * Source: Wang et al. 2022, "Interpretability in the Wild", section 3 and appendix B.
 */
import { type Channel, circuitGraph, type CircuitGraph, type Receiver } from "./circuit.ts";
import { blockHook } from "./hooks.ts";
import { LabError } from "./lab-error.ts";
import type { Direction, PatchPair } from "./patching.ts";
import type { TaskMetric } from "./task.ts";
import type { Gpt2Config } from "./types.ts";

export const LOGITS = "logits";

/** recompute: MLPs carry the change on, as in the paper. freeze: they do not, so that the path is one edge. */
export const PATH_MLPS = ["recompute", "freeze"] as const;
export type PathMlps = (typeof PATH_MLPS)[number];

export interface PathQuestion {
  pairs: readonly PatchPair[];
  metric: TaskMetric;
  /** noise: the clean run with what the senders write in the corrupted one, as in the paper. denoise: the other way. */
  direction: Direction;
  /** Names of the graph of circuits: "logits" alone, or any of "a9.h6<q>" and "m5". */
  receivers: readonly string[];
  mlps: PathMlps;
  /** Whether a cell is a sender at a place, or at all positions. */
  byPlace: boolean;
  /** Cells that are patched together: a run for each of these sets. */
  sets: readonly (readonly number[])[];
}

type Sizes = Pick<Gpt2Config, "n_layer" | "n_head">;
/** A head, or the MLP of its layer where `head` is null. */
export interface PathSender {
  layer: number;
  head: number | null;
}

/** Senders in rows of a layer, its MLP last; by place, a row each. */
export const pathCells = ({ n_layer, n_head }: Sizes, places: number | null): number =>
  n_layer * (n_head + 1) * (places ?? 1);

export function cellSender({ n_head }: Sizes, places: number | null, cell: number) {
  const sender = Math.floor(cell / (places ?? 1));
  const column = sender % (n_head + 1);
  return {
    layer: Math.floor(sender / (n_head + 1)),
    head: column === n_head ? null : column,
    place: places === null ? null : cell % places,
  };
}

/** "9.6", "MLP 9" */
export const senderName = ({ layer, head }: PathSender): string =>
  head === null ? `MLP ${layer}` : `${layer}.${head}`;

/** @throws LabError "bad-input" for receivers that there are not, or logits beside others */
export function readReceivers(config: Sizes, names: readonly string[]): Receiver[] {
  const graph = circuitGraph(config);
  if (names.length === 0) throw new LabError("bad-input", "there is no receiver to patch into");
  if (names.includes(LOGITS) && names.length > 1) {
    throw new LabError(
      "bad-input",
      "the logits are a receiver of their own; take the others by themselves",
    );
  }
  return [...new Set(names)].map((name) => {
    const found = graph.receivers.find((receiver) => receiverName(receiver) === name);
    if (found) return found;
    throw new LabError(
      "bad-input",
      `"${name}" is no receiver of this model (${config.n_layer} layers, ${config.n_head} heads); ` +
        `names look like "logits", "a0.h1<q>", "m0"`,
    );
  });
}

/** "a9.h6<q>" */
export const receiverName = ({ node, channel }: Pick<Receiver, "node" | "channel">): string =>
  `${node.name}${channel ? `<${channel}>` : ""}`;
export const headReceiver = ({ layer, head }: PathSender, channel: Channel): string =>
  head === null ? `m${layer}` : `a${layer}.h${head}<${channel}>`;

/** What a receiver reads, where it can be put back: an MLP's input after its LayerNorm; null for the logits. */
export function receiverHook({ node, channel }: Receiver): string | null {
  if (channel) return blockHook(node.layer, `attn.hook_${channel}`);
  return node.name === LOGITS ? null : blockHook(node.layer, "ln2.hook_normalized");
}

/** Whether anything that the sender writes is read by one of the receivers. */
export function reaches(
  graph: CircuitGraph,
  receivers: readonly Receiver[],
  sender: PathSender,
): boolean {
  const index = graph.senders.findIndex(
    ({ layer, head }) => layer === sender.layer && head === sender.head,
  );
  return receivers.some(({ reads }) => index < reads);
}

/** How far each channel of the receiving heads matters by itself. */
export interface ChannelQuestion extends Pick<PathQuestion, "pairs" | "metric" | "direction"> {
  heads: readonly { layer: number; head: number }[];
}
/** Metrics by channel, by pair, with that input of all these heads taken from the other run. */
export type ChannelAnswer = Record<Channel, number[]>;
