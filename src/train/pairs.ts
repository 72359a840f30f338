/**
 * What a trainer is given: rows of activations, [B, D]; for a transcoder what is read and what is to be rebuilt side by side,
 * [B, D + E], so that both go through the buffer as one. Here they are taken apart, each in its own scale.
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";
import { LabError } from "../core/lab-error.ts";

/** What is read and what is rebuilt. */
export interface Ends {
  /** D */
  dIn: number;
  /** A transcoder's; not there for an autoencoder. */
  out?: { width: number; skip: boolean };
}
/** E */
export const widthOut = ({ dIn, out }: Ends): number => out?.width ?? dIn;
/** Of the rows that a trainer is given. */
export const rowWidth = ({ dIn, out }: Ends): number => dIn + (out?.width ?? 0);

export interface Scale {
  /** s = √D / mean ‖x‖ (SAELens's "expected_average_only_in"): after it the mean norm is √D. */
  scale: number;
  /** Mean of the scaled activations, [D]. */
  centre: Tensor1D;
}
/** Of what is read and of what is rebuilt: the very same for an autoencoder. */
export interface Scales {
  input: Scale;
  output: Scale;
}

/** For an autoencoder both are the very same. */
export interface Pair {
  x_BD: Tensor2D;
  /** [B, E] */
  y_BE: Tensor2D;
}

/** In the model's own scale. @param rows [B, D] or [B, D + E] @throws LabError "shape" for any other width */
export function pairOf(rows: Tensor2D, ends: Ends): Pair {
  const [B, width] = rows.shape;
  const { dIn, out } = ends;
  if (width !== rowWidth(ends)) {
    throw new LabError("shape", `expected rows of ${rowWidth(ends)} numbers, got ${width}`);
  }
  if (!out) return { x_BD: rows, y_BE: rows };
  return {
    x_BD: tf.slice2d(rows, [0, 0], [B, dIn]),
    y_BE: tf.slice2d(rows, [0, dIn], [B, out.width]),
  };
}

/** In the scale of training. */
export function scaledPair(rows: Tensor2D, ends: Ends, { input, output }: Scales): Pair {
  const { x_BD, y_BE } = pairOf(rows, ends);
  const x = tf.mul<Tensor2D>(x_BD, input.scale);
  return { x_BD: x, y_BE: y_BE === x_BD ? x : tf.mul<Tensor2D>(y_BE, output.scale) };
}

export const disposeScales = ({ input, output }: Scales): void =>
  tf.dispose([input.centre, output.centre]);
