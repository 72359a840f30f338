/** Answers that this browser keeps: by kind and key, the last few of each kind, and none of another version. */
import "fake-indexeddb/auto";
import { openDB } from "idb";
import { expect, it } from "vitest";
import { type AnswerOf, ANSWERS_KEPT, type KeptAnswer } from "../../src/core/kept-answer.ts";
import { listAnswers, saveAnswer } from "../../src/storage/circuit-store.ts";

const at = (minute: number) => new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString();
const sweep = (value: number): AnswerOf["patch"] => ({
  ...{ values: [Float64Array.of(value, NaN), Float64Array.of(-value, 0)], done: false },
  ...{ total: 4, seconds: 2 },
});
const patch = (key: string, minute: number): KeptAnswer => ({
  ...{ kind: "patch", key, value: sweep(minute), savedAt: at(minute) },
});

it("are read as they were written, oldest first, of their kind alone", async () => {
  const channels = { q: [1], k: [2], v: [3] };
  await saveAnswer(patch("b", 2));
  await saveAnswer(patch("a", 1));
  await saveAnswer({ kind: "path", key: "a", value: sweep(9), savedAt: at(3) });
  await saveAnswer({ kind: "channels", key: "a", value: channels, savedAt: at(4) });
  await saveAnswer({ kind: "graph", key: "g.json", value: "{}", savedAt: at(5) });
  expect(await listAnswers("patch")).toEqual([patch("a", 1), patch("b", 2)]);
  expect((await listAnswers("channels")).map(({ value }) => value)).toEqual([channels]);
  await saveAnswer(patch("a", 6));
  expect(await listAnswers("patch")).toEqual([patch("b", 2), patch("a", 6)]);
});

it("give way when they are many, the oldest first; those of other kinds stay", async () => {
  for (let i = 0; i < ANSWERS_KEPT.patch; i++) await saveAnswer(patch(`many ${i}`, 10 + i));
  const keys = (await listAnswers("patch")).map(({ key }) => key);
  expect(keys).toHaveLength(ANSWERS_KEPT.patch);
  expect(keys[0]).toBe("many 0");
  expect(await listAnswers("path")).toHaveLength(1);
  await saveAnswer({ kind: "graph", key: "other.json", value: "[]", savedAt: at(59) });
  expect((await listAnswers("graph")).map(({ key }) => key)).toEqual(["other.json"]);
});

it("of another version, or damaged, are passed over", async () => {
  const db = await openDB("glassroom-circuits");
  const good = { ...patch("x", 1), kind: "preview" };
  for (const value of [
    { ...good, value: { ...sweep(1), values: [[1, 2]] } },
    { ...good, value: null },
    { ...good, kind: "toString" },
    { ...good, savedAt: 5 },
    null,
  ]) {
    await db.put("answers", value, ["preview", "x"]);
    expect(await listAnswers("preview")).toEqual([]);
  }
  await db.put("answers", good, ["preview", "x"]);
  expect(await listAnswers("preview")).toHaveLength(1);
  db.close();
});
