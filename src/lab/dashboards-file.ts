/**
 * A feature's statistics and examples as they are stored and shipped: one safetensors file, so that other programs can
 * read it too. F latents, N examples each, strongest first, W tokens a window:
 * fires U32 [F] · max F32 [F] · last_fired I32 [F] · hist_bin_width F32 [F] · hist_counts U32 [F, bins] ·
 * example_tokens U16 or I32 [F, N, W] · example_activations F16 [F, N, W] · example_peak, example_length U8 [F, N]
 */
import { LabError } from "../core/lab-error.ts";
import type { FeatureRow } from "../core/sae.ts";
import { f16ToF32 } from "../formats/half.ts";
import { entryOf, parseSafetensors, readArray, readFloats } from "../formats/safetensors.ts";
import { writeSafetensors } from "../formats/safetensors-write.ts";
import { BINS, CANDIDATES, type StatsArrays, WINDOW } from "./feature-stats.ts";

/** Examples stored per feature. */
export const EXAMPLES = 12;
/** Two examples that agree on their peak and so many tokens before it are one. */
const SAME_BEFORE = 5;
const FORMAT = "glassroom-dashboards-1";

export interface StoredExample {
  ids: number[];
  activations: Float32Array;
  peak: number;
}
export interface Dashboards {
  tokens: number;
  row(feature: number): FeatureRow;
  histogram(feature: number): { binWidth: number; counts: number[] };
  examples(feature: number, n: number): StoredExample[];
}

export function writeDashboards(stats: StatsArrays): Uint8Array {
  const F = stats.fires.length;
  const slots = F * EXAMPLES;
  const tokens = new Int32Array(slots * WINDOW);
  const activations = new Float32Array(slots * WINDOW);
  const peak = new Uint8Array(slots);
  const length = new Uint8Array(slots);
  for (let f = 0; f < F; f++) {
    strongest(stats, f).forEach((slot, n) => {
      const to = f * EXAMPLES + n;
      const from = slot * WINDOW;
      tokens.set(
        stats.exampleTokens.subarray(from, from + stats.exampleLength[slot]!),
        to * WINDOW,
      );
      activations.set(
        stats.exampleActivations.subarray(from, from + stats.exampleLength[slot]!),
        to * WINDOW,
      );
      peak[to] = stats.examplePeak[slot]!;
      length[to] = stats.exampleLength[slot]!;
    });
  }
  const shape = [F, EXAMPLES, WINDOW];
  return writeSafetensors(
    [
      { name: "fires", dtype: "U32", shape: [F], data: stats.fires },
      { name: "max", dtype: "F32", shape: [F], data: stats.max },
      { name: "last_fired", dtype: "I32", shape: [F], data: stats.lastFired },
      { name: "hist_bin_width", dtype: "F32", shape: [F], data: Float32Array.from(stats.binWidth) },
      { name: "hist_counts", dtype: "U32", shape: [F, BINS], data: stats.counts },
      tokens.every((id) => id < 65536)
        ? { name: "example_tokens", dtype: "U16", shape, data: Uint16Array.from(tokens) }
        : { name: "example_tokens", dtype: "I32", shape, data: tokens },
      { name: "example_activations", dtype: "F16", shape, data: activations },
      { name: "example_peak", dtype: "U8", shape: [F, EXAMPLES], data: peak },
      { name: "example_length", dtype: "U8", shape: [F, EXAMPLES], data: length },
    ],
    { format: FORMAT, tokens: String(stats.tokens) },
  );
}

/** A feature's slots, strongest first, without those that show the same text again; at most `EXAMPLES`. */
function strongest(stats: StatsArrays, feature: number): number[] {
  const { exampleActivations, exampleLength, examplePeak, exampleTokens } = stats;
  const peakOf = (slot: number) => exampleActivations[slot * WINDOW + examplePeak[slot]!]!;
  const slots = Array.from({ length: CANDIDATES }, (_, n) => feature * CANDIDATES + n)
    .filter((slot) => exampleLength[slot]! > 0)
    .sort((a, b) => peakOf(b) - peakOf(a));
  const seen = new Set<string>();
  const distinct = slots.filter((slot) => {
    const at = examplePeak[slot]!;
    const from = slot * WINDOW + Math.max(0, at - SAME_BEFORE);
    const text = exampleTokens.subarray(from, slot * WINDOW + at + 1).join();
    return !seen.has(text) && seen.add(text);
  });
  return distinct.slice(0, EXAMPLES);
}

/** @throws LabError "bad-file" if the file is broken or does not belong to an SAE of `dSae` latents */
export function readDashboards(bytes: Uint8Array, dSae: number): Dashboards {
  const file = "dashboards.safetensors";
  const header = parseSafetensors(bytes, file);
  const tokens = Number(header.metadata["tokens"]);
  const entry = (name: string, shape: number[]) => {
    const found = entryOf(header, name, file);
    if (found.shape.join() === shape.join()) return found;
    throw new LabError(
      "bad-file",
      `${file} cannot be used: ${name} is [${found.shape.join(", ")}], expected [${shape.join(", ")}]`,
    );
  };
  if (header.metadata["format"] !== FORMAT || !Number.isSafeInteger(tokens) || tokens < 1) {
    throw new LabError("bad-file", `${file} is not one of this lab's`);
  }
  const shape = [dSae, EXAMPLES, WINDOW];
  const fires = readArray(bytes, entry("fires", [dSae]), "U32");
  const max = readFloats(bytes, entry("max", [dSae]));
  const lastFired = readArray(bytes, entry("last_fired", [dSae]), "I32");
  const binWidth = readFloats(bytes, entry("hist_bin_width", [dSae]));
  const counts = readArray(bytes, entry("hist_counts", [dSae, BINS]), "U32");
  const idEntry = entry("example_tokens", shape);
  const ids = readArray(bytes, idEntry, idEntry.dtype === "U16" ? "U16" : "I32");
  const activations = readArray(bytes, entry("example_activations", shape), "F16");
  const peak = readArray(bytes, entry("example_peak", [dSae, EXAMPLES]), "U8");
  const length = readArray(bytes, entry("example_length", [dSae, EXAMPLES]), "U8");
  return {
    tokens,
    row: (feature) => ({
      feature,
      density: fires[feature]! / tokens,
      max: max[feature]!,
      lastFired: fires[feature] === 0 ? null : lastFired[feature]!,
    }),
    histogram(feature) {
      const all = Array.from(counts.subarray(feature * BINS, (feature + 1) * BINS));
      return {
        binWidth: binWidth[feature]!,
        counts: all.slice(0, all.findLastIndex(Boolean) + 1),
      };
    },
    examples: (feature, n) =>
      Array.from({ length: Math.min(n, EXAMPLES) }, (_, i) => feature * EXAMPLES + i)
        .filter((slot) => length[slot]! > 0)
        .map((slot) => {
          const from = slot * WINDOW;
          const to = from + length[slot]!;
          return {
            ids: Array.from(ids.subarray(from, to)),
            activations: f16ToF32(activations.slice(from, to)),
            peak: peak[slot]!,
          };
        }),
  };
}
