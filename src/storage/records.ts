/** What lies in the browser's storage, and whether it still is what was put there. */
import { LabError } from "../core/lab-error.ts";
import { OWN_PARAMETERS, TRAIN_VARIANTS } from "../core/sae-recipe.ts";
import {
  INPUT_NORMS,
  SAE_VARIANTS,
  outputOf,
  type SaeConfig,
  type SaeOutput,
  type SaeSummary,
  type SaeWeights,
  type TrainRequest,
  type WeightName,
  weightShapes,
} from "../core/sae.ts";
import type { TrainPoint } from "../core/train-point.ts";

/** Where an unfinished run stands. */
export interface StoredCheckpoint {
  request: TrainRequest;
  /** Place in the corpus to go on from. */
  position: { epoch: number; shard: number; context: number };
  /** Seconds of training so far. */
  seconds: number;
  /** The trainer's own; null before the first step, when the request and its seed are all there is to know. */
  state: CheckpointState | null;
  /** Ids of all that are trained in the same run, this one among them; not there where it is alone. */
  sweep?: readonly string[];
  /** Of its charts so far; not there in records of earlier versions. */
  points?: readonly TrainPoint[];
}
export interface CheckpointState {
  step: number;
  scale: number;
  centre: Float32Array;
  /** A transcoder's. */
  out?: { scale: number; centre: Float32Array };
  revive: boolean;
  arrays: Record<"params" | "m" | "v", CheckpointParameters> & {
    silence: Float32Array;
    /** Not there in records of earlier versions. */
    least?: number;
  };
}
type CheckpointParameters = Record<"W_enc" | "W_decT" | "b_enc" | "b_dec", Float32Array> &
  Partial<Record<"W_skip" | (typeof OWN_PARAMETERS)["jumprelu" | "gated"][number], Float32Array>>;

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null;
const isTexts = (value: unknown) =>
  Array.isArray(value) && value.every((each: unknown) => typeof each === "string");
const isCount = (value: unknown) => Number.isSafeInteger(value) && (value as number) > 0;

export function isConfig(value: unknown): value is SaeConfig {
  return (
    isObject(value) &&
    SAE_VARIANTS.some((variant) => variant === value["variant"]) &&
    [value["dIn"], value["dSae"], value["contextSize"]].every(isCount) &&
    (value["variant"] === "topk" ? isCount(value["k"]) : (value["k"] ?? null) === null) &&
    (value["normalize"] === undefined || INPUT_NORMS.some((norm) => norm === value["normalize"])) &&
    [value["hook"], value["modelId"]].every((v) => typeof v === "string") &&
    (value["out"] === undefined || isOutput(value["out"])) &&
    [value["applyBDecToInput"], value["prependBos"]].every((v) => typeof v === "boolean")
  );
}

const isOutput = (value: unknown): value is SaeOutput =>
  isObject(value) &&
  typeof value["hook"] === "string" &&
  isCount(value["width"]) &&
  typeof value["skip"] === "boolean";

export function isSummary(value: unknown): value is SaeSummary {
  return (
    isObject(value) &&
    [value["id"], value["name"], value["createdAt"]].every((v) => typeof v === "string") &&
    isConfig(value["config"]) &&
    (value["status"] === "finished" || value["status"] === "unfinished") &&
    ["shipped", "trained", "imported"].includes(value["origin"] as string)
  );
}

export const floatsOf = (value: unknown, length: number): value is Float32Array =>
  value instanceof Float32Array && value.length === length;

/** @throws LabError "bad-file" saying what is broken and what to do */
export function checkStoredWeights(value: unknown, { config, name }: SaeSummary): SaeWeights {
  const weights = isObject(value) ? (value as Partial<Record<WeightName, unknown>>) : {};
  for (const [key, shape] of weightShapes(config)) {
    const length = shape.reduce((a, b) => a * b, 1);
    if (!floatsOf(weights[key], length)) throw broken(name, `its ${key} is not ${length} numbers`);
  }
  return value as SaeWeights;
}

/** @throws LabError "bad-file" */
export function checkStoredCheckpoint(
  value: unknown,
  { config, name }: SaeSummary,
): StoredCheckpoint {
  const { dIn, dSae } = config;
  const { width: dOut, skip } = outputOf(config);
  const request = isObject(value) ? value["request"] : undefined;
  const variant = TRAIN_VARIANTS.find((v) => isObject(request) && request["variant"] === v);
  const lengths = {
    ...{ W_enc: dIn * dSae, W_decT: dOut * dSae, b_enc: dSae, b_dec: dOut },
    ...(skip && { W_skip: dOut * dIn }),
    ...Object.fromEntries((variant ? OWN_PARAMETERS[variant] : []).map((own) => [own, dSae])),
  };
  const state = isObject(value) ? value["state"] : undefined;
  const arrays = isObject(state) ? state["arrays"] : undefined;
  const isState =
    isObject(state) &&
    isCount(state["step"]) &&
    floatsOf(state["centre"], dIn) &&
    (!config.out || (isObject(state["out"]) && floatsOf(state["out"]["centre"], dOut))) &&
    isObject(arrays) &&
    floatsOf(arrays["silence"], dSae) &&
    ["params", "m", "v"].every((group) =>
      Object.entries(lengths).every(([key, length]) => {
        const parameters = arrays[group];
        return isObject(parameters) && floatsOf(parameters[key], length);
      }),
    );
  const complete =
    isObject(value) &&
    variant !== undefined &&
    isObject(value["position"]) &&
    (value["sweep"] === undefined || isTexts(value["sweep"])) &&
    (value["points"] === undefined || Array.isArray(value["points"])) &&
    (state === null || isState);
  if (!complete) throw broken(name, "its checkpoint is incomplete");
  return value as unknown as StoredCheckpoint;
}

const broken = (name: string, why: string) =>
  new LabError(
    "bad-file",
    `the stored SAE "${name}" cannot be read: ${why}. Delete it, and train or import it again.`,
  );
