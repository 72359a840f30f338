/** Seeded damage to files, and what every reader must keep to whatever it is given. */
import { expect } from "vitest";
import { LabError } from "../../src/core/lab-error.ts";
import { keyedRandom } from "../../src/math/keyed-random.ts";
import { spoilt, textOf, treeOf } from "./json-tree.ts";

export type Random = () => number;

/** Where a reader may take longest; a case needs milliseconds, unless it does work that grows with what a number says. */
const MOST_MILLISECONDS = 2000;
const LONGEST_MESSAGE = 2500;

/** Lengths and offsets that arithmetic may trip over, as the 8 bytes that a file would hold. */
const LENGTHS = [0n, 1n, 7n, 255n, 2n ** 31n, 2n ** 32n, 2n ** 53n, 2n ** 63n, 2n ** 64n - 1n];

/** One kind of damage to bytes. */
export function mutateBytes(bytes: Uint8Array, random: Random): Uint8Array {
  const out = bytes.slice();
  const at = Math.floor(random() * bytes.length);
  const count = 1 + Math.floor(random() * 9);
  switch (Math.floor(random() * 8)) {
    case 0: // a bit
      out[at] = out[at]! ^ (1 << Math.floor(random() * 8));
      return out;
    case 1: // a byte
      out[at] = Math.floor(random() * 256);
      return out;
    case 2: // a cut
      return out.slice(0, at);
    case 3: // a hole
      return Uint8Array.from([...out.subarray(0, at), ...out.subarray(at + count)]);
    case 4: // a part twice
      return Uint8Array.from([...out.subarray(0, at + count), ...out.subarray(at)]);
    case 5: // an area of one value
      return out.fill(random() < 0.5 ? 0 : 0xff, at, at + count);
    case 6: // another length
      if (out.length < 8) return out;
      new DataView(out.buffer).setBigUint64(
        0,
        LENGTHS[Math.floor(random() * LENGTHS.length)]!,
        true,
      );
      return out;
    default: // digits are what offsets and sizes are made of
      for (let i = at; i < out.length; i++) {
        if (out[i]! < 0x30 || out[i]! > 0x39) continue;
        out[i] = 0x30 + Math.floor(random() * 10);
        return out;
      }
      return out;
  }
}

/** A JSON text with one to three places spoilt. */
export function mutateJson(value: unknown, random: Random): string {
  let tree = treeOf(value);
  for (let n = 1 + Math.floor(random() * 3); n > 0; n--) tree = spoilt(tree, random);
  return textOf(tree);
}

/**
 * Runs `cases` cases. Each may end well or in a `LabError` for the user, with a message that can be shown, soon.
 * @returns how many ended well
 */
export function fuzz(cases: number, seed: number, one: (random: Random) => void): number {
  let accepted = 0;
  for (let i = 0; i < cases; i++) {
    const start = performance.now();
    try {
      one(keyedRandom(seed, i));
      accepted++;
    } catch (e) {
      // Thrown again: an assertion that failed inside a case, or the crash that is looked for.
      if (!(e instanceof LabError)) throw new Error(`case ${i} of seed ${seed}`, { cause: e });
      expect(["bad-file", "unsupported"], e.message.slice(0, 200)).toContain(e.code);
      expect(e.message.length, e.message.slice(0, 200)).toBeLessThan(LONGEST_MESSAGE);
    }
    const took = performance.now() - start;
    expect(took, `milliseconds of case ${i} of seed ${seed}`).toBeLessThan(MOST_MILLISECONDS);
  }
  return accepted;
}
