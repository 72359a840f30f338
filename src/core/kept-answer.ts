/**
 * What was computed about a question, as this browser keeps it, so that it is there after a reload: sweeps and paths, evidence for
 * roles, which circuit a search found, the drift check, the last fine-tuning, the graph that was opened; curves of training, what steering did. The last few of
 * each kind; equal keys, equal questions.
 */
import type { Dose } from "./dose.ts";
import type { RolesAnswer } from "./head-roles.ts";
import type { KeptRun } from "./kept-run.ts";
import type { ChannelAnswer } from "./paths.ts";
import type { DriftCheck, TuneCurve } from "./tune.ts";

export interface AnswerOf {
  patch: KeptSweep;
  preview: KeptSweep;
  path: KeptSweep;
  channels: ChannelAnswer;
  roles: RolesAnswer;
  /** The circuit that came of it, by its id. */
  eap: { circuit: string };
  drift: DriftCheck;
  tune: TuneCurve;
  /** The text of its file. */
  graph: string;
  /** By the autoencoder that came of it. */
  run: KeptRun;
  /** By model. */
  dose: Dose;
}
export type AnswerKind = keyof AnswerOf;

/** How many of each are kept. */
export const ANSWERS_KEPT: Readonly<Record<AnswerKind, number>> = {
  ...{ patch: 24, preview: 24, path: 24, channels: 24, roles: 24, eap: 24 },
  ...{ drift: 12, tune: 12, graph: 1 },
  ...{ run: 12, dose: 12 },
};

export interface KeptSweep {
  /** By pair, by cell; NaN where it is not known. */
  values: readonly Float64Array[];
  /** Runs, and how long they took. */
  total: number;
  seconds: number;
  /** Or stopped. */
  done: boolean;
}

export type KeptAnswer = {
  [K in AnswerKind]: {
    kind: K;
    key: string;
    value: AnswerOf[K];
    /** ISO 8601 */
    savedAt: string;
  };
}[AnswerKind];

const isRecord = (x: unknown): x is Record<string, unknown> => typeof x === "object" && x !== null;
const isSweep = ({ values, total, seconds, done }: Record<string, unknown>) =>
  Array.isArray(values) &&
  values.every((own) => own instanceof Float64Array) &&
  [total, seconds].every((n) => typeof n === "number") &&
  typeof done === "boolean";
const hasLists = (value: Record<string, unknown>, names: readonly string[]) =>
  names.every((name) => Array.isArray(value[name]));

const IS: Readonly<Record<AnswerKind, (value: Record<string, unknown>) => boolean>> = {
  ...{ patch: isSweep, preview: isSweep, path: isSweep },
  channels: (value) => hasLists(value, ["q", "k", "v"]),
  roles: (value) => hasLists(value, ["heads"]),
  eap: (value) => typeof value["circuit"] === "string",
  drift: (value) => hasLists(value, ["names", "answer", "edits"]),
  tune: (value) => hasLists(value, ["points"]) && isRecord(value["recipe"]),
  graph: () => false, // a text
  run: (value) => typeof value["id"] === "string" && hasLists(value, ["points", "members"]),
  dose: (value) => hasLists(value, ["doses", "tokens", "rows", "effects"]),
};

/** Whether a stored value is an answer of this version. */
export function isKeptAnswer(stored: unknown): stored is KeptAnswer {
  if (!isRecord(stored)) return false;
  const { kind, key, value, savedAt } = stored;
  if (typeof kind !== "string" || !Object.hasOwn(IS, kind)) return false;
  if (typeof key !== "string" || typeof savedAt !== "string") return false;
  if (kind === "graph") return typeof value === "string";
  return isRecord(value) && IS[kind as AnswerKind](value);
}
