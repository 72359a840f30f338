/** Safetensors files: every sound one is read, of thousands of damaged ones none crashes or stops the reader. */
import { expect, it } from "vitest";
import type { Dtype } from "../../src/formats/dtypes.ts";
import { DTYPE_BITS } from "../../src/formats/dtypes.ts";
import { parseSafetensors } from "../../src/formats/safetensors.ts";
import { textOf, treeOf } from "../fuzz/json-tree.ts";
import { fuzz, mutateBytes, mutateJson, type Random } from "../fuzz/mutate.ts";

type Header = Record<string, { dtype: Dtype; shape: number[]; data_offsets: [number, number] }>;

const integer = (random: Random, below: number) => Math.floor(random() * below);
const NAMES = [
  "wte.weight",
  "h.0.attn.c_attn.weight",
  "é",
  "\u0000",
  "constructor",
  "a b",
  "",
  '"',
];
const WHOLE_BYTES = (Object.keys(DTYPE_BITS) as Dtype[]).filter((d) => DTYPE_BITS[d] % 8 === 0);

/** A sound file of up to six tensors, scalars and empty ones among them, its header in any order. */
function soundFile(random: Random): { header: Header; dataBytes: number } {
  const entries: [string, Header[string]][] = [];
  let at = 0;
  for (let n = integer(random, 7); n > 0; n--) {
    const dtype = WHOLE_BYTES[integer(random, WHOLE_BYTES.length)]!;
    const shape = Array.from({ length: integer(random, 4) }, () => integer(random, 5));
    const end = at + (shape.reduce((a, b) => a * b, 1) * DTYPE_BITS[dtype]) / 8;
    entries.push([`${NAMES[n]!}${n}`, { dtype, shape, data_offsets: [at, end] }]);
    at = end;
  }
  entries.sort(() => random() - 0.5);
  return { header: Object.fromEntries(entries), dataBytes: at };
}

function fileOf(header: string, dataBytes: number, padding = 0): Uint8Array {
  const json = new TextEncoder().encode(header + " ".repeat(padding));
  const file = new Uint8Array(8 + json.length + dataBytes);
  new DataView(file.buffer).setBigUint64(0, BigInt(json.length), true);
  file.set(json, 8);
  return file;
}

/** What a header says must lie in the file, each byte of the data in one tensor. */
function expectTiled(bytes: Uint8Array) {
  const { tensors, dataBegin } = parseSafetensors(bytes);
  let at = dataBegin;
  for (const { shape, dtype, begin, end } of tensors.values()) {
    expect(begin).toBe(at);
    const count = shape.reduce((a, b) => a * b, 1);
    expect(8 * (end - begin)).toBe(Math.abs(count) * DTYPE_BITS[dtype]); // JSON has a −0, too
    at = end;
  }
  expect(at).toBe(bytes.length);
  return tensors;
}

it("sound files are read, whatever their order, spacing, padding and names", () => {
  const accepted = fuzz(1500, 1, (random) => {
    const { header, dataBytes } = soundFile(random);
    const text = textOf(treeOf(header), [" ", "", "\n\t"][integer(random, 3)]);
    const tensors = expectTiled(fileOf(text, dataBytes, integer(random, 9)));
    expect(tensors.size).toBe(Object.keys(header).length);
    for (const [name, { dtype, shape }] of Object.entries(header)) {
      expect(tensors.get(name)).toMatchObject({ name, dtype, shape });
    }
  });
  expect(accepted).toBe(1500);
});

it("damaged bytes are refused, or read as what they say", () => {
  const accepted = fuzz(3000, 2, (random) => {
    const { header, dataBytes } = soundFile(random);
    let bytes = fileOf(JSON.stringify(header), dataBytes);
    for (let n = 1 + integer(random, 3); n > 0; n--) bytes = mutateBytes(bytes, random);
    expectTiled(bytes);
  });
  expect(accepted).toBeGreaterThan(0);
});

it("spoilt headers are refused, or read as what they say", () => {
  fuzz(3000, 3, (random) => {
    const { header, dataBytes } = soundFile(random);
    expectTiled(fileOf(mutateJson(header, random), dataBytes));
  });
});

it("a length field takes no memory that the file does not have", () => {
  for (const length of [9, 64, 4095, 1e6, 99_999_999]) {
    const bytes = new Uint8Array(64).fill(0x7b);
    new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true);
    expect(() => parseSafetensors(bytes)).toThrow(/cannot be read/);
  }
});
