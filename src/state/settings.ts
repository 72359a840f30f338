/** What is remembered between visits, apart from the address: a pure codec for one small JSON text. */
import { BASES, type Basis } from "../core/basis.ts";
import { EXAMPLE_WIDTHS, type ExampleWidth } from "../core/feature-studies.ts";
import { DECODER_NORMS, TRAIN_VARIANTS } from "../core/sae-recipe.ts";
import { WRITER_DTYPES } from "../core/writer.ts";
import type { RecentModel } from "./model-slice.ts";
import { readTrials, type Trials } from "./planner-slice.ts";
import { DEFAULT_TRAIN_FORM, type TrainForm } from "./train-form.ts";
import { REBUILDS } from "./train-hooks.ts";
import { THEMES, type Theme } from "./view-slice.ts";
import { DEFAULT_WRITER, type WriterForm } from "./writer-slice.ts";

export interface Settings {
  theme: Theme;
  presenter: boolean;
  recent: RecentModel[];
  basis: Basis;
  chosenMirror: string | null;
  trainRequest: TrainForm;
  chosenSae: string | null;
  chosenEdited: string | null;
  tuneText: string;
  exampleWidth: ExampleWidth;
  trials: Trials;
  writer: WriterForm;
}
export const SETTINGS_KEY = "glassroom.settings";

/** Each is its key in the store and in the JSON. */
export const SETTINGS = [
  "theme",
  "presenter",
  "recent",
  "basis",
  "chosenMirror",
  "trainRequest",
  "chosenSae",
  "chosenEdited",
  "tuneText",
  "exampleWidth",
  "trials",
  "writer",
] as const satisfies (keyof Settings)[];

export const encodeSettings = (settings: Settings): string =>
  JSON.stringify(Object.fromEntries(SETTINGS.map((key) => [key, settings[key]])));

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
  const basis = BASES.find((b) => b === found["basis"]);
  if (basis) settings.basis = basis;
  if (typeof found["chosenMirror"] === "string") settings.chosenMirror = found["chosenMirror"];
  const form = readForm(found["trainRequest"]);
  if (form) settings.trainRequest = form;
  const sae = found["chosenSae"];
  if (typeof sae === "string" && /^[\w.-]{1,100}$/.test(sae)) settings.chosenSae = sae;
  const edited = found["chosenEdited"];
  if (typeof edited === "string" && /^[\w.-]{1,100}$/.test(edited)) settings.chosenEdited = edited;
  if (typeof found["tuneText"] === "string") settings.tuneText = found["tuneText"];
  const width = EXAMPLE_WIDTHS.find((w) => w === found["exampleWidth"]);
  if (width) settings.exampleWidth = width;
  const trials = readTrials(found["trials"]);
  if (Object.keys(trials).length > 0) settings.trials = trials;
  const writer = readWriter(found["writer"]);
  if (writer) settings.writer = writer;
  return settings;
}

function readWriter(value: unknown): WriterForm | null {
  if (typeof value !== "object" || value === null) return null;
  const form: Record<string, unknown> = { ...DEFAULT_WRITER, ...value };
  const texts = ["url", "model", "id", "keptKey"].every((key) => typeof form[key] === "string");
  const known =
    (form["kind"] === "endpoint" || form["kind"] === "hub") &&
    WRITER_DTYPES.some((dtype) => dtype === form["dtype"]) &&
    typeof form["rememberKey"] === "boolean";
  if (!texts || !known) return null;
  const keys = Object.keys(DEFAULT_WRITER).map((key) => [key, form[key]]);
  return Object.fromEntries(keys) as WriterForm;
}

/** What an earlier version did not have is as by default; a damaged form is left out whole. */
function readForm(value: unknown): TrainForm | null {
  if (typeof value !== "object" || value === null) return null;
  const form: Record<string, unknown> = { ...DEFAULT_TRAIN_FORM, ...value };
  const sound = Object.keys(DEFAULT_TRAIN_FORM).every(
    (key) => typeof form[key] === "string" || (key === "hook" && form[key] === null),
  );
  const known =
    TRAIN_VARIANTS.some((variant) => variant === form["variant"]) &&
    DECODER_NORMS.some((norm) => norm === form["decoderNorm"]) &&
    REBUILDS.some((what) => what === form["rebuilds"]);
  if (!sound || !known) return null;
  const keys = Object.keys(DEFAULT_TRAIN_FORM).map((key) => [key, form[key]]);
  return Object.fromEntries(keys) as TrainForm;
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
