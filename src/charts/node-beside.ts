/** Walking a circuit's graph by the arrow keys. */
import type { DrawnNode } from "./circuit-layout.ts";

/** The node that an arrow key leads to: the nearest one that way, sideways distance counting double. */
export function nodeBeside(
  nodes: readonly DrawnNode[],
  from: DrawnNode,
  key: string,
): DrawnNode | null {
  const way = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] }[key];
  if (!way) return null;
  const [dx, dy] = way as [number, number];
  let best: DrawnNode | null = null;
  let least = Infinity;
  for (const node of nodes) {
    const along = (node.x - from.x) * dx + (node.y - from.y) * dy;
    const across = Math.abs((node.x - from.x) * dy) + Math.abs((node.y - from.y) * dx);
    if (along <= 1) continue;
    const distance = along + 2 * across;
    if (distance < least) [best, least] = [node, distance];
  }
  return best;
}
