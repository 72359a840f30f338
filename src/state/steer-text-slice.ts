/**
 * Texts that go on from the prompt, plain and steered, each pair from one seed; and how likely each of their tokens is under the
 * one and under the other.
 */
import { toLabError, type LabError } from "../core/lab-error.ts";
import { SAMPLING, SAMPLING_KEYS } from "../core/sampling.ts";
import type { SteerAttention, SteerRow } from "../core/steer.ts";
import type { GeneratedToken, Generation, SamplingOptions } from "../core/generation.ts";
import { createNewest } from "./newest.ts";
import { samplingOf } from "./sampling.ts";
import { steerAttention, steerSpec } from "./steer-slice.ts";
import type { Slice, Store } from "./store.ts";

export const MOST_SAMPLES = 8;

export interface Continuation {
  /** What was added to the prompt. */
  text: string;
  tokens: GeneratedToken[];
  status: "idle" | "waiting" | "running" | "failed" | Generation["stopped"];
  error: LabError | null;
  /** ln p of each token, under both; null until they are found, and if they cannot be. */
  scores: { plain: number[]; steered: number[] } | null;
}
export interface SteerSample {
  seed: number;
  plain: Continuation;
  steered: Continuation;
}
export type SteerSide = "plain" | "steered";
const SIDES = ["plain", "steered"] as const satisfies SteerSide[];

/** What samples were made from, to tell when they are no longer of what is on the bench. */
export interface GeneratedWith {
  text: string;
  prependBos: boolean;
  modelId: string | null;
  rows: readonly SteerRow[];
  attention: SteerAttention;
  sampling: SamplingOptions;
}

export interface SteerTextSlice {
  steerSamples: readonly SteerSample[];
  generatedWith: GeneratedWith | null;
  generateBoth: () => Promise<void>;
  stopGenerating: () => void;
}

export const NO_TEXT: Continuation = {
  ...{ text: "", tokens: [], status: "idle", error: null, scores: null },
};

const benchId = ({ model }: Pick<Store, "model">): string | null =>
  model.status === "ready" ? model.value.id : null;

/** How many samples the bench asks for. */
export function sampleCount({ options }: Pick<Store, "options">): number {
  const count = Number(options["steer.samples"] ?? "1");
  return Number.isInteger(count) && count >= 1 && count <= MOST_SAMPLES ? count : 1;
}

/** Rows as far as a text depends on them. */
const essence = (rows: readonly SteerRow[]) =>
  JSON.stringify(
    rows.filter(({ on }) => on).map(({ source, mode, amount, at }) => [source, mode, amount, at]),
  );

/** Whether anything changed since on which the samples depend. */
export function isOutdated(
  made: GeneratedWith,
  now: Pick<Store, "text" | "prependBos" | "steerRows" | "options" | "model" | "saes">,
): boolean {
  return (
    made.text !== now.text ||
    made.prependBos !== now.prependBos ||
    made.modelId !== benchId(now) ||
    made.attention !== steerAttention(now) ||
    essence(made.rows) !== essence(steerSpec(now).rows) ||
    SAMPLING_KEYS.some((key) => made.sampling[key] !== samplingOf(now)[key])
  );
}

export const isGenerating = ({ steerSamples }: Pick<Store, "steerSamples">): boolean =>
  steerSamples.some((sample) =>
    SIDES.some((side) => ["running", "waiting"].includes(sample[side].status)),
  );

export const createSteerTextSlice: Slice<SteerTextSlice> = (lab) => (set, get) => {
  const generations = createNewest();
  const scorings = createNewest();

  const put = (index: number, side: SteerSide, patch: Partial<Continuation>) => {
    const { steerSamples } = get();
    const sample = steerSamples[index];
    if (!sample) return;
    const changed = { ...sample, [side]: { ...sample[side], ...patch } };
    set({ steerSamples: steerSamples.with(index, changed) });
  };

  /** The chances of what was written; without them the text still stands. */
  const score = async (index: number, side: SteerSide, signal: AbortSignal) => {
    const { generatedWith: made, steerSamples } = get();
    const tokens = steerSamples[index]?.[side].tokens.map(({ id }) => id) ?? [];
    if (!lab.model || !made || tokens.length === 0) return;
    const { text, prependBos, rows, attention } = made;
    try {
      const steer = { rows: [...rows], attention };
      const scores = await lab.model.scoreText({ text, prependBos }, { tokens, steer, signal });
      if (get().generatedWith === made) put(index, side, { scores });
    } catch (e) {
      if (toLabError(e).code !== "cancelled" && get().generatedWith === made) {
        put(index, side, { scores: null });
      }
    }
  };

  return {
    steerSamples: [],
    generatedWith: null,
    generateBoth: async () => {
      const { model } = lab;
      if (!model) return; // the button says why it cannot
      const { text, prependBos } = get();
      const sampling = samplingOf(get());
      const { rows, attention } = steerSpec(get());
      scorings.stop();
      const run = generations.start();
      const waiting: Continuation = { ...NO_TEXT, status: "waiting" };
      const seeds = Array.from(
        { length: sampleCount(get()) },
        (_, i) => (sampling.seed + i) % (SAMPLING.seed.max + 1),
      );
      set({
        steerSamples: seeds.map((seed) => ({ seed, plain: waiting, steered: waiting })),
        generatedWith: { text, prependBos, sampling, rows, attention, modelId: benchId(get()) },
      });
      const generate = async (index: number, side: SteerSide) => {
        put(index, side, { status: "running" });
        try {
          const { stopped } = await model.generate(text, {
            ...{ ...sampling, prependBos, seed: seeds[index]!, signal: run.signal },
            steer: side === "steered" ? { rows: [...rows], attention } : null,
            onToken: (token) => {
              if (!run.isNewest()) return;
              const { tokens, text: soFar } = get().steerSamples[index]![side];
              put(index, side, { tokens: [...tokens, token], text: soFar + token.text });
            },
          });
          if (!run.isNewest()) return;
          put(index, side, { status: stopped });
          await score(index, side, run.signal);
        } catch (e) {
          const error = toLabError(e);
          if (run.isNewest() && error.code !== "cancelled") {
            put(index, side, { status: "failed", error });
          }
        }
      };
      for (let index = 0; index < seeds.length && run.isNewest(); index++) {
        await Promise.all(SIDES.map((side) => generate(index, side)));
      }
    },
    stopGenerating: () => {
      if (!isGenerating(get())) return;
      generations.stop();
      const run = scorings.start();
      get().steerSamples.forEach((sample, index) => {
        for (const side of SIDES) {
          if (["running", "waiting"].includes(sample[side].status)) {
            put(index, side, { status: "cancelled" });
          }
          if (sample[side].scores === null) void score(index, side, run.signal);
        }
      });
    },
  };
};
