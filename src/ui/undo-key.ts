/** Ctrl+Z, and Ctrl+Shift+Z or Ctrl+Y, of a part that has steps of its own: whoever takes them prevents the default. */
type Keys = Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey" | "shiftKey">;

export function undoKey({ key, ctrlKey, metaKey, altKey, shiftKey }: Keys): "undo" | "redo" | null {
  if (!(ctrlKey || metaKey) || altKey) return null;
  const letter = key.toLowerCase();
  if (letter === "z") return shiftKey ? "redo" : "undo";
  return letter === "y" ? "redo" : null;
}
