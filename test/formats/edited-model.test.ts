/** The list of edits as a file: a round trip, refusals that name the place, and thousands of damaged ones. */
import { describe, expect, it } from "vitest";
import { allComponents, type TuneComponent, type WeightEdit } from "../../src/core/model-edit.ts";
import { partSize, partsOf } from "../../src/core/weight-parts.ts";
import {
  type EditedFile,
  readEditedFile,
  readEditedModel,
  writeEditedFile,
} from "../../src/formats/edited-model.ts";
import { fuzz, mutateJson } from "../fuzz/mutate.ts";

const shape = { n_layer: 2, n_head: 3, n_embd: 6, n_inner: 5, vocab_size: 11 };
const components: TuneComponent[] = [
  { kind: "head", layer: 1, head: 2 },
  { kind: "norms", layer: 0 },
];
const edits: WeightEdit[] = [
  { kind: "scale", target: { kind: "head", layer: 0, head: 2 }, factor: -0.5, on: true },
  {
    kind: "mean",
    target: { kind: "neuron", layer: 1, neuron: 4 },
    mean: [0.1],
    contexts: 32,
    on: false,
  },
  {
    kind: "bias",
    hook: "blocks.1.hook_mlp_out",
    vector: [1, 2, 3, 4, 5, 6.5],
    amount: 2,
    from: "x",
    on: true,
  },
  {
    ...{ kind: "bias", hook: "blocks.0.attn.hook_q", head: 2, vector: [0.5, -1] },
    ...{ amount: 1, from: "y", on: true },
  },
  {
    ...{ kind: "tuned", id: "t1", on: true, components, parameters: 114, examples: 3, step: 7 },
    ...{ loss: [2, 1], heldOut: null },
  },
];
const file: EditedFile = {
  name: "made-up, edited",
  base: { id: "made-up", source: "hub", revision: "main", commit: null, shape },
  edits,
  tuned: new Map([
    [
      "t1",
      components
        .flatMap((component) => partsOf(component, shape))
        .map((part) => ({
          ...part,
          values: Float32Array.from({ length: partSize(part) }, (_, i) => Math.fround(i / 7 - 1)),
        })),
    ],
  ]),
};
const json = JSON.parse(writeEditedFile(file)) as Record<string, unknown>;

describe("a list of edits", () => {
  it("comes back as it was, its numbers bit for bit", () => {
    expect(readEditedFile(writeEditedFile(file))).toEqual(file);
  });
  it("has all components of a model as parts that are read again", () => {
    const all = allComponents(shape);
    const tuned = all.flatMap((component) => partsOf(component, shape));
    const deltas = tuned.map((part) => ({ ...part, values: new Float32Array(partSize(part)) }));
    const whole = {
      ...file,
      edits: [{ ...edits[4]!, components: all } as WeightEdit],
      tuned: new Map([["t1", deltas]]),
    };
    expect(readEditedFile(writeEditedFile(whole))).toEqual(whole);
  });
  it.each([
    ["another format", "edited model 1", "edited model 9", /format is "glassroom edited model 9"/],
    ["a kind that there is not", '"kind":"scale"', '"kind":"drop"', /edits\[0\]\.kind is "drop"/],
    ["a factor that is no number", "-0.5", '"1"', /edits\[0\]\.factor is "1"/],
    [
      "a head that is no number",
      '"head":2,"vector"',
      '"head":-2,"vector"',
      /edits\[3\]\.head is -2/,
    ],
    ["a vector with a hole", "5,6.5", "5,null", /vector\[5\] is null/],
    ["tuned numbers of another model", '"n_embd":6', '"n_embd":9', /tuned\.t1\[0\] is/],
    ["no tuned numbers", '"tuned":{"t1"', '"tuned":{"t2"', /tuned\.t1 is missing/],
    ["heads that do not divide", '"n_head":3', '"n_head":4', /n_embd is 6/],
  ])("with %s is refused", (_, sound, spoilt, why) => {
    const text = JSON.stringify(json);
    expect(text).toContain(sound);
    expect(() => readEditedFile(text.replace(sound, spoilt))).toThrow(why);
  });
  it("that is damaged is refused or read, and never crashes", () => {
    const accepted = fuzz(2000, 21, (random) => {
      const read = readEditedFile(mutateJson(json, random));
      for (const edit of read.edits) {
        if (edit.kind === "tuned") expect(read.tuned.has(edit.id)).toBe(true);
        if (edit.kind === "bias") expect(edit.vector.every(Number.isFinite)).toBe(true);
      }
    });
    expect(accepted).toBeGreaterThan(50);
  });
  it("out of storage is read the same way", () => {
    const record = {
      id: "m",
      savedAt: "2026-01-01T00:00:00Z",
      name: file.name,
      base: file.base,
      edits,
    };
    expect(readEditedModel(record)).toEqual(record);
    expect(() => readEditedModel({ ...record, id: 3 })).toThrow(/id is 3/);
  });
});
