/**
 * The bench as a link: a codec between state and the address's query. Defaults are left out, so that the plain address stays
 * plain. Reading never fails: a value that makes no sense is ignored, and its default holds.
 */
import { BASES } from "../core/basis.ts";
import { decodeBenchEdits } from "../core/bench-edit.ts";
import type { DevicePreference } from "../core/types.ts";
import { decodeSteer } from "../core/steer-link.ts";
import { SHOWN_SIDES } from "./compare-slice.ts";
import { isOptionName } from "./option-names.ts";
import type { Options } from "./options-slice.ts";
import { fitsUrl, URL_DEFAULTS, type UrlState } from "./url-state.ts";
import { encodeUrl } from "./url-write.ts";
import {
  type Cell,
  EXPLORE_VIEWS,
  type HeadId,
  LAB_TABS,
  LAYER_PARTS,
  type LayerPart,
  type NeuronId,
} from "./view-slice.ts";

export { fitsUrl, URL_DEFAULTS, type UrlState } from "./url-state.ts";
export { encodeUrl, writeUrl } from "./url-write.ts";

const DEVICES: readonly DevicePreference[] = ["auto", "webgpu", "wasm"];

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
    part: readPart(query.get("part")),
    position: readIndex(query.get("pos")),
    cell: readCell(query.get("cell")),
    sides: SHOWN_SIDES.find((side) => side === query.get("sides")) ?? URL_DEFAULTS.sides,
    basis: BASES.find((basis) => basis === query.get("basis")) ?? URL_DEFAULTS.basis,
    dimFirst: query.get("first") === "off",
    otherText: other !== null && fitsUrl(other) ? other : null,
    edits: decodeBenchEdits(query.get("edits"), saeId),
    options: readOptions(query),
    saeId,
    feature: readIndex(query.get("feature")),
    steer: decodeSteer(query.get("steer"), query.get("steersae"), saeId),
    model: readName(query.get("model"), /^[\w.-]{1,96}(\/[\w.-]{1,96})?$/),
    revision: readName(query.get("rev"), /^[\w./-]{1,200}$/),
    hub: readName(query.get("hub"), /^[^\s?#]{1,200}$/),
    device: DEVICES.find((d) => d === device) ?? URL_DEFAULTS.device,
  };
}

/** What is said where nothing else is: it may be spelled out. */
const SPELLED_OUT: Record<string, string> = {
  ...{ lab: URL_DEFAULTS.lab, view: URL_DEFAULTS.view, device: URL_DEFAULTS.device, bos: "1" },
  ...{ basis: URL_DEFAULTS.basis, sides: URL_DEFAULTS.sides, first: "on" },
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
function readPart(value: string | null): LayerPart | null {
  const [, name, layer] = /^([a-z]+)\.(\d{1,3})$/.exec(value ?? "") ?? [];
  const kind = LAYER_PARTS.find((each) => each === name);
  return kind ? { kind, layer: Number(layer) } : null;
}
/** A query never looks at a later key. */
function readCell(value: string | null): Cell | null {
  const pair = readPair(value, /^(\d{1,6})\.(\d{1,6})$/);
  return pair && pair[1] <= pair[0] ? { q: pair[0], k: pair[1] } : null;
}
/** What a value means is the figure's concern. */
const readOptions = (query: URLSearchParams): Options =>
  Object.fromEntries([...query].filter(([name, value]) => isOptionName(name) && fitsUrl(value)));
