/**
 * Dashboards as earlier versions stored them: examples as windows of 16 tokens on each side, no intervals, no correlations.
 * F latents, N examples each, strongest first, W tokens a window:
 * fires U32 [F] · max F32 [F] · last_fired I32 [F] · hist_bin_width F32 [F] · hist_counts U32 [F, bins] ·
 * example_tokens U16 or I32 [F, N, W] · example_activations F16 [F, N, W] · example_peak, example_length U8 [F, N]
 */
import { LabError } from "../core/lab-error.ts";
import { f16ToF32 } from "../formats/half.ts";
import { entryOf, parseSafetensors, readArray, readFloats } from "../formats/safetensors.ts";
import type { Dashboards } from "./stored-dashboards.ts";

export const FORMAT_1 = "glassroom-dashboards-1";
const EXAMPLES = 12;
const WINDOW = 33;
const BINS = 40;

/** @throws LabError "bad-file" if the file is broken or does not belong to an SAE of `dSae` latents */
export function readDashboards1(bytes: Uint8Array, dSae: number): Dashboards {
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
  if (header.metadata["format"] !== FORMAT_1 || !Number.isSafeInteger(tokens) || tokens < 1) {
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
    intervals: () => null,
    correlated: () => null,
  };
}
