/** model.safetensors.index.json, damaged: it is refused in words, or names plain files beside it. */
import { expect, it } from "vitest";
import { parseShardIndex } from "../../src/model/shards.ts";
import { fuzz, mutateBytes, mutateJson, type Random } from "../fuzz/mutate.ts";

const FILES = ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"];
const index = {
  metadata: { total_size: 1234 },
  weight_map: {
    "wte.weight": FILES[0]!,
    "wpe.weight": FILES[0]!,
    "h.0.ln_1.weight": FILES[1]!,
    "ln_f.bias": FILES[1]!,
  } as Record<string, string>,
};

function expectSound(text: string) {
  const { files, weightMap } = parseShardIndex(text);
  expect(new Set(weightMap.values())).toEqual(new Set(files));
  for (const file of files) {
    // Nothing that leads to another folder, site or query.
    expect(file).toMatch(/^[^/\\?#%:]+\.safetensors$/);
    expect(new URL(file, "https://example.com/a/b/").href).toBe(`https://example.com/a/b/${file}`);
  }
  return weightMap;
}

it("a sound index is read", () => {
  expect(Object.fromEntries(expectSound(JSON.stringify(index)))).toEqual(index.weight_map);
});

it("a spoilt index", () => {
  const accepted = fuzz(2500, 41, (random) => void expectSound(mutateJson(index, random)));
  expect(accepted).toBeGreaterThan(50);
});

it("damaged bytes", () => {
  const bytes = new TextEncoder().encode(JSON.stringify(index));
  fuzz(2000, 42, (random) => {
    expectSound(new TextDecoder().decode(mutateBytes(bytes, random)));
  });
});

it("names that lead elsewhere", () => {
  const parts = [
    "..",
    "/",
    "\\",
    "//host",
    "https:",
    "%2e%2e",
    "?x=",
    "#",
    "\u0000",
    " ",
    "a",
    "é",
  ];
  const name = (random: Random) =>
    Array.from(
      { length: 1 + Math.floor(random() * 4) },
      () => parts[Math.floor(random() * parts.length)],
    ).join("") + ".safetensors";
  fuzz(1500, 43, (random) => {
    const weight_map = { ...index.weight_map, "wte.weight": name(random) };
    expectSound(JSON.stringify({ ...index, weight_map }));
  });
});
