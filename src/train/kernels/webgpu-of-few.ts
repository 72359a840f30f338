/** The shaders of `programs-of-few.ts` put together to what `sparse.ts` asks for. Axis letters: B tokens, F latents, n blocks of them. */
import type { TensorInfo } from "@tensorflow/tfjs-core";
import { type Gpu, runProgram, whole } from "./run-program.ts";
import {
  placesOfRows,
  slopesOfFew,
  type Strided,
  stridesOf,
  sumsOfFew,
  timesFew,
  timesNested,
} from "./programs-of-few.ts";

/** f's entries by its tokens, or by its features. */
function sides({ shape }: TensorInfo): Record<"tokens" | "features", Strided> {
  const [B, F] = shape as [number, number];
  return {
    tokens: { rows: B, columns: F, base: 0, down: F, right: 1 },
    features: { rows: F, columns: B, base: 0, down: 1, right: F },
  };
}

const listed = (gpu: Gpu, f: TensorInfo, by: Strided): TensorInfo =>
  runProgram(gpu, placesOfRows(by), { f }, whole(...stridesOf(by)));

/** f W of the features before each end, [n, B, E] */
export function sparseTimes(
  gpu: Gpu,
  { f, W }: Record<"f" | "W", TensorInfo>,
  ends: readonly number[],
): TensorInfo {
  const by = sides(f).tokens;
  const width = W.shape[1]!;
  const places = listed(gpu, f, by);
  const uniforms = whole(...stridesOf(by), by.rows, width);
  const product = runProgram(gpu, timesNested(by, width, ends), { f, places, M: W }, uniforms);
  gpu.disposeData(places.dataId);
  return product;
}

/** fᵀ g, ∂preᵀ x, and the sums over the tokens. @param g [n, B, E] */
export function sparseGradients(
  gpu: Gpu,
  { f, g, x, W }: Record<"f" | "g" | "x" | "W", TensorInfo>,
  ends: readonly number[],
): TensorInfo[] {
  const { tokens, features } = sides(f);
  const [byToken, places] = [listed(gpu, f, tokens), listed(gpu, f, features)];
  const slopes = runProgram(
    gpu,
    slopesOfFew(tokens, ends),
    { places: byToken, g, M: W },
    whole(tokens.columns, W.shape[1]!),
  );
  const strides = stridesOf(features);
  const times = (left: TensorInfo, M: TensorInfo, blocks: readonly number[]) => {
    const width = M.shape.at(-1)!;
    const program = timesFew(features, width, blocks);
    return runProgram(gpu, program, { f: left, places, M }, whole(...strides, width));
  };
  const found = [
    times(f, g, ends),
    times(slopes, x, [features.rows]),
    runProgram(gpu, sumsOfFew(features), { slopes, f, places }, whole(...strides, features.rows)),
  ];
  for (const { dataId } of [byToken, places, slopes]) gpu.disposeData(dataId);
  return found;
}
