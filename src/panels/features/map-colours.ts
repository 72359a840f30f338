/** What the dots of a map are coloured by, and the words of its legend. Pure. */
import { densityStep } from "../../charts/map-geometry.ts";
import type { SaeNotes } from "../../core/feature-notes.ts";
import type { FeatureMap } from "../../core/feature-map.ts";
import { hookLabel } from "../../ui/hook-label.ts";

export const MAP_COLOURS = ["density", "layer", "label", "list"] as const;
export type MapColour = (typeof MAP_COLOURS)[number];
export const MAP_COLOUR_WORDS: Record<MapColour, string> = {
  density: "density",
  layer: "layer",
  label: "has a label",
  list: "in the open list",
};
const DENSITY_TOKENS = ["--line-2", "--feature-1", "--feature-2", "--feature-3", "--feature-4"];
const TWO_TOKENS = ["--line-2", "--feature-3"];

/** The hook points of a map in the order of the forward pass. */
export const hooksOf = ({ saes }: Pick<FeatureMap, "saes">): string[] =>
  [...new Set(saes.map(({ hook }) => hook))].sort((a, b) => depthOf(a) - depthOf(b));

/** By layer, and within one before attention, between, and after the MLP. */
function depthOf(hook: string): number {
  const [, layer] = /^blocks\.(\d+)\./.exec(hook) ?? [];
  if (layer === undefined) return -1; // the embedding
  const within = ["resid_pre", "attn", "resid_mid", "mlp", "resid_post"].findIndex((site) =>
    hook.includes(site),
  );
  return Number(layer) + (1 + within) / 10;
}

/** From amber to violet, as deep as the layer is. */
const depthColour = (i: number, count: number): string =>
  `color-mix(in oklch, var(--feature-2), var(--attention-3) ${count < 2 ? 0 : Math.round((100 * i) / (count - 1))}%)`;

export interface MapPaint {
  /** [N] index in `colours` */
  colour: Uint8Array;
  colours: string[];
  /** Said once below the map; null where the choice says it all. */
  legend: { before: string; steps: { colour: string; words: string }[]; after: string } | null;
}

/** @param notes of each SAE, by its id; `openList` of the first */
export function mapPaint(
  map: FeatureMap,
  by: MapColour,
  notes: Readonly<Record<string, SaeNotes>>,
  openList: string | null,
): MapPaint {
  const { features, of, saes, densities } = map;
  const paint = (step: (i: number) => number) =>
    Uint8Array.from({ length: features.length }, (_, i) => step(i));
  const notesOf = (i: number) => notes[saes[of[i]!]!.id];
  switch (by) {
    case "density":
      return {
        colour: paint((i) => densityStep(densities[i]! || 0)),
        colours: DENSITY_TOKENS,
        legend: {
          ...{ before: "active on 0.001 %", after: "10 % of the corpus" },
          steps: DENSITY_TOKENS.map((token) => ({ colour: `var(${token})`, words: "" })),
        },
      };
    case "layer": {
      const hooks = hooksOf(map);
      const colours = hooks.map((_, i) => depthColour(i, hooks.length));
      const ofSae = saes.map(({ hook }) => hooks.indexOf(hook));
      return {
        ...{ colour: paint((i) => ofSae[of[i]!]!), colours },
        legend: {
          ...{ before: "", after: "" },
          steps: hooks.map((hook, i) => ({ colour: colours[i]!, words: hookLabel(hook) })),
        },
      };
    }
    case "label":
      return {
        colour: paint((i) => (notesOf(i)?.features.get(features[i]!)?.label ? 1 : 0)),
        ...{ colours: TWO_TOKENS, legend: null },
      };
    case "list": {
      const lists = Object.values(notes).flatMap((all) => all.lists);
      const open = lists.find(({ id }) => id === openList);
      const held = new Set(open?.features ?? []);
      return {
        colour: paint((i) =>
          held.has(features[i]!) && notesOf(i)?.lists.some(({ id }) => id === openList) ? 1 : 0,
        ),
        ...{ colours: TWO_TOKENS, legend: null },
      };
    }
  }
}
