/** A name that no other has yet. */

/** "Cities", or else "Cities 2", "Cities 3", … */
export function unusedName(wanted: string, taken: Iterable<string>): string {
  const others = new Set(taken);
  for (let n = 1; ; n++) {
    const name = n === 1 ? wanted : `${wanted} ${n}`;
    if (!others.has(name)) return name;
  }
}
