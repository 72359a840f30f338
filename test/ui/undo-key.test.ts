/** Which keys take a step back, and which forwards. */
import { expect, it } from "vitest";
import { undoKey } from "../../src/ui/undo-key.ts";

const press = (key: string, held: Partial<Parameters<typeof undoKey>[0]> = {}) =>
  undoKey({ ...{ key, ctrlKey: true, metaKey: false, altKey: false, shiftKey: false }, ...held });

it("Ctrl+Z goes back, Ctrl+Shift+Z and Ctrl+Y forwards; no other key is taken", () => {
  expect(press("z")).toBe("undo");
  expect(press("z", { ctrlKey: false, metaKey: true })).toBe("undo");
  expect(press("Z", { shiftKey: true })).toBe("redo");
  expect(press("y")).toBe("redo");
  expect(press("z", { ctrlKey: false })).toBeNull();
  expect(press("z", { altKey: true })).toBeNull();
  expect(press("x")).toBeNull();
});
