/** The bench as a link, kept to what links can hold; what had to be left out is told. Pure. */
import {
  type BenchEdit,
  EDITS_MOST,
  encodeBenchEdits,
  isWritable,
  targetName,
} from "../core/bench-edit.ts";
import { sourceName } from "../core/steer.ts";
import { encodeSteer } from "../core/steer-link.ts";
import { isOptionName } from "./option-names.ts";
import {
  fitsUrl,
  hasHalfCharacter,
  URL_DEFAULTS,
  type UrlState,
  writtenLength,
} from "./url-state.ts";

/** Of the whole query: 2,000 with the address of the app before it. */
const QUERY_LIMIT = 1900;

/** What a link leaves out, by its key in the link. */
export interface LeftOut {
  key: string;
  /** "the prompt, which is too long" */
  words: string;
}
export interface WrittenUrl {
  /** "?…", or "" when everything is at its default */
  query: string;
  left: LeftOut[];
}

interface Part {
  key: string;
  value: string;
  /** What it is called where it is left out. */
  words: string;
}

/**
 * Parts are taken in the order of what a link cannot do without, until there is no more room: the place on the bench, the
 * prompt, what is done to it, then the options of figures, the shortest first.
 */
export function writeUrl(state: UrlState): WrittenUrl {
  const left: LeftOut[] = [];
  const taken = new Map<string, string>();
  let room = QUERY_LIMIT;
  for (const { key, value, words } of byImportance(state)) {
    const size = key.length + writtenLength(value) + 2; // "=" and "&"
    const why = hasHalfCharacter(value)
      ? "which has half a character that no link can hold"
      : size > room || !fitsUrl(value)
        ? "which is too long"
        : null;
    if (why !== null) left.push({ key, words: `${words}, ${why}` });
    else {
      taken.set(key, value);
      room -= size;
    }
  }
  if (!taken.has("steer")) taken.delete("steersae");
  left.push(...unwritable(state));
  const query = new URLSearchParams();
  for (const key of ORDER) {
    const value = taken.get(key);
    if (value !== undefined) query.set(key, value);
    if (key === "edits") {
      for (const [name, option] of taken) if (isOptionName(name)) query.set(name, option);
    }
  }
  const text = query.toString();
  return { query: text === "" ? "" : `?${text}`, left };
}
export const encodeUrl = (state: UrlState): string => writeUrl(state).query;

/** How a link is read by people: the model first, the prompt last. */
const ORDER = [
  ...["model", "rev", "hub", "device", "lab", "view", "basis", "head", "neuron", "part", "pos"],
  ...[
    "cell",
    "sides",
    "first",
    "sae",
    "feature",
    "steer",
    "steersae",
    "edits",
    "other",
    "bos",
    "prompt",
  ],
];

function byImportance(state: UrlState): Part[] {
  const { head, neuron, part, cell } = state;
  const steer = encodeSteer(state.steer, state.saeId);
  const edits = state.edits.filter((edit) => canWrite(edit, state.saeId));
  const found: [key: string, value: string | number | null, words: string][] = [
    ["model", state.model, "the model"],
    ["rev", state.revision, "its version"],
    ["hub", state.hub, "the mirror of the Hub"],
    ["device", state.device === "auto" ? null : state.device, "the device"],
    ["lab", state.lab === URL_DEFAULTS.lab ? null : state.lab, "the lab"],
    ["view", state.view === URL_DEFAULTS.view ? null : state.view, "the view"],
    ["basis", state.basis === URL_DEFAULTS.basis ? null : state.basis, "the basis"],
    ["bos", state.prependBos ? null : 0, "the missing BOS"],
    ["sae", state.saeId, "the autoencoder"],
    ["feature", state.feature, "the feature"],
    ["head", head && `${head.layer}.${head.head}`, "the head"],
    ["neuron", neuron && `${neuron.layer}.${neuron.neuron}`, "the neuron"],
    ["part", part && `${part.kind}.${part.layer}`, "the selected part of a layer"],
    ["pos", state.position, "the position"],
    ["cell", cell && `${cell.q}.${cell.k}`, "the locked pair"],
    ["sides", state.sides === URL_DEFAULTS.sides ? null : state.sides, "the sides drawn"],
    ["first", state.dimFirst ? "off" : null, "that the first token is left out"],
    ["prompt", state.text, "the prompt"],
    ["other", state.otherText, "the second prompt"],
    ["edits", edits.length === 0 ? null : encodeBenchEdits(edits), "the edits"],
    ["steer", steer.rows === "" ? null : steer.rows, "the steering"],
    ["steersae", steer.saes === "" ? null : steer.saes, "the autoencoders of the steering"],
  ];
  const options = Object.entries(state.options)
    .map(([key, value]): Part => ({ key, value, words: `the setting ${key}` }))
    .sort((a, b) => a.value.length - b.value.length);
  return [
    ...found.flatMap(([key, value, words]) =>
      value === null ? [] : [{ key, value: String(value), words }],
    ),
    ...options,
  ];
}

/** A link names one autoencoder, whose features its edits are of. */
const canWrite = (edit: BenchEdit, saeId: string | null): boolean =>
  isWritable(edit) && (edit.target.kind !== "feature" || edit.target.sae === saeId);

/** What no link says, however short. */
function unwritable({ edits, saeId, steer }: UrlState): LeftOut[] {
  const directions = edits.filter((edit) => !isWritable(edit));
  const others = edits.filter((edit) => isWritable(edit) && !canWrite(edit, saeId));
  const over = (count: number, most: number, what: string): LeftOut[] =>
    count > most ? [{ key: what, words: `${count - most} of the ${count} ${what}` }] : [];
  return [
    ...(others.length > 0
      ? [{ key: "edits", words: "edits of features of another autoencoder" }]
      : []),
    ...directions.map(({ target }) => ({
      key: "edits",
      words: `the edit along “${targetName(target)}”, whose numbers no link holds`,
    })),
    ...over(edits.length - others.length - directions.length, EDITS_MOST, "edits"),
    ...encodeSteer(steer, saeId).left.map(({ source }) => ({
      key: "steer",
      words: `the steering along “${sourceName(source)}”, which a preset holds`,
    })),
  ];
}
