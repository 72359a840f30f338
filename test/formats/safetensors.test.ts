import fc from "fast-check";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { LabError } from "../../src/core/lab-error.ts";
import {
  entryOf,
  headerEnd,
  parseHeader,
  parseSafetensors,
  readArray,
  readFloats,
} from "../../src/formats/safetensors.ts";
import { writeSafetensors } from "../../src/formats/safetensors-write.ts";

/** A file made by hand: header text as it is, then `dataBytes` bytes. */
function fileOf(header: string, dataBytes: number): Uint8Array {
  const json = new TextEncoder().encode(header);
  const file = new Uint8Array(8 + json.length + dataBytes);
  new DataView(file.buffer).setBigUint64(0, BigInt(json.length), true);
  file.set(json, 8);
  return file;
}
const tensor = (begin: number, end: number, shape = [(end - begin) / 4], dtype = "F32") => ({
  dtype,
  shape,
  data_offsets: [begin, end],
});
const withTensors = (tensors: Record<string, unknown>, dataBytes: number) =>
  fileOf(JSON.stringify(tensors), dataBytes);
const refusal = (bytes: Uint8Array): LabError => {
  try {
    parseSafetensors(bytes, "m.safetensors");
  } catch (e) {
    if (e instanceof LabError) return e;
    throw e;
  }
  throw new Error("the file was accepted");
};

describe("reading", () => {
  it("reads a file laid out by hand, at absolute offsets", () => {
    const file = withTensors({ b: tensor(8, 12), a: tensor(0, 8, [2, 1]) }, 12);
    const begin = file.length - 12;
    new DataView(file.buffer).setFloat32(begin + 4, -2.5, true);
    new DataView(file.buffer).setFloat32(begin + 8, 7, true);
    const header = parseSafetensors(file);
    expect([...header.tensors.keys()]).toEqual(["a", "b"]);
    expect(header.tensors.get("a")).toEqual({
      name: "a",
      dtype: "F32",
      shape: [2, 1],
      begin,
      end: begin + 8,
    });
    expect(readFloats(file, entryOf(header, "a"))).toEqual(Float32Array.of(0, -2.5));
    expect(readFloats(file, entryOf(header, "b"))).toEqual(Float32Array.of(7));
  });

  it("reads what the reference library wrote", () => {
    const url = new URL("../fixtures/tinylab-gpt2-4l/reference.safetensors", import.meta.url);
    const file = new Uint8Array(readFileSync(url));
    const header = parseSafetensors(file);
    expect(header.metadata).toMatchObject({ format: "pt" });
    const ids = entryOf(header, "p0.input_ids");
    expect(readArray(file, ids, "I32")).toHaveLength(ids.shape[0]!);
    expect(readFloats(file, entryOf(header, "p0.logits")).every(Number.isFinite)).toBe(true);
    expect(() => readFloats(file, ids)).toThrow(/"p0.input_ids" is stored as I32/);
    expect(() => readArray(file, ids, "U8")).toThrow(/is I32, but U8 was expected/);
    expect(() => entryOf(header, "p9.logits")).toThrow(
      /no tensor "p9.logits"; it has p0.input_ids/,
    );
  });

  it("accepts an empty header, tensors without elements and scalars", () => {
    expect(parseSafetensors(fileOf("{}  ", 0)).tensors.size).toBe(0);
    const file = withTensors({ none: tensor(0, 0, [0, 5]), one: tensor(0, 4, []) }, 4);
    expect(parseSafetensors(file).tensors.size).toBe(2);
  });

  it("needs no more than the header of a file that is elsewhere", () => {
    const file = withTensors({ a: tensor(0, 8) }, 8);
    const head = file.slice(0, headerEnd(file, file.length));
    expect(parseHeader(head, file.length).tensors.get("a")?.end).toBe(file.length);
    expect(() => parseHeader(head.subarray(0, 20), file.length)).toThrow(/only 20 of its header/);
  });
});

describe("refusing", () => {
  const long = new Uint8Array(20);
  new DataView(long.buffer).setBigUint64(0, 2n ** 63n, true);
  it.each([
    ["nothing", new Uint8Array(0), /has 0 bytes, too few/],
    ["a header length without header", new Uint8Array(9), /has 9 bytes, too few/],
    ["a huge header", long, /header would be 9223372036854775808 bytes long \(at most 100000000/],
    [
      "a header past the end",
      fileOf("{}", 0).with(0, 99),
      /end at byte 107, .* has only 10: it is cut/,
    ],
    ["another beginning", fileOf("[] ", 0), /begins with byte 91, not with "\{"/],
    ["broken JSON", fileOf("{,}", 0), /no JSON \("\{,\}"\)/],
    ["broken UTF-8", fileOf('{"a":1}', 0).with(10, 0xff), /no UTF-8/],
    ["a name held twice", fileOf('{"a":[],"\\u0061":[]}', 0), /names "a" twice/],
    ["metadata of numbers", fileOf('{"__metadata__":{"a":1}}', 0), /"__metadata__" is \{"a":1\}/],
    [
      "an unknown dtype",
      withTensors({ a: tensor(0, 4, [1], "F33") }, 4),
      /"a" has dtype "F33"; known/,
    ],
    [
      "a missing dtype",
      withTensors({ a: { shape: [], data_offsets: [0, 1] } }, 1),
      /dtype missing/,
    ],
    ["a negative size", withTensors({ a: tensor(0, 4, [-1]) }, 4), /"a" has shape \[-1\]/],
    ["a fractional size", withTensors({ a: tensor(0, 4, [0.5]) }, 4), /"a" has shape \[0.5\]/],
    [
      "offsets that are no pair",
      withTensors({ a: { ...tensor(0, 4), data_offsets: [0] } }, 4),
      /\[0\]/,
    ],
    [
      "a shape that does not fit",
      withTensors({ a: tensor(0, 8, [3]) }, 8),
      /\[3\] .* takes 12 bytes, .* hold 8/,
    ],
    [
      "a shape beyond counting",
      withTensors({ a: tensor(0, 8, [2 ** 52, 2 ** 52]) }, 8),
      /takes .* hold 8/,
    ],
    ["half a byte", withTensors({ a: tensor(0, 1, [3], "F4") }, 1), /takes 1.5 bytes/],
    ["offsets backwards", withTensors({ a: tensor(4, 0, [1]) }, 4), /hold -4/],
    [
      "an overlap",
      withTensors({ a: tensor(0, 8), b: tensor(4, 12) }, 12),
      /"b" begins at byte \d+, inside tensor "a"/,
    ],
    [
      "a hole",
      withTensors({ a: tensor(0, 4), b: tensor(8, 12) }, 12),
      /between tensor "a" and tensor "b" belong to/,
    ],
    [
      "a hole at the start",
      withTensors({ a: tensor(4, 8) }, 8),
      /between the header and tensor "a"/,
    ],
    [
      "a cut-off end",
      withTensors({ a: tensor(0, 8) }, 7),
      /"a" ends at byte \d+, .* it is cut off/,
    ],
    ["trailing bytes", withTensors({ a: tensor(0, 8) }, 9), /but the file goes on to/],
    ["a tensor that is null", withTensors({ a: null }, 0), /"a" is null, not an object/],
  ])("%s", (_, bytes, message) => {
    const error = refusal(bytes);
    expect(error.code).toBe("bad-file");
    expect(error.message).toMatch(message);
    expect(error.message).toMatch(/^m\.safetensors /);
  });

  it("a header nested a million deep, quickly", () => {
    const deep = "[".repeat(1e6) + "]".repeat(1e6);
    expect(refusal(fileOf(`{"a":${deep}}`, 0)).code).toBe("bad-file");
    expect(refusal(fileOf(`{"a":{"dtype":"F32","shape":${deep}}}`, 0)).code).toBe("bad-file");
    expect(refusal(fileOf(`{"a":${"[".repeat(1e6)}}`, 0)).code).toBe("bad-file");
  });

  it("a shape of a million axes, in a short message", () => {
    const file = withTensors({ a: tensor(0, 4, Array<number>(1e6).fill(2)) }, 4);
    expect(refusal(file).message.length).toBeLessThan(400);
  });
});

describe("whatever the bytes", () => {
  const file = writeSafetensors(
    [
      { name: "wte.weight", dtype: "F32", shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) },
      { name: "ids", dtype: "I64", shape: [2], data: BigInt64Array.of(1n, -1n) },
      { name: "half", dtype: "F16", shape: [3], data: Float32Array.of(0.5, -1, 2) },
      { name: "flags", dtype: "U8", shape: [5], data: Uint8Array.of(1, 2, 3, 4, 5) },
    ],
    { made: "by hand" },
  );
  /** Either a header whose tensors can all be sliced out of the bytes, or a LabError "bad-file". */
  const holds = (bytes: Uint8Array) => {
    try {
      for (const { begin, end } of parseSafetensors(bytes).tensors.values()) {
        expect(begin >= 8 && begin <= end && end <= bytes.length).toBe(true);
      }
    } catch (e) {
      expect(e).toBeInstanceOf(LabError);
      expect((e as LabError).code).toBe("bad-file");
    }
  };

  it("a file cut anywhere is refused", () => {
    for (let n = 0; n < file.length; n++) {
      expect(refusal(file.subarray(0, n)).message).toMatch(/cut off|too few|only/);
    }
    expect(parseSafetensors(file).tensors.size).toBe(4);
  });

  it("a file with any bytes changed is read or refused", () => {
    const change = fc.tuple(fc.nat(file.length - 1), fc.nat(255));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
        holds(changes.reduce((bytes, [at, value]) => bytes.with(at, value), file));
      }),
      { numRuns: 2000 },
    );
  });

  it("any JSON as header is read or refused", () => {
    const field = fc.oneof(
      fc.jsonValue(),
      fc.array(fc.oneof(fc.nat(16), fc.double()), { maxLength: 3 }),
      fc.constantFrom("F32", "I64", "__proto__", "toString"),
    );
    const entry = fc.oneof(
      fc.record({ dtype: field, shape: field, data_offsets: field }, { requiredKeys: [] }),
      field,
    );
    const name = fc.oneof(fc.string(), fc.constantFrom("__proto__", "__metadata__", "a"));
    fc.assert(
      fc.property(fc.dictionary(name, entry), fc.nat(32), (header, size) =>
        holds(withTensors(header, size)),
      ),
      { numRuns: 2000 },
    );
  });

  it("any bytes are read or refused", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), fc.boolean(), (bytes, plausible) => {
        if (plausible && bytes.length > 8) new DataView(bytes.buffer).setBigUint64(0, 9n, true);
        holds(bytes);
      }),
      { numRuns: 2000 },
    );
  });

  it("tensors that lie anywhere are accepted only when they fill the file without overlap", () => {
    const span = fc.tuple(fc.nat(6), fc.nat(4));
    fc.assert(
      fc.property(fc.array(span, { maxLength: 4 }), fc.nat(8), (spans, size) => {
        const owners = new Array<number>(size).fill(0);
        let inside = true;
        for (const [begin, length] of spans) {
          for (let i = begin; i < begin + length; i++) {
            if (i < size) owners[i]!++;
            else inside = false;
          }
        }
        const tensors = spans.map(([begin, length], i) => [
          `t${i}`,
          tensor(begin, begin + length, [length], "U8"),
        ]);
        const bytes = withTensors(Object.fromEntries(tensors), size);
        const exact = inside && owners.every((n) => n === 1);
        if (!exact) return void expect(refusal(bytes).code).toBe("bad-file");
        // An empty tensor may stand anywhere between others; inside another one it is refused.
        if (spans.every(([, length]) => length > 0)) {
          expect(parseSafetensors(bytes).tensors.size).toBe(spans.length);
        } else holds(bytes);
      }),
      { numRuns: 2000 },
    );
  });
});
