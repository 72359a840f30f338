import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { entryOf, parseSafetensors, readArray, readFloats } from "../../src/formats/safetensors.ts";
import { writeSafetensors } from "../../src/formats/safetensors-write.ts";

describe("writeSafetensors", () => {
  it("lays out larger elements first, aligned, and pads the header to 8 bytes", () => {
    const file = writeSafetensors([
      { name: "b", dtype: "U8", shape: [3], data: Uint8Array.of(7, 8, 9) },
      { name: "z", dtype: "F32", shape: [1, 2], data: Float32Array.of(1.5, -2) },
      { name: "a", dtype: "I64", shape: [1], data: BigInt64Array.of(-5n) },
    ]);
    const header = parseSafetensors(file);
    expect([...header.tensors.keys()]).toEqual(["a", "z", "b"]);
    expect(header.dataBegin % 8).toBe(0);
    expect(entryOf(header, "z").begin).toBe(header.dataBegin + 8);
    expect(Array.from(file.subarray(-3))).toEqual([7, 8, 9]);
  });

  it("gives back bit for bit what it was given", () => {
    const bits = fc.uint8Array({ maxLength: 40 });
    const name = fc.oneof(fc.string(), fc.string({ unit: "binary" }), fc.constant("__proto__"));
    const names = fc.uniqueArray(
      name.filter((n) => n !== "__metadata__"),
      { maxLength: 4 },
    );
    fc.assert(
      fc.property(names, bits, fc.dictionary(name, fc.string()), (unique, bytes, metadata) => {
        const words = new Int32Array(bytes.slice(0, bytes.length & ~3).buffer);
        const floats = new Float32Array(words.buffer);
        const file = writeSafetensors(
          unique.flatMap((n) => [
            { name: n, dtype: "F32" as const, shape: [floats.length], data: floats },
            { name: `${n} words`, dtype: "I32" as const, shape: [words.length], data: words },
            { name: `${n} bytes`, dtype: "U8" as const, shape: [bytes.length, 1], data: bytes },
          ]),
          metadata,
        );
        const header = parseSafetensors(file);
        expect(header.tensors.size).toBe(3 * unique.length);
        expect(Object.entries(header.metadata)).toEqual(Object.entries(metadata));
        for (const n of unique) {
          const back = readFloats(file, entryOf(header, n));
          expect(new Int32Array(back.buffer)).toEqual(words);
          expect(readArray(file, entryOf(header, `${n} words`), "I32")).toEqual(words);
          expect(readArray(file, entryOf(header, `${n} bytes`), "U8")).toEqual(bytes);
        }
      }),
    );
  });

  it("rounds float32 to F16 on the way", () => {
    const file = writeSafetensors([
      { name: "h", dtype: "F16", shape: [3], data: Float32Array.of(1 / 3, 65504, -0) },
    ]);
    const read = readFloats(file, entryOf(parseSafetensors(file), "h"));
    expect(Array.from(read)).toEqual([0.333251953125, 65504, -0]);
  });

  it("refuses data that does not fit, and a name given twice", () => {
    const one = { name: "a", dtype: "F32", shape: [2], data: Float32Array.of(1) } as const;
    expect(() => writeSafetensors([one])).toThrow(
      /"a" .* \[2\] needs 2 values, got a Float32Array of 1/,
    );
    const good = { ...one, shape: [1] };
    expect(() => writeSafetensors([good, good])).toThrow(/two tensors are named "a"/);
    expect(() => writeSafetensors([{ ...good, name: "__metadata__" }])).toThrow(/two tensors/);
  });

  it("is read alike by an independent reader", () => {
    const file = writeSafetensors(
      [
        { name: "m", dtype: "F32", shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) },
        { name: "n", dtype: "U16", shape: [1], data: Uint16Array.of(258) },
      ],
      { by: "us" },
    );
    // Written from the format's description alone, with nothing of ours.
    const reader = `
      const bytes = require("node:fs").readFileSync(0), n = Number(bytes.readBigUInt64LE(0));
      const head = JSON.parse(bytes.subarray(8, 8 + n).toString());
      const at = (name, i, size) => 8 + n + head[name].data_offsets[0] + i * size;
      console.log(JSON.stringify([head.__metadata__, head.m.shape, bytes.readFloatLE(at("m", 3, 4)), bytes.readUInt16LE(at("n", 0, 2))]));`;
    const out = execFileSync(process.execPath, ["-e", reader], { input: file, encoding: "utf8" });
    expect(JSON.parse(out)).toEqual([{ by: "us" }, [2, 2], 4, 258]);
  });
});
