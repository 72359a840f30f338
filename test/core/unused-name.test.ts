/** Names of what is imported or made twice. */
import { expect, it } from "vitest";
import { unusedName } from "../../src/core/unused-name.ts";

it("is the wanted one, or the first with a number that is free", () => {
  expect(unusedName("Cities", [])).toBe("Cities");
  expect(unusedName("Cities", ["Cities", "Cities 3"])).toBe("Cities 2");
  expect(unusedName("Cities", ["Cities", "Cities 2", "Cities 3"])).toBe("Cities 4");
});
