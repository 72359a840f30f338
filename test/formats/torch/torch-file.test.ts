/** What PyTorch wrote is read as PyTorch reads it; what would run something, or is damaged, is refused by name. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { readTorchFile, TorchTensor } from "../../../src/formats/torch/torch-file.ts";
import { readStoredZip } from "../../../src/formats/torch/stored-zip.ts";
import { fuzz, mutateBytes } from "../../fuzz/mutate.ts";

interface Fixture {
  files: Record<string, string>;
  expected: Record<string, Record<string, { shape: number[]; values: number[] }>>;
}
const fixture = JSON.parse(
  readFileSync(new URL("../../fixtures/torch-files.json", import.meta.url), "utf8"),
) as Fixture;
const bytesOf = (name: string) => new Uint8Array(Buffer.from(fixture.files[name]!, "base64"));
const read = (name: string) => readTorchFile(bytesOf(name), "ae.pt") as Map<string, unknown>;

describe("a file of torch.save", () => {
  it.each([
    ["types", "types"],
    ["protocol4", "types"],
    ["views", "views"],
    ["module", "module"],
  ])("%s holds what PyTorch put there", (name, expected) => {
    const found = read(name);
    expect([...found.keys()]).toEqual(Object.keys(fixture.expected[expected]!));
    for (const [key, { shape, values }] of Object.entries(fixture.expected[expected]!)) {
      const tensor = found.get(key) as TorchTensor;
      expect([...tensor.shape], key).toEqual(shape);
      expect([...tensor.floats()], key).toEqual([...Float32Array.from(values)]);
    }
  });

  it("holds texts and numbers too", () => {
    expect(Object.fromEntries(read("plain"))).toEqual({
      ...{ text: "k ·", number: 32, large: 2 ** 40, real: 0.25, none: null, yes: true },
      ...{ list: [1, [2, "a"]], tuple: [1, 2, 3, 4] },
    });
  });

  it.each([
    ["evil", /asks Python to load "posix.system".*nothing in a file is run/],
    ["whole", /asks Python to load "torch.nn.modules.linear.Linear"/],
    ["legacy", /since PyTorch 1\.6; load and save it again/],
    ["pickleAlone", /since PyTorch 1\.6/],
    ["compressed", /is compressed/],
    ["noPickle", /no data\.pkl/],
    ["noStorage", /numbers of a tensor are missing/],
    ["expanded", /shape \[1000000000000\] does not fit its 1 numbers/],
  ])("%s is refused, and says why", (name, why) => {
    expect(() => readTorchFile(bytesOf(name), "ae.pt")).toThrow(why);
    expect(() => readTorchFile(bytesOf(name), "ae.pt")).toThrow(/^ae\.pt /);
  });

  it("is not copied by the archive reader", () => {
    const bytes = bytesOf("views");
    for (const entry of readStoredZip(bytes, "ae.pt").values()) {
      expect(entry.buffer).toBe(bytes.buffer);
    }
  });
});

describe("damaged files", () => {
  it.each(["types", "views", "plain", "evil"])("%s: none crashes or hangs the reader", (name) => {
    const whole = bytesOf(name);
    fuzz(1500, 21, (random) => {
      const value = readTorchFile(mutateBytes(whole, random), "ae.pt");
      if (!(value instanceof Map)) return;
      for (const each of value.values()) if (each instanceof TorchTensor) each.floats();
    });
  });

  it("pickles of random bytes", () => {
    const whole = bytesOf("plain");
    const [from, size] = placeOf(whole, "data.pkl");
    fuzz(4000, 22, (random) => {
      const bytes = whole.slice();
      for (let i = 0; i < size; i++)
        if (random() < 0.2) bytes[from + i] = Math.floor(random() * 256);
      readTorchFile(bytes, "ae.pt");
    });
  });
});

/** Where an entry's data is in the archive. */
function placeOf(bytes: Uint8Array, ending: string): [from: number, size: number] {
  const [, entry] = [...readStoredZip(bytes, "x")].find(([name]) => name.endsWith(ending))!;
  return [entry.byteOffset - bytes.byteOffset, entry.length];
}
