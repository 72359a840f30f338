/**
 * What single heads and single neurons write into the residual stream. Pure functions on row-major Float32Arrays, sums in
 * float64. Axis letters: R rows (positions of all prompts), H heads, h d_head, D d_model, m d_mlp, N neurons chosen.
 */
import { LabError } from "../core/lab-error.ts";
import { rowCount } from "./rows.ts";

/**
 * result[H] = z[H]·W_O[H]: TransformerLens's `hook_result`. Summed over heads, plus b_O, it is attn_out.
 * @param z_RHh [R, H, h]; `W_O_HhD` [H, h, D]
 * @returns [H, R, D], in the units of the residual stream
 */
export function headResults(
  z_RHh: Float32Array,
  W_O_HhD: Float32Array,
  nHeads: number,
): Float32Array {
  const width = Math.sqrt(W_O_HhD.length); // H·h = D in GPT-2
  const R = rowCount(z_RHh, width, "z");
  const [D, h] = [width, width / nHeads];
  const out = new Float32Array(nHeads * R * D);
  const sum_D = new Float64Array(D);
  for (let head = 0; head < nHeads; head++) {
    for (let r = 0; r < R; r++) {
      sum_D.fill(0);
      for (let i = head * h; i < (head + 1) * h; i++) {
        const z = z_RHh[r * width + i]!;
        for (let d = 0; d < D; d++) sum_D[d]! += z * W_O_HhD[i * D + d]!;
      }
      out.set(sum_D, (head * R + r) * D);
    }
  }
  return out;
}

/** `hook_result` with its heads first: [R, H, D] → [H, R, D]. */
export function headsFirst(result_RHD: Float32Array, nHeads: number, D: number): Float32Array {
  const R = rowCount(result_RHD, nHeads * D, "head results");
  const out = new Float32Array(result_RHD.length);
  for (let r = 0; r < R; r++) {
    for (let head = 0; head < nHeads; head++) {
      const from = (r * nHeads + head) * D;
      out.set(result_RHD.subarray(from, from + D), (head * R + r) * D);
    }
  }
  return out;
}

/**
 * post[n] · W_out[n]: what each neuron adds to the stream. Summed over all neurons, plus b_out, it is mlp_out.
 * @param post_Rm [R, m]; `W_out_mD` [m, D]
 * @param neurons indices below m, in the order of the result
 * @returns [N, R, D]
 */
export function neuronResults(
  post_Rm: Float32Array,
  W_out_mD: Float32Array,
  D: number,
  neurons: readonly number[],
): Float32Array {
  const m = rowCount(W_out_mD, D, "W_out");
  const R = rowCount(post_Rm, m, "post");
  checkNeurons(neurons, m);
  const out = new Float32Array(neurons.length * R * D);
  neurons.forEach((neuron, n) => {
    for (let r = 0; r < R; r++) {
      const a = post_Rm[r * m + neuron]!;
      const to = (n * R + r) * D;
      for (let d = 0; d < D; d++) out[to + d] = a * W_out_mD[neuron * D + d]!;
    }
  });
  return out;
}

/**
 * post[n] · (W_out[n] · u): the same along one direction, without the D-fold larger tensor in between.
 * @param u_D [D]
 * @returns [N, R]
 */
export function neuronsAlong(
  post_Rm: Float32Array,
  W_out_mD: Float32Array,
  u_D: Float32Array,
  neurons: readonly number[],
): Float32Array {
  const m = rowCount(W_out_mD, u_D.length, "W_out");
  const R = rowCount(post_Rm, m, "post");
  checkNeurons(neurons, m);
  const along_N = projected(
    neuronResults(new Float32Array(m).fill(1), W_out_mD, u_D.length, neurons),
    u_D,
  );
  return Float32Array.from(
    { length: neurons.length * R },
    (_, i) => post_Rm[(i % R) * m + neurons[Math.floor(i / R)]!]! * along_N[Math.floor(i / R)]!,
  );
}

/**
 * x·W·u for groups of W's inputs, with a u of its own for each row: what each head, or each neuron, writes along it. W·u
 * comes first, so that nothing of [R, D] a head or neuron is ever made. Sums in float64, rounded once.
 * @param x_RI inputs of W, [R, I]: z with its heads one after another, or post
 * @param along_NI W·u for N directions, [N, I]
 * @param which_R the direction of each row, −1 for none: NaN
 * @param group inputs that are summed: d_head for heads, 1 for neurons
 * @returns [I / group, R]
 */
export function groupsAlong(
  x_RI: Float32Array,
  along_NI: Float32Array,
  which_R: readonly number[],
  group: number,
): Float32Array {
  const R = which_R.length;
  const I = R === 0 ? 0 : x_RI.length / R;
  if (!Number.isInteger(I / group) || (I > 0 && along_NI.length % I !== 0)) {
    throw new LabError(
      "shape",
      `expected inputs [${R}, I] in groups of ${group} and directions [N, I], got ${x_RI.length} and ${along_NI.length} numbers`,
    );
  }
  return Float32Array.from({ length: (I / group) * R }, (_, i) => {
    const [first, r] = [Math.floor(i / R) * group, i % R];
    const direction = which_R[r]!;
    if (direction < 0) return NaN;
    let sum = 0;
    for (let k = first; k < first + group; k++) {
      sum += x_RI[r * I + k]! * along_NI[direction * I + k]!;
    }
    return sum;
  });
}

/** x · u on each row. @param x_RD [R, D] @returns [R] */
export function projected(x_RD: Float32Array, u_D: Float32Array): Float32Array {
  const D = u_D.length;
  return Float32Array.from({ length: rowCount(x_RD, D) }, (_, r) => {
    let sum = 0;
    for (let d = 0; d < D; d++) sum += x_RD[r * D + d]! * u_D[d]!;
    return sum;
  });
}

function checkNeurons(neurons: readonly number[], m: number): void {
  const wrong = neurons.find((n) => !Number.isInteger(n) || n < 0 || n >= m);
  if (wrong === undefined) return;
  throw new LabError("bad-input", `there is no neuron ${wrong}; a layer has 0 … ${m - 1}`);
}
