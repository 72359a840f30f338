/**
 * Presets and experiments of steering as JSON: what the browser keeps, and what is exported and imported. Reading says what is
 * wrong with a file, by its place in it; nothing of a file is taken unless all of it makes sense.
 */
import { ofSomeKind } from "../core/edit-shape.ts";
import { LabError } from "../core/lab-error.ts";
import { SAMPLING, SAMPLING_KEYS } from "../core/sampling.ts";
import { STEER_ATTENTION, type SteerAttention, type SteerRow } from "../core/steer.ts";
import { readSteerRows } from "../core/steer-shape.ts";
import type { GeneratedToken, SamplingOptions } from "../core/generation.ts";
import { type Continuation, NO_TEXT, type SteerSample } from "./steer-text-slice.ts";

export interface SteerPreset {
  name: string;
  rows: SteerRow[];
  attention: SteerAttention;
}
export interface SteerExperiment extends SteerPreset {
  /** ISO 8601 */
  savedAt: string;
  modelId: string;
  prompt: string;
  prependBos: boolean;
  sampling: SamplingOptions;
  samples: SteerSample[];
}
export interface SteerFile {
  presets: SteerPreset[];
  experiments: SteerExperiment[];
}

const KIND = "glassroom steering";
const MOST = 500; // of each
const LONGEST = 100_000; // characters of a text

export const encodeSteerFile = ({ presets, experiments }: SteerFile): string =>
  JSON.stringify({
    kind: KIND,
    version: 1,
    presets,
    experiments: experiments.map((experiment) => ({
      ...experiment,
      samples: experiment.samples.map(({ seed, plain, steered }) => ({
        ...{ seed, plain: plainText(plain), steered: plainText(steered) },
      })),
    })),
  });

/** Without what can be had again, and what JSON has no place for. */
const plainText = ({ tokens, status, scores }: Continuation) => ({
  ...{ status, scores },
  tokens: tokens.map(({ id, text, string, probability, rank }) => ({
    ...{ id, text, string, probability, rank },
  })),
});

/** @throws LabError "bad-file" naming what is wrong */
export function decodeSteerFile(json: string): SteerFile {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (e) {
    throw bad(`it is no JSON (${e instanceof Error ? e.message : String(e)})`);
  }
  const file = object(value, "it");
  if (file["kind"] !== KIND) throw bad(`its "kind" is ${ofSomeKind(file["kind"])}, not "${KIND}"`);
  if (file["version"] !== 1) {
    throw bad(`it is of version ${ofSomeKind(file["version"])}; this app reads version 1`);
  }
  return {
    presets: list(file["presets"] ?? [], "presets").map((each, i) =>
      preset(object(each, `presets[${i}]`), `presets[${i}]`),
    ),
    experiments: list(file["experiments"] ?? [], "experiments").map((each, i) =>
      experiment(object(each, `experiments[${i}]`), `experiments[${i}]`),
    ),
  };
}

type Fields = Record<string, unknown>;
const bad = (what: string) => new LabError("bad-file", `This is no file of steering: ${what}.`);

function preset(from: Fields, at: string): SteerPreset {
  let rows: SteerRow[];
  try {
    rows = readSteerRows(from["rows"]);
  } catch (e) {
    throw bad(`${at}: ${e instanceof Error ? e.message : String(e)}`);
  }
  const name = text(from["name"], `${at}.name`);
  const attention = STEER_ATTENTION.find((choice) => choice === (from["attention"] ?? "free"));
  if (!attention) throw bad(`${at}.attention is ${ofSomeKind(from["attention"])}`);
  return { name, rows, attention };
}

function experiment(from: Fields, at: string): SteerExperiment {
  const sampling = object(from["sampling"], `${at}.sampling`);
  const known = SAMPLING_KEYS.map((key) => {
    const { min, max, whole } = SAMPLING[key];
    const value = number(sampling[key], `${at}.sampling.${key}`);
    if (value >= min && value <= max && (!whole || Number.isInteger(value))) return [key, value];
    throw bad(`${at}.sampling.${key} is ${value}, not from ${min} to ${max}`);
  });
  return {
    ...preset(from, at),
    savedAt: text(from["savedAt"], `${at}.savedAt`),
    modelId: text(from["modelId"], `${at}.modelId`),
    prompt: text(from["prompt"], `${at}.prompt`),
    prependBos: from["prependBos"] !== false,
    sampling: Object.fromEntries(known) as SamplingOptions,
    samples: list(from["samples"] ?? [], `${at}.samples`).map((each, i) => {
      const here = `${at}.samples[${i}]`;
      const sample = object(each, here);
      return {
        seed: number(sample["seed"], `${here}.seed`),
        plain: continuation(sample["plain"], `${here}.plain`),
        steered: continuation(sample["steered"], `${here}.steered`),
      };
    }),
  };
}

const ENDED = ["length", "end-of-text", "stop", "context-full", "cancelled"] as const;

function continuation(value: unknown, at: string): Continuation {
  const from = object(value, at);
  const tokens = list(from["tokens"], `${at}.tokens`).map((each, i): GeneratedToken => {
    const here = `${at}.tokens[${i}]`;
    const token = object(each, here);
    return {
      id: number(token["id"], `${here}.id`),
      text: text(token["text"], `${here}.text`),
      string: text(token["string"], `${here}.string`),
      probability: number(token["probability"], `${here}.probability`),
      rank: number(token["rank"], `${here}.rank`),
      alternatives: null,
    };
  });
  const scores = (from["scores"] ?? null) === null ? null : object(from["scores"], `${at}.scores`);
  const of = (side: string) => {
    const found = list(scores?.[side], `${at}.scores.${side}`).map((each, i) =>
      number(each, `${at}.scores.${side}[${i}]`),
    );
    if (found.length === tokens.length) return found;
    throw bad(`${at}.scores.${side} has ${found.length} numbers for ${tokens.length} tokens`);
  };
  return {
    ...NO_TEXT,
    tokens,
    text: tokens.map((token) => token.text).join(""),
    // One that was not ended when it was saved was cut off there.
    status: ENDED.find((status) => status === from["status"]) ?? "cancelled",
    scores: scores && { plain: of("plain"), steered: of("steered") },
  };
}

function object(value: unknown, at: string): Fields {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Fields;
  throw bad(`${at} is ${ofSomeKind(value)}, no object`);
}
function list(value: unknown, at: string): unknown[] {
  if (!Array.isArray(value)) throw bad(`${at} is ${ofSomeKind(value)}, no list`);
  if (value.length <= MOST) return value;
  throw bad(`${at} has ${value.length} entries; at most ${MOST} are read`);
}
function text(value: unknown, at: string): string {
  if (typeof value !== "string") throw bad(`${at} is ${ofSomeKind(value)}, no text`);
  if (value.length <= LONGEST) return value;
  throw bad(`${at} has ${value.length} characters`);
}
function number(value: unknown, at: string): number {
  if (typeof value === "number" && Number.isFinite(value)) return value;
  throw bad(`${at} is ${ofSomeKind(value)}, no number`);
}
