/** What the page shows and what is selected in it. Nothing here is computed from the model. */
import type { Basis } from "../core/basis.ts";
import type { NeuronId } from "../core/neurons.ts";
import type { Slice } from "./store.ts";

export const LAB_TABS = ["explore", "features", "train", "steer", "circuits"] as const;
export type LabTab = (typeof LAB_TABS)[number];
export const THEMES = ["system", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

/** What of the prompt the Explore lab shows. */
export const EXPLORE_VIEWS = [
  "attention",
  "prediction",
  "lens",
  "attribution",
  "residual",
  "neurons",
  "weights",
  "examples",
  "generate",
] as const;
export type ExploreView = (typeof EXPLORE_VIEWS)[number];

export interface HeadId {
  layer: number;
  head: number;
}
export type { NeuronId };
export const LAYER_PARTS = ["attn", "mlp", "resid"] as const;
/** What a whole layer adds to the stream, or the stream after it. */
export interface LayerPart {
  kind: (typeof LAYER_PARTS)[number];
  layer: number;
}
/** One weight of an attention pattern: from a query position to a key position. */
export interface Cell {
  q: number;
  k: number;
}

export interface ViewSlice {
  labTab: LabTab;
  setLab: (tab: LabTab) => void;
  exploreView: ExploreView;
  /** Opens the Explore lab at a view. */
  setExploreView: (view: ExploreView) => void;
  theme: Theme;
  setTheme: (theme: Theme) => void;
  /** The head looked at; null shows the grid of all. May name a head that the model on the bench lacks. */
  head: HeadId | null;
  selectHead: (head: HeadId | null) => void;
  /** The neuron looked at. May name one that the model on the bench lacks. */
  neuron: NeuronId | null;
  selectNeuron: (neuron: NeuronId | null) => void;
  /** The part of a layer looked at. May name one that the model on the bench lacks. */
  layerPart: LayerPart | null;
  selectLayerPart: (part: LayerPart | null) => void;
  /** The cell under the pointer or the keyboard's cursor, in whichever pattern. */
  hover: Cell | null;
  setHover: (hover: Cell | null) => void;
  /** The cell that everything goes on reading out, wherever the pointer is; null: none. */
  lock: Cell | null;
  /** Locks a cell, or unlocks it if it is the locked one. */
  toggleLock: (cell: Cell) => void;
  unlock: () => void;
  /** Everything 1.4 times as large, for a projector. */
  presenter: boolean;
  setPresenter: (presenter: boolean) => void;
  /** Leaves the first column out of the patterns' colour scale, where it drowns the rest. */
  dimFirst: boolean;
  setDimFirst: (dimFirst: boolean) => void;
  /** In which weights figures tell what depends on them. */
  basis: Basis;
  setBasis: (basis: Basis) => void;
}

/** The cell to read out. */
export const shownCell = ({ lock, hover }: Pick<ViewSlice, "lock" | "hover">): Cell | null =>
  lock ?? hover;

const sameCell = (a: Cell | null, b: Cell | null): boolean => a?.q === b?.q && a?.k === b?.k;

export const sameHead = (a: HeadId | null, b: HeadId | null): boolean =>
  a === b || (a !== null && b !== null && a.layer === b.layer && a.head === b.head);

export const createViewSlice: Slice<ViewSlice> = () => (set, get) => ({
  labTab: "explore",
  setLab: (labTab) => set({ labTab, hover: null, lock: null }),
  exploreView: "attention",
  setExploreView: (exploreView) => set({ exploreView, labTab: "explore", hover: null, lock: null }),
  theme: "system",
  setTheme: (theme) => set({ theme }),
  head: null,
  selectHead: (head) => {
    if (!sameHead(head, get().head)) set({ head, hover: null });
  },
  neuron: null,
  selectNeuron: (neuron) => {
    const before = get().neuron;
    if (before?.layer !== neuron?.layer || before?.neuron !== neuron?.neuron) set({ neuron });
  },
  layerPart: null,
  selectLayerPart: (layerPart) => set({ layerPart }),
  hover: null,
  setHover: (hover) => {
    if (!sameCell(get().hover, hover)) set({ hover });
  },
  lock: null,
  toggleLock: (cell) => set({ lock: sameCell(get().lock, cell) ? null : cell }),
  unlock: () => set({ lock: null }),
  presenter: false,
  setPresenter: (presenter) => set({ presenter }),
  dimFirst: false,
  setDimFirst: (dimFirst) => set({ dimFirst }),
  basis: "raw",
  setBasis: (basis) => {
    set({ basis });
    if (get().benchEdits.length > 0) void get().refreshPrompt(); // edits are meant in it
  },
});
