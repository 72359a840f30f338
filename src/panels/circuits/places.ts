/** The places of a grid: positions that all pairs share, or the roles of their tokens. */
import { END, type ReadPair } from "../../core/task.ts";
import { tokenText } from "../../ui/token-text.ts";

export interface Places {
  names: readonly string[];
  /** By pair, by place: positions. */
  at: readonly (readonly (readonly number[])[])[];
}

/** null if the prompts are of different lengths: then a position is not the same place in all of them. */
export function positionPlaces(read: readonly ReadPair[]): Places | null {
  const T = read[0]?.clean.ids.length ?? 0;
  if (read.some(({ clean }) => clean.ids.length !== T)) return null;
  const names = Array.from({ length: T }, (_, t) => {
    const role = read[0]!.roles.find(
      ({ role: name, at }) =>
        name !== END &&
        read.every(({ roles }) => roles.find((own) => own.role === name)?.at.includes(t)) &&
        at.includes(t),
    );
    const token = read[0]!.clean.strings[t]!;
    const same = read.every(({ clean }) => clean.strings[t] === token);
    const text = same ? tokenText(token) : (role?.role ?? `${tokenText(token)} …`);
    return `${t} ${text}`;
  });
  return { names, at: read.map(() => names.map((_, t) => [t])) };
}

/** By where they stand on average; END is the last. */
export function rolePlaces(read: readonly ReadPair[]): Places {
  const sums = new Map<string, { sum: number; n: number }>();
  for (const { roles, clean } of read) {
    for (const { role, at } of roles) {
      const known = sums.get(role) ?? { sum: 0, n: 0 };
      sums.set(role, { sum: known.sum + at[0]! / clean.ids.length, n: known.n + 1 });
    }
  }
  const names = [...sums]
    .sort(([a, x], [b, y]) => Number(a === END) - Number(b === END) || x.sum / x.n - y.sum / y.n)
    .map(([role]) => role);
  return {
    names,
    at: read.map(({ roles }) =>
      names.map((name) => roles.find(({ role }) => role === name)?.at ?? []),
    ),
  };
}
