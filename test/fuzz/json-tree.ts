/** JSON as text that can be spoilt in ways that `JSON.stringify` would not write: a key twice, 1e999, nesting without end. */
import type { Random } from "./mutate.ts";

/** `raw` is written as it stands; an object is a list of pairs, so that a key may come twice. */
export type Tree = { raw: string } | { items: Tree[] } | { pairs: [key: string, value: Tree][] };

export function treeOf(value: unknown): Tree {
  if (Array.isArray(value)) return { items: value.map(treeOf) };
  if (typeof value === "object" && value !== null) {
    return { pairs: Object.entries(value).map(([key, v]) => [key, treeOf(v)]) };
  }
  return { raw: JSON.stringify(value) };
}

/** @param space put around every punctuation mark */
export function textOf(tree: Tree, space = ""): string {
  if ("raw" in tree) return tree.raw;
  const inside =
    "items" in tree
      ? tree.items.map((item) => textOf(item, space))
      : tree.pairs.map(([key, v]) => `${JSON.stringify(key)}${space}:${space}${textOf(v, space)}`);
  const [open, close] = "items" in tree ? "[]" : "{}";
  return open! + space + inside.join(`${space},${space}`) + space + close!;
}

const nested = (open: string, close: string, depth: number) =>
  open.repeat(depth) + close.repeat(depth);

/** What a field may turn into: wrong types, numbers at every edge, texts that mean something elsewhere. */
const NASTY: readonly string[] = [
  ..."null true false 0 1 -1 0.5 -0 1e-400 1e21 1e308 1e999 -1e999 NaN Infinity".split(" "),
  ..."2147483647 2147483648 4294967296 9007199254740991 9007199254740992 18446744073709551616".split(
    " ",
  ),
  ...[
    '""',
    '"0"',
    '"\\u0000"',
    '"\\ud800"',
    '"__proto__"',
    '"constructor"',
    '"toString"',
    '"../x"',
  ],
  ...[
    "[]",
    "{}",
    "[null]",
    '{"__proto__":{"a":1}}',
    '{"length":9e9}',
    "[0,0]",
    "[1e9,1e9,1e9]",
    "[-1,1]",
  ],
  `"${"long ".repeat(2000)}"`,
  `[${Array<number>(3000).fill(1).join()}]`,
  nested("[", "]", 40),
  nested("[", "]", 20_000),
  nested('{"a":', "}", 40).replace(":}", ":0}"),
  `${'{"a":'.repeat(10_000)}0${"}".repeat(10_000)}`,
  "[".repeat(3000), // never closed
  "'",
  "// no JSON",
];

/** The tree with one place spoilt. */
export function spoilt(tree: Tree, random: Random): Tree {
  const places = countOf(tree);
  return at(tree, Math.floor(random() * places), random);
}

const childrenOf = (tree: Tree): Tree[] =>
  "raw" in tree ? [] : "items" in tree ? tree.items : tree.pairs.map(([, value]) => value);
const countOf = (tree: Tree): number =>
  childrenOf(tree).reduce((sum, child) => sum + countOf(child), 1);

/** Spoils the `place`-th node in the order of the text. */
function at(tree: Tree, place: number, random: Random): Tree {
  if (place === 0) return spoil(tree, random);
  let before = 1;
  const index = childrenOf(tree).findIndex((child) => {
    const count = countOf(child);
    if (place < before + count) return true;
    before += count;
    return false;
  });
  const child = at(childrenOf(tree)[index]!, place - before, random);
  if ("items" in tree) return { items: tree.items.with(index, child) };
  if ("pairs" in tree) return { pairs: tree.pairs.with(index, [tree.pairs[index]![0], child]) };
  return tree;
}

function spoil(tree: Tree, random: Random): Tree {
  const nasty = { raw: NASTY[Math.floor(random() * NASTY.length)]! };
  if ("raw" in tree || random() < 0.3) return nasty;
  const list: readonly unknown[] = "items" in tree ? tree.items : tree.pairs;
  const index = Math.floor(random() * list.length);
  const kind = Math.floor(random() * 4);
  if ("items" in tree) {
    if (kind === 0) return { items: tree.items.toSpliced(index, 1) };
    if (kind === 1) return { items: [...tree.items, nasty] };
    return { items: tree.items.length > 0 ? tree.items.with(index, nasty) : [nasty] };
  }
  const pair = tree.pairs[index];
  if (!pair || kind === 0) return { pairs: [...tree.pairs, ["__proto__", nasty]] };
  if (kind === 1) return { pairs: tree.pairs.toSpliced(index, 1) };
  if (kind === 2) return { pairs: [...tree.pairs, [pair[0], random() < 0.5 ? pair[1] : nasty]] };
  return { pairs: tree.pairs.with(index, [`${pair[0]}\u0000`, pair[1]]) };
}
