/**
 * What figures are set to: short texts by name ("lens.show" → "rank"), which travel in the address. Each figure reads its own
 * with `useChoice`, `useText` or `useRead`, which give the default for whatever makes no sense, and say so.
 */
import { useEffect } from "react";
import { useLab } from "./context.ts";
import type { OptionName } from "./option-names.ts";
import type { Slice } from "./store.ts";

export type Options = Readonly<Partial<Record<OptionName, string>>>;
type Patch = Readonly<Partial<Record<OptionName, string | null>>>;
export interface OddOption {
  value: string;
  /** What is shown instead. */
  shown: string;
}
export interface OptionsSlice {
  options: Options;
  /** null takes the option away: its default holds. */
  setOption: (name: OptionName, value: string | null) => void;
  /** Several at once. */
  setOptions: (patch: Patch) => void;
  /** Values that are none of their figure's. */
  oddOptions: Readonly<Partial<Record<OptionName, OddOption>>>;
  tellOdd: (name: OptionName, odd: OddOption) => void;
}

export const createOptionsSlice: Slice<OptionsSlice> = () => (set, get) => ({
  options: {},
  setOption: (name, value) => get().setOptions({ [name]: value }),
  setOptions: (patch) => {
    const before = get().options;
    if (
      Object.entries(patch).every(([name, value]) => (before[name as OptionName] ?? null) === value)
    ) {
      return;
    }
    const all = Object.entries({ ...before, ...patch }).filter(([, value]) => value !== null);
    set({ options: Object.fromEntries(all) });
  },
  oddOptions: {},
  tellOdd: (name, odd) => {
    const { oddOptions } = get();
    const told = oddOptions[name];
    if (told?.value === odd.value && told.shown === odd.shown) return;
    set({ oddOptions: { ...oddOptions, [name]: odd } });
  },
});

type Setter<T> = (value: T) => void;

/** One of a few; the first is the default. */
export function useChoice<T extends string>(name: OptionName, choices: readonly [T, ...T[]]) {
  return useRead<T>(
    name,
    (text) => choices.find((choice) => choice === text) ?? null,
    choices[0],
    (value) => value,
  );
}

/** @param fallback holds, and is not written into the address, while nothing was chosen */
export function useText(name: OptionName, fallback: string) {
  const value = useLab((s) => s.options[name]) ?? fallback;
  const setOption = useLab((s) => s.setOption);
  const set: Setter<string> = (next) => setOption(name, next === fallback ? null : next);
  return [value, set] as const;
}

/**
 * A value out of its text.
 * @param read null for a text that makes no sense here: the fallback holds, and the page says so
 * @param write a value as the text that is read as it, which is also how it is told
 */
export function useRead<T>(
  name: OptionName,
  read: (text: string) => T | null,
  fallback: T,
  write: (value: T) => string = String,
) {
  const text = useLab((s) => s.options[name]);
  const setOption = useLab((s) => s.setOption);
  const tellOdd = useLab((s) => s.tellOdd);
  const found = text === undefined ? null : read(text);
  const isOdd = text !== undefined && found === null;
  const shown = write(fallback);
  useEffect(() => {
    if (isOdd) tellOdd(name, { value: text, shown });
  }, [isOdd, tellOdd, name, text, shown]);
  const set: Setter<T> = (next) => {
    const written = write(next);
    setOption(name, written === shown ? null : written);
  };
  return [found ?? fallback, set] as const;
}

/** Reads a number of a range, ends included. */
export const numberIn =
  (least: number, most: number) =>
  (text: string): number | null => {
    const value = text.trim() === "" ? NaN : Number(text);
    return value >= least && value <= most ? value : null;
  };
export const wholeIn = (least: number, most: number) => {
  const read = numberIn(least, most);
  return (text: string): number | null => (Number.isInteger(Number(text)) ? read(text) : null);
};
