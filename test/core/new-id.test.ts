/** Ids. */
import { expect, it } from "vitest";
import { newId } from "../../src/core/new-id.ts";

it("is a version 4 UUID, another each time", () => {
  const ids = Array.from({ length: 200 }, newId);
  const form = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
  for (const id of ids) expect(id).toMatch(form);
  expect(new Set(ids).size).toBe(ids.length);
});
