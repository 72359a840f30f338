/** The shaders of `programs-of-few.ts` put together to what `sparse.ts` asks for. Axis letters: B tokens, F latents, R of them. */
import type { TensorInfo } from "@tensorflow/tfjs-core";
import { type Gpu, runProgram, whole } from "./run-program.ts";
import {
  placesOfRows,
  slopesOfFew,
  type Strided,
  stridesOf,
  sumsOfFew,
  timesFew,
} from "./programs-of-few.ts";
import type { FeatureRange } from "./sparse-products.ts";

/** f's columns within the range, by its tokens, or by its features. */
function ends(f: TensorInfo, { from, to }: FeatureRange): Record<"tokens" | "features", Strided> {
  const [B, F] = f.shape as [number, number];
  return {
    tokens: { rows: B, columns: to - from, base: from, down: F, right: 1 },
    features: { rows: to - from, columns: B, base: from, down: 1, right: F },
  };
}

const listed = (gpu: Gpu, f: TensorInfo, by: Strided): TensorInfo =>
  runProgram(gpu, placesOfRows(by), { f }, whole(...stridesOf(by)));

/** @param first row of M that f's column 0 goes with */
const times = (
  gpu: Gpu,
  inputs: Record<"f" | "places" | "M", TensorInfo>,
  by: Strided,
  first: number,
): TensorInfo => {
  const width = inputs.M.shape[1]!;
  return runProgram(gpu, timesFew(by, width), inputs, whole(...stridesOf(by), width, first));
};

/** f W, [B, E] */
export function sparseTimes(
  gpu: Gpu,
  { f, W }: Record<"f" | "W", TensorInfo>,
  range: FeatureRange,
): TensorInfo {
  const by = ends(f, range).tokens;
  const places = listed(gpu, f, by);
  const product = times(gpu, { f, places, M: W }, by, range.from);
  gpu.disposeData(places.dataId);
  return product;
}

/** fᵀ g, ∂preᵀ x, and the sums of ∂pre and of f over the tokens. */
export function sparseGradients(
  gpu: Gpu,
  { f, g, x, W }: Record<"f" | "g" | "x" | "W", TensorInfo>,
  range: FeatureRange,
): TensorInfo[] {
  const { tokens, features } = ends(f, range);
  const [byToken, byFeature] = [listed(gpu, f, tokens), listed(gpu, f, features)];
  const dPre = runProgram(
    gpu,
    slopesOfFew(tokens),
    { places: byToken, g, M: W },
    whole(tokens.columns, W.shape[1]!, range.from),
  );
  const slopes = { ...features, base: 0, right: tokens.columns };
  const sums = (of: TensorInfo, by: Strided) =>
    runProgram(gpu, sumsOfFew(by), { f: of, places: byFeature }, whole(...stridesOf(by)));
  const found = [
    times(gpu, { f, places: byFeature, M: g }, features, 0),
    times(gpu, { f: dPre, places: byFeature, M: x }, slopes, 0),
    sums(dPre, slopes),
    sums(f, features),
  ];
  for (const { dataId } of [byToken, byFeature, dPre]) gpu.disposeData(dataId);
  return found;
}
