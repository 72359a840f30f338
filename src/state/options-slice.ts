/**
 * How figures are set: small texts by name ("lens.show" → "rank"), which travel in the address. Each figure reads its own with
 * `useChoice` or `useText`, which give the default for whatever makes no sense.
 */
import { useLab } from "./context.ts";
import type { Slice } from "./store.ts";

/** Most characters of a value: a longer one would not travel in the address. */
export const OPTION_LIMIT = 200;

export type Options = Readonly<Record<string, string>>;
export interface OptionsSlice {
  options: Options;
  /** null takes the option away: its default holds. */
  setOption: (name: string, value: string | null) => void;
  /** Several at once. */
  setOptions: (patch: Readonly<Record<string, string | null>>) => void;
}

export const createOptionsSlice: Slice<OptionsSlice> = () => (set, get) => ({
  options: {},
  setOption: (name, value) => get().setOptions({ [name]: value }),
  setOptions: (patch) => {
    const before = get().options;
    if (Object.entries(patch).every(([name, value]) => (before[name] ?? null) === value)) return;
    const all: [string, string | null][] = Object.entries({ ...before, ...patch });
    set({ options: Object.fromEntries(all.filter((e): e is [string, string] => e[1] !== null)) });
  },
});

type Setter<T> = (value: T) => void;

/** One of a few; the first is the default. */
export function useChoice<T extends string>(name: string, choices: readonly [T, ...T[]]) {
  const text = useLab((s) => s.options[name]);
  const setOption = useLab((s) => s.setOption);
  const value = choices.find((choice) => choice === text) ?? choices[0];
  const set: Setter<T> = (next) => setOption(name, next === choices[0] ? null : next);
  return [value, set] as const;
}

/** @param fallback holds, and is not written into the address, while nothing was chosen */
export function useText(name: string, fallback: string) {
  const value = useLab((s) => s.options[name]) ?? fallback;
  const setOption = useLab((s) => s.setOption);
  const set: Setter<string> = (next) => setOption(name, next === fallback ? null : next);
  return [value, set] as const;
}
