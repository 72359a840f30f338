/** Circuits of GPT-2 small that were published, by head and the role of the token that each works at. */
import { type HeadCircuit, readHeadCircuit } from "./head-circuit.ts";
import { LIBRARY, type LibraryId } from "./task-library.ts";
import type { Gpt2Config } from "./types.ts";

export const KNOWN_CIRCUITS = ["ioi", "ioi-naive", "greater-than"] as const;
export type KnownCircuitId = (typeof KNOWN_CIRCUITS)[number];

export interface KnownCircuit {
  label: string;
  source: string;
  /** Tasks that it is of. */
  tasks: readonly LibraryId[];
  /** What of it is compared with a circuit that was found, and what not. */
  compared: string;
  circuit: HeadCircuit;
}

const GPT2_SMALL = { n_layer: 12, n_head: 12 };
const IOI_COMPARED =
  "Which heads are in it is compared, and nothing else: the paper keeps all MLPs, names no edges from head to head, and the token " +
  "that a head works at is no part of the circuit here.";
const IOI_TASKS: readonly LibraryId[] = ["ioi-flip", "ioi-baba", "ioi-abba", "ioi-all"];

export const KNOWN: Readonly<Record<KnownCircuitId, KnownCircuit>> = {
  ioi: {
    label: "Indirect object, 26 heads",
    source: "Wang et al. 2022, “Interpretability in the Wild”",
    tasks: IOI_TASKS,
    compared: IOI_COMPARED,
    circuit: readHeadCircuit(
      `name mover: 9.6 9.9 10.0 @ END
       backup name mover: 9.0 9.7 10.1 10.2 10.6 10.10 11.2 11.9 @ END
       negative name mover: 10.7 11.10 @ END
       S-inhibition: 7.3 7.9 8.6 8.10 @ END
       induction: 5.5 5.8 5.9 6.9 @ S2
       duplicate token: 0.1 0.10 3.0 @ S2
       previous token: 2.2 4.11 @ S1+1`,
      GPT2_SMALL,
    ),
  },
  "ioi-naive": {
    label: "Indirect object, naive",
    source: "Wang et al. 2022, the smaller circuit that theirs is compared with",
    tasks: IOI_TASKS,
    compared: IOI_COMPARED,
    circuit: readHeadCircuit(
      `name mover: 9.6 9.9 10.0 @ END
       S-inhibition: 7.3 7.9 8.6 8.10 @ END
       induction: 5.5 5.9 @ S2
       duplicate token: 0.10 3.0 @ S2
       previous token: 2.2 4.11 @ S1+1`,
      GPT2_SMALL,
    ),
  },
  "greater-than": {
    label: "Greater than, heads and MLPs",
    source: "Hanna, Liu and Variengien 2023, as ACDC’s repository has it",
    tasks: ["greater-than"],
    compared: "Which heads and MLPs are in it is compared; which edges join them is not.",
    circuit: readHeadCircuit(
      `heads: 0.1 0.3 0.5 5.5 6.1 6.9 7.10 8.11 9.1
       mlps: 0 1 2 3 8 9 10 11`,
      GPT2_SMALL,
    ),
  },
};

/** The circuit that was published for a task, by the task's name; of several the fullest. */
export const knownOf = (task: string): KnownCircuitId | null =>
  KNOWN_CIRCUITS.find((id) => KNOWN[id].tasks.some((of) => LIBRARY[of].recipe.name === task)) ??
  null;

/** GPT-2 small by its names on the Hub: sizes alone do not make the published heads apply. */
export const isGpt2Small = (model: string): boolean => /^(openai-community\/)?gpt2$/.test(model);

/** Whether the model has GPT-2 small's layers and heads; its weights may still be another model's. */
export const hasKnownSizes = ({ n_layer, n_head }: Pick<Gpt2Config, "n_layer" | "n_head">) =>
  n_layer === GPT2_SMALL.n_layer && n_head === GPT2_SMALL.n_head;
