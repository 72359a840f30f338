/**
 * A feature's statistics and examples as they are stored and shipped: one safetensors file, so that other programs can
 * read it too. F latents, C contexts of T tokens (BOS first), S examples of a feature: the first `TOP` its strongest, strongest
 * first, then `PER_INTERVAL` of each of `INTERVALS` equal intervals of activation, the lowest first.
 * fires U32 [F] · max F32 [F] · last_fired I32 [F] · hist_bin_width F32 [F] · hist_counts U32 [F, bins] ·
 * context_tokens U16 or I32 [C, T] ·
 * example_context U32 [F, S] · example_position U8 [F, S], the example's token, 0: no example ·
 * example_active U8 [F, S], on how many of the context's tokens the feature is active: so many of
 * active_position U8 [N] and active_value F16 [N] ·
 * correlated_count U8 [F] · correlated U32 [F, 10] · correlation F32 [F, 10]
 */
import type { StoredExample, StoredInterval, Dashboards } from "./stored-dashboards.ts";
import { LabError } from "../core/lab-error.ts";
import { f16ToF32 } from "../formats/half.ts";
import { entryOf, parseSafetensors, readArray, readFloats } from "../formats/safetensors.ts";
import { writeSafetensors } from "../formats/safetensors-write.ts";
import { FORMAT_1, readDashboards1 } from "./dashboards-file-1.ts";
import { CORRELATED, type Correlations } from "./feature-correlations.ts";
import {
  BARS_PER_INTERVAL,
  BINS,
  type FeatureStats,
  INTERVALS,
  PER_INTERVAL,
  type TokenRef,
} from "./feature-stats.ts";

/** Strongest examples stored per feature. */
export const TOP = 20;
const SLOTS = TOP + INTERVALS * PER_INTERVAL;
/** Two examples that agree on their token and so many before it are one. */
const SAME_BEFORE = 5;
const FORMAT = "glassroom-dashboards-2";
const FILE = "dashboards.safetensors";

/** Yields its progress, 0–1. @param correlations null: none are stored */
export function* writeDashboards(
  stats: FeatureStats,
  correlations: Correlations | null,
): Generator<number, Uint8Array> {
  const { arrays, active } = stats;
  const F = stats.dSae;
  const T = active.contextSize;
  const slots = F * SLOTS;
  const context = new Uint32Array(slots);
  const position = new Uint8Array(slots);
  const activeCount = new Uint8Array(slots);
  const positions: Uint8Array[] = [];
  const values: Float32Array[] = [];
  const used = new Map<number, number>(); // context of the pass → of the file
  for (let f = 0; f < F; f++) {
    slotsOf(stats, f).forEach((ref, slot) => {
      if (!ref) return;
      const at = f * SLOTS + slot;
      if (!used.has(ref.context)) used.set(ref.context, used.size);
      const on = active.of(ref.context, f);
      context[at] = used.get(ref.context)!;
      position[at] = ref.position;
      activeCount[at] = on.positions.length;
      positions.push(Uint8Array.from(on.positions));
      values.push(Float32Array.from(on.values));
    });
    yield f / F;
  }
  const tokens = new Int32Array(used.size * T);
  for (const [from, to] of used) tokens.set(active.contexts[from]!.ids, to * T);
  const N = activeCount.reduce((a, b) => a + b, 0);
  const flatPositions = new Uint8Array(N);
  const flatValues = new Float32Array(N);
  let at = 0;
  positions.forEach((piece, i) => {
    flatPositions.set(piece, at);
    flatValues.set(values[i]!, at);
    at += piece.length;
  });
  const shape = [F, SLOTS];
  return writeSafetensors(
    [
      { name: "fires", dtype: "U32", shape: [F], data: arrays.fires },
      { name: "max", dtype: "F32", shape: [F], data: arrays.max },
      { name: "last_fired", dtype: "I32", shape: [F], data: arrays.lastFired },
      {
        name: "hist_bin_width",
        dtype: "F32",
        shape: [F],
        data: Float32Array.from(arrays.binWidth),
      },
      { name: "hist_counts", dtype: "U32", shape: [F, BINS], data: arrays.counts },
      tokens.every((id) => id < 65536)
        ? {
            ...{ name: "context_tokens", dtype: "U16", shape: [used.size, T] },
            data: Uint16Array.from(tokens),
          }
        : { name: "context_tokens", dtype: "I32", shape: [used.size, T], data: tokens },
      { name: "example_context", dtype: "U32", shape, data: context },
      { name: "example_position", dtype: "U8", shape, data: position },
      { name: "example_active", dtype: "U8", shape, data: activeCount },
      { name: "active_position", dtype: "U8", shape: [N], data: flatPositions },
      { name: "active_value", dtype: "F16", shape: [N], data: flatValues },
      ...(correlations ? correlationTensors(correlations, F) : []),
    ],
    {
      format: FORMAT,
      tokens: String(arrays.tokens),
      ...(correlations && { correlation_tokens: String(correlations.tokens) }),
    },
  );
}

function correlationTensors({ counts, features, r }: Correlations, F: number) {
  const shape = [F, CORRELATED];
  return [
    { name: "correlated_count", dtype: "U8", shape: [F], data: counts } as const,
    { name: "correlated", dtype: "U32", shape, data: features } as const,
    { name: "correlation", dtype: "F32", shape, data: r } as const,
  ];
}

/** What lies in each of a feature's places. */
function slotsOf(stats: FeatureStats, feature: number): (TokenRef | undefined)[] {
  const slots = new Array<TokenRef | undefined>(SLOTS).fill(undefined);
  const seen = new Set<string>();
  const distinct = stats.strongest(feature).filter(({ context, position }) => {
    const { ids } = stats.active.contexts[context]!;
    const text = ids.subarray(Math.max(1, position - SAME_BEFORE), position + 1).join();
    return !seen.has(text) && seen.add(text);
  });
  distinct.slice(0, TOP).forEach((ref, n) => (slots[n] = ref));
  for (let i = 0; i < INTERVALS; i++) {
    stats.sample(feature, i).forEach((ref, n) => (slots[TOP + i * PER_INTERVAL + n] = ref));
  }
  return slots;
}

/** @throws LabError "bad-file" if the file is broken or does not belong to an SAE of `dSae` latents */
export function readDashboards(bytes: Uint8Array, dSae: number): Dashboards {
  const header = parseSafetensors(bytes, FILE);
  const { format } = header.metadata;
  if (format === FORMAT_1) return readDashboards1(bytes, dSae);
  const tokens = Number(header.metadata["tokens"]);
  if (format !== FORMAT || !Number.isSafeInteger(tokens) || tokens < 1) {
    throw new LabError("bad-file", `${FILE} is not one of this lab's`);
  }
  const entry = (name: string, shape: (number | null)[]) => {
    const found = entryOf(header, name, FILE);
    const fits =
      found.shape.length === shape.length &&
      shape.every((size, axis) => size === null || size === found.shape[axis]);
    if (fits) return found;
    const wanted = shape.map((size) => size ?? "any").join(", ");
    throw broken(`${name} is [${found.shape.join(", ")}], expected [${wanted}]`);
  };
  const slots = [dSae, SLOTS];
  const fires = readArray(bytes, entry("fires", [dSae]), "U32");
  const max = readFloats(bytes, entry("max", [dSae]));
  const lastFired = readArray(bytes, entry("last_fired", [dSae]), "I32");
  const binWidth = readFloats(bytes, entry("hist_bin_width", [dSae]));
  const counts = readArray(bytes, entry("hist_counts", [dSae, BINS]), "U32");
  const idEntry = entry("context_tokens", [null, null]);
  const [C, T] = idEntry.shape as [number, number];
  const ids = readArray(bytes, idEntry, idEntry.dtype === "U16" ? "U16" : "I32");
  const context = readArray(bytes, entry("example_context", slots), "U32");
  const position = readArray(bytes, entry("example_position", slots), "U8");
  const active = readArray(bytes, entry("example_active", slots), "U8");
  const starts = new Uint32Array(active.length + 1);
  active.forEach((count, i) => (starts[i + 1] = starts[i]! + count));
  const N = starts.at(-1)!;
  const activePosition = readArray(bytes, entry("active_position", [N]), "U8");
  const activeValue = readArray(bytes, entry("active_value", [N]), "F16");
  if (
    activePosition.some((at) => at < 1 || at >= T) ||
    context.some((c, slot) => position[slot]! > 0 && (c >= C || position[slot]! >= T))
  ) {
    throw broken("an example lies outside of its contexts");
  }
  const example = (slot: number): StoredExample => {
    const from = context[slot]! * T;
    const activations = new Float32Array(T - 1);
    const values = f16ToF32(activeValue.slice(starts[slot], starts[slot + 1]));
    values.forEach((v, i) => (activations[activePosition[starts[slot]! + i]! - 1] = v));
    return {
      ids: Array.from(ids.subarray(from + 1, from + T)),
      activations,
      peak: position[slot]! - 1,
    };
  };
  const stored = (feature: number, first: number, n: number) =>
    Array.from({ length: n }, (_, i) => feature * SLOTS + first + i)
      .filter((slot) => position[slot]! > 0)
      .map(example);
  const countsOf = (feature: number) => counts.subarray(feature * BINS, (feature + 1) * BINS);
  return {
    tokens,
    row: (feature) => ({
      feature,
      density: fires[feature]! / tokens,
      max: max[feature]!,
      lastFired: fires[feature] === 0 ? null : lastFired[feature]!,
    }),
    histogram(feature) {
      const all = Array.from(countsOf(feature));
      return {
        binWidth: binWidth[feature]!,
        counts: all.slice(0, all.findLastIndex(Boolean) + 1),
      };
    },
    examples: (feature, n) => stored(feature, 0, Math.min(n, TOP)),
    intervals(feature) {
      const all = countsOf(feature);
      const width = binWidth[feature]! * BARS_PER_INTERVAL;
      return Array.from({ length: INTERVALS }, (_, i): StoredInterval => {
        const bars = all.subarray(i * BARS_PER_INTERVAL, (i + 1) * BARS_PER_INTERVAL);
        return {
          ...{ from: i * width, to: (i + 1) * width, count: bars.reduce((a, b) => a + b, 0) },
          examples: stored(feature, TOP + i * PER_INTERVAL, PER_INTERVAL),
        };
      })
        .filter(({ count }) => count > 0)
        .reverse();
    },
    correlated: readCorrelated(),
  };

  function readCorrelated(): Dashboards["correlated"] {
    const over = Number(header.metadata["correlation_tokens"] ?? NaN);
    if (!Number.isSafeInteger(over)) return () => null;
    const shape = [dSae, CORRELATED];
    const found = readArray(bytes, entry("correlated_count", [dSae]), "U8");
    const features = readArray(bytes, entry("correlated", shape), "U32");
    const r = readFloats(bytes, entry("correlation", shape));
    if (found.some((n) => n > CORRELATED) || features.some((f) => f >= dSae)) {
      throw broken("a correlated feature is none of the autoencoder's");
    }
    return (feature) => ({
      tokens: over,
      features: Array.from({ length: found[feature]! }, (_, i) => ({
        feature: features[feature * CORRELATED + i]!,
        r: r[feature * CORRELATED + i]!,
      })),
    });
  }
}

const broken = (why: string) => new LabError("bad-file", `${FILE} cannot be used: ${why}`);
