/**
 * The bench as a link: a pure codec between state and the address's query. Defaults are left out, so that the plain
 * address stays plain. Reading never fails: a value that makes no sense is ignored, and its default holds.
 */
import type { DevicePreference, SteerFeature } from "../core/types.ts";
import { type BenchEdit, decodeBenchEdits, encodeBenchEdits } from "../core/bench-edit.ts";
import { OPTION_LIMIT, type Options } from "./options-slice.ts";
import {
  EXPLORE_VIEWS,
  LAB_TABS,
  type ExploreView,
  type HeadId,
  type LabTab,
  type NeuronId,
} from "./view-slice.ts";

export interface UrlState {
  /** null: the default prompt, or one that is not written here (see `fitsUrl`). */
  text: string | null;
  prependBos: boolean;
  lab: LabTab;
  /** Of the Explore lab. */
  view: ExploreView;
  head: HeadId | null;
  neuron: NeuronId | null;
  position: number | null;
  /** The second prompt of a comparison. */
  otherText: string | null;
  edits: readonly BenchEdit[];
  /** Of figures, by name. */
  options: Options;
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
  view: "attention",
  head: null,
  neuron: null,
  position: null,
  otherText: null,
  edits: [],
  options: {},
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
const OPTIONS_MOST = 40;
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
  put("view", state.view === URL_DEFAULTS.view ? null : state.view);
  put("head", state.head && `${state.head.layer}.${state.head.head}`);
  put("neuron", state.neuron && `${state.neuron.layer}.${state.neuron.neuron}`);
  put("pos", state.position);
  put("sae", state.saeId);
  put("feature", state.feature);
  put("steer", state.steer.length === 0 ? null : encodeSteer(state.steer));
  put("edits", state.edits.length === 0 ? null : encodeBenchEdits(state.edits));
  for (const [name, value] of Object.entries(state.options)) put(name, value);
  put("other", state.otherText !== null && fitsUrl(state.otherText) ? state.otherText : null);
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
  const view = query.get("view");
  const other = query.get("other");
  const saeId = readName(query.get("sae"), /^[\w.-]{1,100}$/);
  return {
    text: text !== null && fitsUrl(text) ? text : null,
    prependBos: query.get("bos") !== "0",
    lab: LAB_TABS.find((tab) => tab === lab) ?? URL_DEFAULTS.lab,
    view: EXPLORE_VIEWS.find((name) => name === view) ?? URL_DEFAULTS.view,
    head: readHead(query.get("head")),
    neuron: readNeuron(query.get("neuron")),
    position: readIndex(query.get("pos")),
    otherText: other !== null && fitsUrl(other) ? other : null,
    edits: decodeBenchEdits(query.get("edits"), saeId),
    options: readOptions(query),
    saeId,
    feature: readIndex(query.get("feature")),
    steer: decodeSteer(query.get("steer")),
    model: readName(query.get("model"), /^[\w.-]{1,96}(\/[\w.-]{1,96})?$/),
    revision: readName(query.get("rev"), /^[\w./-]{1,200}$/),
    hub: readName(query.get("hub"), /^[^\s?#]{1,200}$/),
    device: DEVICES.find((d) => d === device) ?? URL_DEFAULTS.device,
  };
}

/** What is said where nothing else is: it may be spelled out. */
const SPELLED_OUT: Record<string, string> = {
  ...{ lab: URL_DEFAULTS.lab, view: URL_DEFAULTS.view, device: URL_DEFAULTS.device, bos: "1" },
};

/** The parts of a link that make no sense here, as "view=xyz"; of a list, if any of its items do not. */
export function unreadParts(search: string): string[] {
  const read = new URLSearchParams(encodeUrl(decodeUrl(search)));
  const items = (value: string) => value.split("_").length;
  return [...new URLSearchParams(search)]
    .filter(([key, value]) => {
      const kept = read.get(key);
      if (kept === null) return value !== "" && SPELLED_OUT[key] !== value;
      return (key === "edits" || key === "steer") && items(kept) < items(value);
    })
    .map(([key, value]) => `${key}=${value.length > 40 ? `${value.slice(0, 40)}…` : value}`);
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
const readPair = (value: string | null, form: RegExp): [number, number] | null => {
  const [, first, second] = form.exec(value ?? "") ?? [];
  return first === undefined ? null : [Number(first), Number(second)];
};
function readHead(value: string | null): HeadId | null {
  const pair = readPair(value, /^(\d{1,3})\.(\d{1,3})$/);
  return pair && { layer: pair[0], head: pair[1] };
}
function readNeuron(value: string | null): NeuronId | null {
  const pair = readPair(value, /^(\d{1,3})\.(\d{1,6})$/);
  return pair && { layer: pair[0], neuron: pair[1] };
}
/** Every key with a point in it, as "lens.show". What a value means is the figure's concern. */
function readOptions(query: URLSearchParams): Options {
  const named = [...query].filter(
    ([name, value]) => /^[a-z]{2,20}\.[a-zA-Z]{1,20}$/.test(name) && value.length <= OPTION_LIMIT,
  );
  return Object.fromEntries(named.slice(0, OPTIONS_MOST));
}
