/**
 * Products over the few entries of a matrix that are not 0, in compute shaders as in `programs.ts`. First each row's places of
 * such entries are listed, in order, so that sums are the same each time; then a workgroup goes through a row's list. A
 * matrix is read by strides, so that its columns can be the rows: entry (row, column) is at base + row · down + column · right.
 */
import type { WebGPUProgram } from "@tensorflow/tfjs-backend-webgpu";

/** The matrix whose entries are few, as the shaders read it. */
export interface Strided {
  rows: number;
  columns: number;
  base: number;
  down: number;
  right: number;
}
export const STRIDES = "columns : i32, base : i32, down : i32, right : i32,";
export const stridesOf = ({ columns, base, down, right }: Strided) => [columns, base, down, right];

const LANES = 64;
const layout = { x: [0] };
const byRows = (rows: number) => ({
  dispatchLayout: layout,
  dispatch: [rows, 1, 1] as [number, number, number],
  workgroupSize: [LANES, 1, 1] as [number, number, number],
});
/** More rows than one dimension has workgroups are dispatched as a square, with some to spare. */
const rowOf = (rows: string) => `
      let row = i32((workgroupId.z * numWorkgroups.y + workgroupId.y) * numWorkgroups.x + workgroupId.x);
      let there = row < ${rows};
      let lane = i32(localIndex);`;
const AT = (column: string) => `uniforms.base + row * uniforms.down + ${column} * uniforms.right`;

/** → [rows, columns + 1]: of each row how many of `f`'s entries are not 0, then where. Each lane has a part of the columns. */
export const placesOfRows = ({ rows, columns }: Strided): WebGPUProgram => ({
  variableNames: ["f"],
  outputShape: [rows, columns + 1],
  ...byRows(rows),
  uniforms: STRIDES,
  shaderKey: "glassroom_places_of_rows",
  getUserCode: () => `
    var<workgroup> counts : array<i32, ${LANES}>;
    fn main(_i : i32) {${rowOf("uniforms.outShape.x")}
      let part = (uniforms.columns + ${LANES - 1}) / ${LANES};
      let start = lane * part;
      let end = select(start, min(start + part, uniforms.columns), there);
      var count = 0;
      for (var column = start; column < end; column++) {
        if (f[${AT("column")}] != 0.0) { count++; }
      }
      counts[lane] = count;
      workgroupBarrier();
      var next = row * (uniforms.columns + 1);
      if (there && lane == 0) {
        var total = 0;
        for (var other = 0; other < ${LANES}; other++) { total += counts[other]; }
        result[next] = f32(total);
      }
      next++;
      for (var other = 0; other < lane; other++) { next += counts[other]; }
      for (var column = start; column < end; column++) {
        if (f[${AT("column")}] != 0.0) {
          result[next] = f32(column);
          next++;
        }
      }
    }`,
});

/** Goes through a row's list: `act` with its `column`. */
const eachPlace = (from: string, by: number, act: string) => `
      let list = row * (uniforms.columns + 1);
      let count = select(0, i32(places[list]), there);
      for (var n = ${from}; n < count; n += ${by}) {
        let column = i32(places[list + 1 + n]);
        ${act}
      }`;

/** Of a number of columns in blocks that end at `ends`, which block `index` is in. */
const blockOf = (ends: readonly number[], index: string): string =>
  ends.length === 1
    ? "0"
    : `(${ends
        .slice(0, -1)
        .map((end) => `select(0, 1, ${index} >= ${end})`)
        .join(" + ")})`;

/** → [n, rows, width]: f M of the columns before each of `ends`. More uniform: `width`. */
export const timesNested = (
  { rows }: Strided,
  width: number,
  ends: readonly number[],
): WebGPUProgram => ({
  variableNames: ["f", "places", "M"],
  outputShape: [ends.length, rows, width],
  ...byRows(rows),
  uniforms: `${STRIDES} rows : i32, width : i32,`,
  shaderKey: `glassroom_times_nested_${ends.join()}`,
  getUserCode: () => `
    fn main(_i : i32) {${rowOf("uniforms.rows")}
      let end = select(0, uniforms.width, there);
      let list = row * (uniforms.columns + 1);
      let count = select(0, i32(places[list]), there);
      for (var e = lane; e < end; e += ${LANES}) {
        var sum = 0.0;
        var n = 0;
        ${ends
          .map(
            (end, block) => `
        while (n < count && i32(places[list + 1 + n]) < ${end}) {
          let column = i32(places[list + 1 + n]);
          sum += f[${AT("column")}] * M[column * uniforms.width + e];
          n++;
        }
        result[(${block} * uniforms.rows + row) * uniforms.width + e] = sum;`,
          )
          .join("")}
      }
    }`,
});

/** → [rows, width]: f M, where of M, [n, columns, width], each row has that of its block. More uniform: `width`. */
export const timesFew = (
  { rows }: Strided,
  width: number,
  ends: readonly number[],
): WebGPUProgram => ({
  variableNames: ["f", "places", "M"],
  outputShape: [rows, width],
  ...byRows(rows),
  uniforms: `${STRIDES} width : i32,`,
  shaderKey: `glassroom_times_few_${ends.join()}`,
  getUserCode: () => `
    fn main(_i : i32) {${rowOf("uniforms.outShape.x")}
      let end = select(0, uniforms.width, there);
      let first = ${blockOf(ends, "row")} * uniforms.columns;
      for (var e = lane; e < end; e += ${LANES}) {
        var sum = 0.0;
        ${eachPlace("0", 1, `sum += f[${AT("column")}] * M[(first + column) * uniforms.width + e];`)}
        result[row * uniforms.width + e] = sum;
      }
    }`,
});

/**
 * → [rows, columns]: where f is not 0 the product of g's row, of [n, rows, width], with M's row for that column, else 0. A lane
 * has an entry at a time.
 */
export const slopesOfFew = (
  { rows, columns }: Strided,
  ends: readonly number[],
): WebGPUProgram => ({
  variableNames: ["places", "g", "M"],
  outputShape: [rows, columns],
  ...byRows(rows),
  uniforms: "columns : i32, width : i32,",
  shaderKey: `glassroom_slopes_of_few_${ends.join()}`,
  getUserCode: () => `
    fn main(_i : i32) {${rowOf("uniforms.outShape.x")}
      let end = select(0, uniforms.columns, there);
      for (var column = lane; column < end; column += ${LANES}) {
        result[row * uniforms.columns + column] = 0.0;
      }
      storageBarrier();
      workgroupBarrier();
      ${eachPlace(
        "lane",
        LANES,
        `var sum = 0.0;
        let at = column * uniforms.width;
        let start = (${blockOf(ends, "column")} * uniforms.outShape.x + row) * uniforms.width;
        for (var e = 0; e < uniforms.width; e++) {
          sum += g[start + e] * M[at + e];
        }
        result[row * uniforms.columns + column] = sum;`,
      )}
    }`,
});

/** → [3, rows]: of each row of f the sums of `slopes`, [columns, rows], and of f itself, and how many entries are not 0. */
export const sumsOfFew = ({ rows }: Strided): WebGPUProgram => ({
  variableNames: ["slopes", "f", "places"],
  outputShape: [3, rows],
  dispatchLayout: layout,
  dispatch: [Math.ceil(rows / LANES), 1, 1],
  workgroupSize: [LANES, 1, 1],
  uniforms: `${STRIDES} rows : i32,`,
  shaderKey: "glassroom_sums_of_few",
  getUserCode: () => `
    fn main(row : i32) {
      let there = row < uniforms.rows;
      var sums = vec2(0.0);
      ${eachPlace("0", 1, `sums += vec2(slopes[column * uniforms.rows + row], f[${AT("column")}]);`)}
      if (there) {
        result[row] = sums.x;
        result[uniforms.rows + row] = sums.y;
        result[2 * uniforms.rows + row] = f32(count);
      }
    }`,
});
