/**
 * The bench as a link: a pure codec between state and the address's query. Defaults are left out, so that the plain
 * address stays plain. Reading never fails: a value that makes no sense is ignored, and its default holds.
 */
import type { DevicePreference, SteerFeature } from "../core/types.ts";
import { LAB_TABS, type HeadId, type LabTab } from "./view-slice.ts";

export interface UrlState {
  /** null: the default prompt, or one that is not written here (see `fitsUrl`). */
  text: string | null;
  prependBos: boolean;
  lab: LabTab;
  head: HeadId | null;
  position: number | null;
  saeId: string | null;
  feature: number | null;
  /** Of the SAE above. */
  steer: SteerFeature[];
  /** null: the embedded model. */
  model: string | null;
  revision: string | null;
  /** Address of a mirror in the Hub's place. */
  hub: string | null;
  device: DevicePreference;
}

export const URL_DEFAULTS: Readonly<UrlState> = {
  text: null,
  prependBos: true,
  lab: "explore",
  head: null,
  position: null,
  saeId: null,
  feature: null,
  steer: [],
  model: null,
  revision: null,
  hub: null,
  device: "auto",
};

const TEXT_LIMIT = 1500; // characters as written in the address: links must survive chats and worksheets
const STEER_LIMIT = 20; // features of a link
const DEVICES: readonly DevicePreference[] = ["auto", "webgpu", "wasm"];

/** Whether a prompt can be written in the address: not too long, and no half surrogate pair, which URLs cannot hold. */
export function fitsUrl(text: string): boolean {
  if (text.length > TEXT_LIMIT || /\p{Surrogate}/u.test(text)) return false;
  return new URLSearchParams({ text }).toString().length <= TEXT_LIMIT;
}

/** @returns "?…", or "" when everything is at its default */
export function encodeUrl(state: UrlState): string {
  const query = new URLSearchParams();
  const put = (key: string, value: string | number | null) => {
    if (value !== null) query.set(key, String(value));
  };
  put("model", state.model);
  put("rev", state.revision);
  put("hub", state.hub);
  put("device", state.device === "auto" ? null : state.device);
  put("lab", state.lab === "explore" ? null : state.lab);
  put("head", state.head && `${state.head.layer}.${state.head.head}`);
  put("pos", state.position);
  put("sae", state.saeId);
  put("feature", state.feature);
  put("steer", state.steer.length === 0 ? null : encodeSteer(state.steer));
  put("bos", state.prependBos ? null : 0);
  put("prompt", state.text !== null && fitsUrl(state.text) ? state.text : null);
  const text = query.toString();
  return text === "" ? "" : `?${text}`;
}

export function decodeUrl(search: string): UrlState {
  const query = new URLSearchParams(search);
  const lab = query.get("lab");
  const device = query.get("device");
  const text = query.get("prompt");
  return {
    text: text !== null && fitsUrl(text) ? text : null,
    prependBos: query.get("bos") !== "0",
    lab: LAB_TABS.find((tab) => tab === lab) ?? URL_DEFAULTS.lab,
    head: readHead(query.get("head")),
    position: readIndex(query.get("pos")),
    saeId: readName(query.get("sae"), /^[\w.-]{1,100}$/),
    feature: readIndex(query.get("feature")),
    steer: decodeSteer(query.get("steer")),
    model: readName(query.get("model"), /^[\w.-]{1,96}(\/[\w.-]{1,96})?$/),
    revision: readName(query.get("rev"), /^[\w./-]{1,200}$/),
    hub: readName(query.get("hub"), /^[^\s?#]{1,200}$/),
    device: DEVICES.find((d) => d === device) ?? URL_DEFAULTS.device,
  };
}

/** "412a3.5_7c-2": feature 412, add 3.5; feature 7, clamp to −2. In four digits, like what is shown. */
export const encodeSteer = (features: readonly SteerFeature[]): string =>
  features
    .slice(0, STEER_LIMIT)
    .map(
      (s) => `${s.feature}${s.mode === "add" ? "a" : "c"}${Number(s.coefficient.toPrecision(4))}`,
    )
    .join("_");

function decodeSteer(text: string | null): SteerFeature[] {
  const found = new Map<number, SteerFeature>();
  for (const part of (text ?? "").split("_").slice(0, STEER_LIMIT)) {
    const [, index, mode, number] = /^(\d{1,6})([ac])(-?[\d.]+(?:e[+-]?\d+)?)$/.exec(part) ?? [];
    const coefficient = Number(number);
    if (index === undefined || !Number.isFinite(coefficient)) continue;
    const feature = Number(index);
    found.set(feature, { feature, mode: mode === "a" ? "add" : "clamp", coefficient });
  }
  return [...found.values()];
}

const readIndex = (value: string | null): number | null =>
  value !== null && /^\d{1,6}$/.test(value) ? Number(value) : null;
const readName = (value: string | null, form: RegExp): string | null =>
  value !== null && form.test(value) && !value.includes("..") ? value : null;
function readHead(value: string | null): HeadId | null {
  const [, layer, head] = /^(\d{1,3})\.(\d{1,3})$/.exec(value ?? "") ?? [];
  return layer === undefined || head === undefined
    ? null
    : { layer: Number(layer), head: Number(head) };
}
