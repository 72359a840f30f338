/** What a link says of the bench, its defaults, and which texts it can hold. */
import type { Basis } from "../core/basis.ts";
import type { BenchEdit } from "../core/bench-edit.ts";
import type { SteerRow } from "../core/steer.ts";
import type { DevicePreference } from "../core/types.ts";
import type { ShownSides } from "./compare-slice.ts";
import type { Options } from "./options-slice.ts";
import type { Cell, ExploreView, HeadId, LabTab, LayerPart, NeuronId } from "./view-slice.ts";

export interface UrlState {
  /** null: the default prompt, or one that is not written here (see `fitsUrl`). */
  text: string | null;
  prependBos: boolean;
  lab: LabTab;
  /** Of the Explore lab. */
  view: ExploreView;
  head: HeadId | null;
  neuron: NeuronId | null;
  part: LayerPart | null;
  position: number | null;
  /** The pair of positions that is locked. */
  cell: Cell | null;
  /** The second prompt of a comparison. */
  otherText: string | null;
  edits: readonly BenchEdit[];
  sides: ShownSides;
  basis: Basis;
  /** Whether the first token is left out of the patterns' colours. */
  dimFirst: boolean;
  /** Of figures, by name. */
  options: Options;
  saeId: string | null;
  feature: number | null;
  steer: readonly SteerRow[];
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
  part: null,
  position: null,
  cell: null,
  otherText: null,
  edits: [],
  sides: "all",
  basis: "raw",
  dimFirst: false,
  options: {},
  saeId: null,
  feature: null,
  steer: [],
  model: null,
  revision: null,
  hub: null,
  device: "auto",
};

/** Characters of a value as written in the address: links must survive chats and worksheets. */
const TEXT_LIMIT = 1500;

/** Whether a text can be written in the address: not too long, and no half surrogate pair, which URLs cannot hold. */
export const fitsUrl = (text: string): boolean =>
  text.length <= TEXT_LIMIT && !hasHalfCharacter(text) && writtenLength(text) <= TEXT_LIMIT;

export const hasHalfCharacter = (text: string): boolean => /\p{Surrogate}/u.test(text);
export const writtenLength = (text: string): number =>
  new URLSearchParams([["", text]]).toString().length - 1; // the "="
