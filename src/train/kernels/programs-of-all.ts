/**
 * The `count` largest of a whole array, in compute shaders as in `programs.ts`. The least of them is found byte by byte,
 * since positive floats are in the order of their bits: count by the first byte, find the byte that it has, go on among
 * those. Many workgroups count, each its share; one looks at what they found.
 */
import type { WebGPUProgram } from "@tensorflow/tfjs-backend-webgpu";

export const BYTES = [0, 1, 2, 3];
const BINS = 256;
const MOST_GROUPS = 256;
/** Values that an invocation should have at least, or there are fewer workgroups. */
const EACH = 16;
/** Workgroups that count so many values. */
export const groupsFor = (length: number): number =>
  Math.min(MOST_GROUPS, Math.max(1, Math.ceil(length / (BINS * EACH))));

/**
 * Counts by one byte → [groups, BINS]. Inputs: `x`, and `found`: [the bytes found so far, as a number; how many are still
 * wanted]. A number of 24 bits is exact in a float. Uniforms: `length` of x, `groups`.
 */
export const countByByte = (byte: number, groups: number): WebGPUProgram => ({
  variableNames: ["x", "found"],
  outputShape: [groups, BINS],
  dispatchLayout: { x: [0] },
  dispatch: [groups, 1, 1],
  workgroupSize: [BINS, 1, 1],
  uniforms: "length : i32, groups : i32,",
  shaderKey: `glassroom_count_by_byte_${byte}`,
  getUserCode: () => `
    var<workgroup> counts : array<atomic<u32>, ${BINS}>;
    fn main(_i : i32) {
      atomicStore(&counts[localIndex], 0u);
      workgroupBarrier();
      let group = i32(workgroupId.x);
      let prefix = u32(found[0]);
      for (var i = group * ${BINS} + i32(localIndex); i < uniforms.length; i += uniforms.groups * ${BINS}) {
        let bits = bitcast<u32>(x[i]);
        if (x[i] > 0.0 && ${byte === 0 ? "prefix == 0u" : `(bits >> ${32 - 8 * byte}u) == prefix`}) {
          atomicAdd(&counts[(bits >> ${24 - 8 * byte}u) & 255u], 1u);
        }
      }
      workgroupBarrier();
      result[group * ${BINS} + i32(localIndex)] = f32(atomicLoad(&counts[localIndex]));
    }`,
});

/** The next `found`, after the last byte [1]: the least value. Inputs: `counts` [groups, BINS], `found`. Uniforms: `groups`. */
export const findByte = (byte: number): WebGPUProgram => ({
  variableNames: ["counts", "found"],
  outputShape: [byte === 3 ? 1 : 2],
  dispatchLayout: { x: [0] },
  dispatch: [1, 1, 1],
  workgroupSize: [BINS, 1, 1],
  uniforms: "groups : i32,",
  shaderKey: `glassroom_find_byte_${byte}`,
  getUserCode: () => `
    var<workgroup> totals : array<u32, ${BINS}>;
    fn main(_i : i32) {
      var total = 0u;
      for (var group = 0; group < uniforms.groups; group++) {
        total += u32(counts[group * ${BINS} + i32(localIndex)]);
      }
      totals[localIndex] = total;
      workgroupBarrier();
      if (localIndex == 0u) {
        var wanted = u32(found[1]);
        var bin = ${BINS - 1}u;
        while (bin > 0u && totals[bin] < wanted) {
          wanted -= totals[bin];
          bin--;
        }
        let prefix = (u32(found[0]) << 8u) | bin;
        ${byte === 3 ? "result[0] = bitcast<f32>(prefix);" : "result[0] = f32(prefix); result[1] = f32(wanted);"}
      }
    }`,
});
