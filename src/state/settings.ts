/** What is remembered between visits, apart from the address: a pure codec for one small JSON text. */
import type { RecentModel } from "./model-slice.ts";
import { THEMES, type Theme } from "./view-slice.ts";

export interface Settings {
  theme: Theme;
  presenter: boolean;
  recent: RecentModel[];
}
export const SETTINGS_KEY = "glassroom.settings";

export const encodeSettings = ({ theme, presenter, recent }: Settings): string =>
  JSON.stringify({ theme, presenter, recent });

/** Anything that is not as it should be is left out: an old or damaged entry costs a setting, never the page. */
export function decodeSettings(json: string | null): Partial<Settings> {
  const found = readObject(json);
  const settings: Partial<Settings> = {};
  const theme = THEMES.find((t) => t === found["theme"]);
  if (theme) settings.theme = theme;
  if (typeof found["presenter"] === "boolean") settings.presenter = found["presenter"];
  if (Array.isArray(found["recent"])) {
    settings.recent = found["recent"].filter(isRecent).slice(0, 6);
  }
  return settings;
}

function readObject(json: string | null): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(json ?? "{}");
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
const isRecent = (value: unknown): value is RecentModel =>
  typeof value === "object" &&
  value !== null &&
  "id" in value &&
  "revision" in value &&
  typeof value.id === "string" &&
  typeof value.revision === "string";
