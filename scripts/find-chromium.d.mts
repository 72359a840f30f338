export function findChromium(): string | null;
export const CHROMIUM_FLAGS: string[];
export const NO_CHROMIUM: string;
