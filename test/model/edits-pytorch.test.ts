/** Every kind of edit against an independent PyTorch forward pass; fixture by test/fixtures/make_edits.py. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { DirectEdit } from "../../src/core/edits.ts";
import {
  EMBEDDED,
  FIXTURES,
  embeddedEngine,
  largestDifference,
  type NodeEngine,
} from "./node-engine.ts";

type Listed = Omit<DirectEdit, "value"> & { value?: number | number[] };
interface Fixture {
  modelSha256: string;
  ids: number[];
  cases: { name: string; edits: Listed[]; logits: number[] }[];
}
const { modelSha256, ids, cases } = JSON.parse(
  readFileSync(new URL("edits.json", FIXTURES), "utf8"),
) as Fixture;
const toEdit = ({ value, ...edit }: Listed): DirectEdit =>
  value === undefined
    ? edit
    : { ...edit, value: Array.isArray(value) ? Float32Array.from(value) : value };

let engine: NodeEngine;
beforeAll(async () => {
  engine = await embeddedEngine();
});
afterAll(() => engine.release());

it("has a fixture made with the model that is shipped", () => {
  const weights = readFileSync(new URL("model.safetensors", EMBEDDED));
  const sha256 = createHash("sha256").update(weights).digest("hex");
  expect(sha256, "run python3 test/fixtures/make_edits.py").toBe(modelSha256);
});

it.each(cases)("$name", async ({ edits, logits }) => {
  const result = await engine.runner.run({
    ids: [ids],
    names: [],
    edits: edits.map(toEdit),
    logits: "last",
  });
  const every64th = result.logits!.data.filter((_, id) => id % 64 === 0);
  expect(largestDifference(every64th, logits)).toBeLessThanOrEqual(5e-4);
});
