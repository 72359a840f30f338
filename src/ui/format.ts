/** Numbers as people read them. One place, so that a quantity looks the same everywhere. */

/** 6.8 MB: decimal units, as the Hub and file managers count. */
export function formatBytes(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 || value >= 99.5 ? value.toFixed(0) : value.toFixed(1)} ${units[unit]!}`;
}

/** 124M, 3.4M, 8192: a count in three digits. */
export function formatCount(count: number): string {
  const steps = [
    [1e9, "B"],
    [1e6, "M"],
    [1e4, "k"],
  ] as const;
  for (const [size, suffix] of steps) {
    if (count < size) continue;
    const value = size === 1e4 ? count / 1e3 : count / size;
    return `${value >= 99.5 ? value.toFixed(0) : value.toFixed(1)}${suffix}`;
  }
  return String(count);
}

/** 42 s, 3 min 20 s, 2 h 5 min. */
export function formatDuration(seconds: number): string {
  const s = Math.round(seconds);
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min ${s % 60} s`;
  return `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`;
}

/**
 * A share of one: 61.20 %, 0.04 %, 0.0042 %, and "< 0.0001 %" rather than a zero that it is not. A score may be below 0:
 * −5.00 %.
 */
export function formatPercent(share: number): string {
  if (share < 0) return share > -1e-6 ? "> −0.0001 %" : `−${formatPercent(-share)}`;
  const percent = share * 100;
  if (percent === 0) return "0 %";
  if (percent < 0.0001) return "< 0.0001 %";
  return `${percent.toFixed(percent < 0.01 ? 4 : 2)} %`;
}

/** An attention weight or another number in 0…1, three decimals. */
export const formatWeight = (weight: number): string => weight.toFixed(3);

/** A signed quantity with its sign always written, U+2212 for minus. */
export const formatSigned = (value: number, digits = 2): string =>
  `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(digits)}`;
