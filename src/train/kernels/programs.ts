/**
 * Compute shaders for TensorFlow.js's WebGPU backend, which adds the bindings and the entry point: a value per element,
 * sums down the columns, the k largest of each row. (Those of everything: `programs-of-all.ts`.) A shader must use all its inputs and uniforms, since
 * the backend lets WebGPU derive the layout of the bindings.
 */
import type { WebGPUProgram } from "@tensorflow/tfjs-backend-webgpu";

const all = (shape: readonly number[]) => ({ x: shape.map((_, axis) => axis) });
const sizeOf = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);

const ELEMENTS = 64;

/**
 * result[i] = value(i), one invocation each.
 * @param value WGSL of i, of the inputs as arrays by their names, and of the uniforms as `uniforms.name`
 */
export function elementwise(
  name: string,
  shape: number[],
  inputs: string[],
  value: string,
  uniforms = "",
): WebGPUProgram {
  return {
    variableNames: inputs,
    outputShape: shape,
    dispatchLayout: all(shape),
    dispatch: [Math.ceil(sizeOf(shape) / ELEMENTS), 1, 1],
    workgroupSize: [ELEMENTS, 1, 1],
    size: true,
    uniforms,
    shaderKey: `glassroom_${name}`,
    getUserCode: () => `
      fn main(i : i32) {
        if (i < uniforms.size) { result[i] = ${value}; }
      }`,
  };
}

/** A workgroup has so many columns side by side, and as many invocations share each column's rows. */
const TILE = 16;

/**
 * [R, C] → [Q, C]: the sums over the rows of Q terms. Uniforms: `rows`, `columns`.
 * @param terms WGSL of i, the place in a [R, C] array, and of `column`
 */
export function columnReduction(
  name: string,
  columns: number,
  inputs: string[],
  terms: readonly string[],
): WebGPUProgram {
  const shape = terms.length === 1 ? [columns] : [terms.length, columns];
  const each = (line: (q: number, term: string) => string) =>
    terms.map((term, q) => line(q, term)).join("\n");
  return {
    variableNames: inputs,
    outputShape: shape,
    dispatchLayout: all(shape),
    dispatch: [Math.ceil(columns / TILE), 1, 1],
    workgroupSize: [TILE, TILE, 1],
    uniforms: "rows : i32, columns : i32,",
    shaderKey: `glassroom_${name}`,
    getUserCode: () => `
      var<workgroup> parts : array<f32, ${TILE * TILE * terms.length}>;
      fn main(_i : i32) {
        let column = i32(workgroupId.x) * ${TILE} + i32(localId.x);
        ${each((q) => `var sum${q} = 0.0;`)}
        if (column < uniforms.columns) {
          for (var row = i32(localId.y); row < uniforms.rows; row += ${TILE}) {
            let i = row * uniforms.columns + column;
            ${each((q, term) => `sum${q} += ${term};`)}
          }
        }
        ${each((q) => `parts[${q * TILE * TILE} + i32(localIndex)] = sum${q};`)}
        workgroupBarrier();
        if (localId.y == 0u && column < uniforms.columns) {
          for (var q = 0; q < ${terms.length}; q++) {
            var total = 0.0;
            for (var part = 0; part < ${TILE}; part++) {
              total += parts[q * ${TILE * TILE} + part * ${TILE} + i32(localId.x)];
            }
            result[q * uniforms.columns + column] = total;
          }
        }
      }`,
  };
}

const TOTAL_LANES = 256;

/**
 * → [2]: see `clip` in `fused.ts`. Inputs: vectors `squares…`, whose sum counts, and `values…`, the sum of whose squares does;
 * `across` [2, F], of which the second row counts less the squares of the first. Uniform: `longest`.
 */
export const clipOf = (inputs: string[], sizes: readonly number[]): WebGPUProgram => ({
  variableNames: inputs,
  outputShape: [2],
  dispatchLayout: all([2]),
  dispatch: [1, 1, 1],
  workgroupSize: [TOTAL_LANES, 1, 1],
  uniforms: "longest : f32,",
  shaderKey: `glassroom_clip_${inputs.join()}_${sizes.join()}`,
  getUserCode: () => `
    var<workgroup> sums : array<f32, ${TOTAL_LANES}>;
    fn main(_i : i32) {
      var sum = 0.0;
      ${inputs.map((input, n) => squaresIn(input, sizes[n]!)).join("\n")}
      sums[localIndex] = sum;
      workgroupBarrier();
      if (localIndex == 0u) {
        var total = 0.0;
        for (var lane = 0; lane < ${TOTAL_LANES}; lane++) { total += sums[lane]; }
        let norm = sqrt(total);
        result[0] = norm;
        result[1] = min(uniforms.longest / (norm + 1e-6), 1.0);
      }
    }`,
});
function squaresIn(input: string, size: number): string {
  const half = size / 2;
  const [count, square] = input.startsWith("squares")
    ? [size, `${input}[i]`]
    : input.startsWith("values")
      ? [size, `${input}[i] * ${input}[i]`]
      : [half, `${input}[${half} + i] - ${input}[i] * ${input}[i]`];
  return `for (var i = i32(localIndex); i < ${count}; i += ${TOTAL_LANES}) { sum += ${square}; }`;
}

const LANES = 64;

/**
 * [R, C]: x where x is above 0 and among its row's `k` largest, else 0; a workgroup has a row. The k-th largest is found
 * byte by byte, since positive floats are in the order of their bits: count by the first byte, find the byte that the k-th
 * has, go on among those. With fewer than k above 0 the bytes found are all 0, and everything above 0 is kept.
 * Uniforms: `columns`, `k`.
 */
export const largestOfRow = (rows: number, columns: number): WebGPUProgram => ({
  variableNames: ["x"],
  outputShape: [rows, columns],
  dispatchLayout: all([rows, columns]),
  dispatch: [rows, 1, 1],
  workgroupSize: [LANES, 1, 1],
  uniforms: "columns : i32, k : i32,",
  shaderKey: "glassroom_largest_of_row",
  getUserCode: () => `
    var<workgroup> counts : array<atomic<u32>, 256>;
    var<workgroup> prefix : u32;
    var<workgroup> wanted : u32;
    fn main(_i : i32) {
      // More rows than one dimension has workgroups are dispatched as a square, with some to spare.
      let group = (workgroupId.z * numWorkgroups.y + workgroupId.y) * numWorkgroups.x + workgroupId.x;
      let start = i32(group) * uniforms.columns;
      let end = select(start, start + uniforms.columns, i32(group) < uniforms.outShape.x);
      if (localIndex == 0u) { wanted = u32(uniforms.k); }
      for (var byte = 0u; byte < 4u; byte++) {
        let shift = 24u - 8u * byte;
        for (var bin = localIndex; bin < 256u; bin += ${LANES}u) { atomicStore(&counts[bin], 0u); }
        workgroupBarrier();
        for (var i = start + i32(localIndex); i < end; i += ${LANES}) {
          let bits = bitcast<u32>(x[i]);
          if (x[i] > 0.0 && (byte == 0u || (bits >> (shift + 8u)) == prefix)) {
            atomicAdd(&counts[(bits >> shift) & 255u], 1u);
          }
        }
        workgroupBarrier();
        if (localIndex == 0u) {
          var bin = 255u;
          while (bin > 0u && atomicLoad(&counts[bin]) < wanted) {
            wanted -= atomicLoad(&counts[bin]);
            bin--;
          }
          prefix = (prefix << 8u) | bin;
        }
        workgroupBarrier();
      }
      for (var i = start + i32(localIndex); i < end; i += ${LANES}) {
        result[i] = select(0.0, x[i], !(x[i] <= 0.0) && bitcast<u32>(x[i]) >= prefix);
      }
    }`,
});
