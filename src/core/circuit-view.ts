/** How a circuit's graph was laid out by hand: which nodes stay where they were put, stand together under a name, or are hidden. */
export interface CircuitView {
  /** By node or group name: shares of the drawing's width and height, 0–1 from the top left. */
  pins: Readonly<Record<string, readonly [x: number, y: number]>>;
  groups: readonly { name: string; nodes: readonly string[] }[];
  hidden: readonly string[];
}
export const PLAIN_VIEW: CircuitView = { pins: {}, groups: [], hidden: [] };

/** The view with nodes in a group of that name, and in no other; a group that is left with fewer than two is none. */
export function grouped(view: CircuitView, name: string, nodes: readonly string[]): CircuitView {
  const others = ungrouped(view, nodes).groups.filter((group) => group.name !== name);
  const before = view.groups.find((group) => group.name === name)?.nodes ?? [];
  const all = [...new Set([...before, ...nodes])];
  return { ...view, groups: all.length < 2 ? others : [...others, { name, nodes: all }] };
}

/** The view with these nodes in no group. */
export function ungrouped(view: CircuitView, nodes: readonly string[]): CircuitView {
  const groups = view.groups
    .map(({ name, nodes: all }) => ({ name, nodes: all.filter((node) => !nodes.includes(node)) }))
    .filter(({ nodes: left }) => left.length >= 2);
  const names = new Set(groups.map(({ name }) => name));
  const gone = view.groups.filter(({ name }) => !names.has(name)).map(({ name }) => name);
  return { ...view, groups, pins: without(view.pins, gone) };
}

export const pinned = (
  view: CircuitView,
  name: string,
  at: readonly [number, number] | null,
): CircuitView => ({
  ...view,
  pins: at ? { ...view.pins, [name]: at } : without(view.pins, [name]),
});

const without = (pins: CircuitView["pins"], names: readonly string[]): CircuitView["pins"] =>
  Object.fromEntries(Object.entries(pins).filter(([name]) => !names.includes(name)));
