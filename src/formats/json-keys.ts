/** What `JSON.parse` hides: a key that an object holds twice (the last one would win). */

/**
 * The first key that some object of `text` holds twice, or null. Linear in the text, without recursion.
 * @param text JSON that `JSON.parse` has already accepted
 */
export function duplicateKey(text: string): string | null {
  const open: Set<string>[] = [];
  let arrays = 0; // arrays open since the innermost object; keys belong to objects only
  const outer: number[] = [];
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (c === "{") {
      open.push(new Set());
      outer.push(arrays);
      arrays = 0;
    } else if (c === "}") {
      open.pop();
      arrays = outer.pop() ?? 0;
    } else if (c === "[") arrays++;
    else if (c === "]") arrays--;
    else if (c === '"') {
      const end = stringEnd(text, i);
      const literal = text.slice(i, end);
      i = end - 1;
      if (arrays > 0 || !followedByColon(text, end)) continue;
      const key = literal.includes("\\") ? (JSON.parse(literal) as string) : literal.slice(1, -1);
      const keys = open.at(-1);
      if (keys?.has(key)) return key;
      keys?.add(key);
    }
  }
  return null;
}

/** Index after the closing quote of the string that starts at `start`. */
function stringEnd(text: string, start: number): number {
  for (let i = start + 1; i < text.length; i++) {
    if (text[i] === "\\") i++;
    else if (text[i] === '"') return i + 1;
  }
  return text.length;
}

function followedByColon(text: string, from: number): boolean {
  let i = from;
  while (text[i] === " " || text[i] === "\n" || text[i] === "\t" || text[i] === "\r") i++;
  return text[i] === ":";
}
