/**
 * What is measured of a finished SAE: explained variance and L0 on held-out text, and statistics and examples of every
 * feature over the corpus. Of a very wide SAE only a part of the corpus is read.
 */
import { breathe } from "../core/breathe.ts";
import { LabError } from "../core/lab-error.ts";
import { outputOf, type SaeConfig, type SaeMetrics, type SaeWeights } from "../core/sae.ts";
import { ExplainedVariance } from "../math/reconstruction.ts";
import { createEncoder, type Encoder } from "../train/encoder.ts";
import type { Backend } from "../train/backend.ts";
import { type Pair, pairOf, rowWidth } from "../train/pairs.ts";
import type { Rows } from "../train/shuffle-buffer.ts";
import type { Corpus } from "./corpus.ts";
import { writeDashboards } from "./dashboards-file.ts";
import { correlatedFeatures } from "./feature-correlations.ts";
import { FeatureStats } from "./feature-stats.ts";
import { inSlices } from "./in-slices.ts";

export interface MeasureInput {
  config: SaeConfig;
  weights: SaeWeights;
  backend: Backend;
  corpus: Corpus;
  harvest: (ids: Int32Array) => Promise<Rows>;
  /** Tokens for statistics and examples, as far as the corpus has them. */
  tokens: number;
  signal: AbortSignal;
  /** 0–1 */
  onShare: (share: number) => void;
}

/** Values of f that one batch may have: 16 MB. */
const BATCH_VALUES = 4e6;
/** Values of f that the whole pass may have. */
const PASS_VALUES = 1.5e9;
/** …and those of them that are not 0: they are kept until the examples are chosen, 170 MB at most. */
const PASS_ACTIVE = 24e6;
/** Share of a measurement's time that the pass takes; then comes what is found in all of it. */
const PASS_SHARE = 0.9;
/** Share of the tokens trained on that statistics are gathered from, so that measuring stays the smaller part of a run. */
const STATISTICS_SHARE = 1 / 3;
const STATISTICS_MIN = 1000;
/** …and of an SAE from elsewhere. */
const STATISTICS_IMPORTED = 100_000;
/** Contexts for metrics: some 12 000 tokens, of a short run fewer. */
const METRIC_CONTEXTS = { min: 12, max: 96 };

/** @throws LabError "cancelled"; "degenerate" if the held-out activations are all equal */
export async function measureSae(
  input: MeasureInput,
): Promise<{ metrics: SaeMetrics; dashboards: Uint8Array }> {
  const { config, weights, corpus } = input;
  const encoder = createEncoder(weights, config);
  try {
    const heldOut = await measureHeldOut(input, encoder);
    const stats = new FeatureStats(config.dSae);
    const T = corpus.contextSize;
    const most = Math.min(PASS_VALUES / config.dSae, PASS_ACTIVE / Math.max(1, heldOut.l0));
    const contexts = Math.min(input.tokens, most) / (T - 1);
    // Of a corpus read in part, a part of each shard or some shards evenly, so that every kind of text is there.
    const stride = Math.max(1, Math.floor(corpus.shards / contexts));
    const perShard = Math.ceil((contexts * stride) / corpus.shards);
    for (let shard = 0; shard < corpus.shards; shard += stride) {
      const all = await corpus.contexts(shard);
      const ids = all.subarray(0, Math.min(all.length, perShard * T));
      for (const batch of batches(ids, T, config.dSae)) {
        const f_BF = await onDevice(input, batch, ({ x_BD }) => encoder.encode(x_BD));
        addContexts(stats, batch, f_BF, T, config.dSae);
        await breathe();
        if (input.signal.aborted) throw new LabError("cancelled", "cancelled");
      }
      input.onShare(PASS_SHARE * Math.min(1, (shard + stride) / corpus.shards));
    }
    const correlations = await inSlices(
      correlatedFeatures(stats.active, config.dSae),
      input.signal,
      (share) => input.onShare(PASS_SHARE + ((1 - PASS_SHARE) / 2) * share),
    );
    const dashboards = await inSlices(writeDashboards(stats, correlations), input.signal, (share) =>
      input.onShare((1 + PASS_SHARE) / 2 + ((1 - PASS_SHARE) / 2) * share),
    );
    const alive = stats.arrays.fires.filter((n) => n > 0).length;
    return {
      metrics: { ...heldOut, aliveShare: alive / config.dSae },
      dashboards,
    };
  } finally {
    encoder.dispose();
  }
}

/** @param trained tokens the SAE was trained on; null if that is not known */
export const statisticsTokens = (trained: number | null): number =>
  trained === null ? STATISTICS_IMPORTED : Math.max(STATISTICS_MIN, STATISTICS_SHARE * trained);

async function measureHeldOut(
  input: MeasureInput,
  encoder: Encoder,
): Promise<Omit<SaeMetrics, "aliveShare">> {
  const { config, corpus, signal } = input;
  const T = corpus.contextSize;
  const variance = new ExplainedVariance(outputOf(config).width);
  const wanted = Math.ceil(input.tokens / (T - 1));
  const contexts = Math.min(METRIC_CONTEXTS.max, Math.max(METRIC_CONTEXTS.min, wanted));
  const perShard = Math.ceil(contexts / (corpus.shards - corpus.heldOutFrom));
  let active = 0;
  for (let shard = corpus.heldOutFrom; shard < corpus.shards; shard++) {
    const all = await corpus.contexts(shard);
    const ids = all.subarray(0, Math.min(all.length, perShard * T));
    for (const batch of batches(ids, T, config.dSae)) {
      const { f, y, xHat } = await onDevice(input, batch, async ({ x_BD, y_BE }) => ({
        ...(await encoder.reconstruct(x_BD)),
        y: await y_BE.data<"float32">(),
      }));
      variance.add(y, xHat);
      for (const value of f) if (value > 0) active += 1;
      await breathe();
      if (signal.aborted) throw new LabError("cancelled", "cancelled");
    }
  }
  return {
    explainedVariance: variance.value(),
    l0: active / variance.tokens,
    tokens: variance.tokens,
  };
}

/** Harvests a batch, hands it over as tensors, and frees them. */
async function onDevice<T>(
  { harvest, backend, config }: MeasureInput,
  ids: Int32Array,
  work: (pair: Pair) => Promise<T>,
): Promise<T> {
  const harvested = await harvest(ids);
  const rows =
    harvested instanceof Float32Array ? backend.upload(harvested, rowWidth(config)) : harvested;
  const { x_BD, y_BE } = pairOf(rows, config);
  try {
    return await work({ x_BD, y_BE });
  } finally {
    for (const tensor of new Set([rows, x_BD, y_BE])) tensor.dispose();
  }
}

function addContexts(
  stats: FeatureStats,
  ids: Int32Array,
  f_BF: Float32Array,
  T: number,
  dSae: number,
): void {
  const size = (T - 1) * dSae;
  for (let c = 0; c < ids.length / T; c++) {
    stats.add(ids.subarray(c * T, (c + 1) * T), f_BF.subarray(c * size, (c + 1) * size));
  }
}

/** Contexts per harvest: as many as its activations and features have room for. */
export const contextsPerBatch = (T: number, width: number): number =>
  Math.max(1, Math.min(16, Math.floor(BATCH_VALUES / (T * width))));

function* batches(ids: Int32Array, T: number, dSae: number): Generator<Int32Array> {
  const size = contextsPerBatch(T, dSae) * T;
  for (let at = 0; at < ids.length; at += size) yield ids.subarray(at, at + size);
}
