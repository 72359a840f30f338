/** A map of features as it is drawn: its colours, the lasso, and what the dot under the pointer is. */
import { useEffect, useMemo, useState } from "react";
import { PointMap } from "../../charts/point-map.tsx";
import type { FeatureMap } from "../../core/feature-map.ts";
import { useLab } from "../../state/context.ts";
import { useChoice } from "../../state/options-slice.ts";
import { Button } from "../../ui/button.tsx";
import { Readout } from "../../ui/figure.tsx";
import { formatPercent } from "../../ui/format.ts";
import { hookLabel } from "../../ui/hook-label.ts";
import { Segmented } from "../../ui/segmented.tsx";
import { hooksOf, MAP_COLOUR_WORDS, MAP_COLOURS, type MapColour, mapPaint } from "./map-colours.ts";

/** Whether the map was left for another autoencoder's feature, so that it takes the focus again. */
export interface MapFocus {
  back: boolean;
  set: (back: boolean) => void;
}
/** @param saeId the one on the bench */
export function DrawnMap({
  map,
  saeId,
  focus,
}: {
  map: FeatureMap;
  saeId: string;
  focus: MapFocus;
}) {
  const [wanted, setBy] = useChoice<MapColour>("map.colour", MAP_COLOURS);
  const [tool, setTool] = useState<"move" | "lasso">("move");
  const [hover, setHover] = useState<number | null>(null);
  const feature = useLab((s) => s.feature);
  const openFeature = useLab((s) => s.openFeature);
  const selectFeature = useLab((s) => s.selectFeature);
  const openList = useLab((s) => s.openList);
  const notes = useLab((s) => s.notes);
  const readNotes = useLab((s) => s.readNotes);
  const { features, of, saes, densities } = map;
  useEffect(() => {
    for (const { id } of saes) void readNotes(id);
  }, [readNotes, saes]);
  const layers = hooksOf(map).length > 1;
  const by = wanted === "layer" && !layers ? "density" : wanted;
  const { colour, colours, legend } = useMemo(
    () => mapPaint(map, by, notes, openList),
    [map, by, notes, openList],
  );
  const lasso = useLasso(map, saeId);
  const own = saes.findIndex(({ id }) => id === saeId);
  const selected = useMemo(() => {
    const at = features.findIndex((f, i) => f === feature && of[i] === own);
    return at < 0 ? null : at;
  }, [features, of, feature, own]);
  const read = hover ?? selected;
  const words = (i: number) => {
    const f = features[i]!;
    const sae = saes[of[i]!]!;
    const label = notes[sae.id]?.features.get(f)?.label?.text;
    const density = densities[i]!;
    return [
      `feature ${f}${label ? ` “${label}”` : ""}`,
      ...(saes.length > 1 ? [`of ${sae.name}, ${hookLabel(sae.hook)}`] : []),
      ...(Number.isNaN(density) ? [] : [`active on ${formatPercent(density)} of the corpus`]),
    ].join(", ");
  };
  const count = `${features.length.toLocaleString("en-US")} features`;
  return (
    <>
      <div className="row">
        <Segmented
          label="What dragging does"
          value={tool}
          onChange={setTool}
          choices={[
            { value: "move", label: "Move" },
            { value: "lasso", label: "Lasso" },
          ]}
        />
        <label className="row">
          <span className="quiet">colour</span>
          <select className="input" value={by} onChange={(e) => setBy(e.target.value as MapColour)}>
            {MAP_COLOURS.filter((value) => value !== "layer" || layers).map((value) => (
              <option key={value} value={value}>
                {MAP_COLOUR_WORDS[value]}
              </option>
            ))}
          </select>
        </label>
        {lasso.held && (
          <>
            <span>{lasso.words}</span>
            <Button disabled={lasso.held.size === 0} onClick={lasso.makeLists}>
              {lasso.owners > 1 ? "Make a list in each" : "Make a list of them"}
            </Button>
            <Button kind="quiet" onClick={() => lasso.hold(null)}>
              Clear
            </Button>
          </>
        )}
      </div>
      <Readout>{read !== null && read < features.length ? words(read) : count}</Readout>
      <PointMap
        points={map.points}
        {...{ colour, colours, selected }}
        held={lasso.held}
        lasso={tool === "lasso"}
        label={`Map of ${count}; arrow keys go from one to the next`}
        focused={focus.back}
        onHover={setHover}
        onSelect={(i) => {
          const { id } = saes[of[i]!]!;
          if (id === saeId) {
            focus.set(false);
            void selectFeature(features[i]!);
          } else {
            focus.set(true);
            void openFeature(id, features[i]!);
          }
        }}
        onLasso={lasso.hold}
      />
      {legend && (
        <p className="quiet map-legend">
          {legend.before}
          {legend.steps.map(({ colour: fill, words: step }) => (
            <span key={fill} className="map-step">
              <span className="map-swatch" aria-hidden="true" style={{ background: fill }} />
              {step}
            </span>
          ))}
          {legend.after}
        </p>
      )}
    </>
  );
}

/** What the lasso holds: those of the autoencoder on the bench are what the list of features shows. */
function useLasso({ features, of, saes }: FeatureMap, saeId: string) {
  const chosen = useLab((s) => s.chosenFeatures);
  const setChosen = useLab((s) => s.setChosenFeatures);
  const makeList = useLab((s) => s.makeList);
  const setOpenList = useLab((s) => s.setOpenList);
  const [points, setPoints] = useState<readonly number[]>([]);
  const isOwn = (i: number) => saes[of[i]!]!.id === saeId;
  const own = new Set(chosen);
  const others = chosen ? points.filter((i) => !isOwn(i)) : [];
  const held = useMemo(() => {
    if (!chosen) return null;
    const shown = new Set(chosen);
    const ownPoints = [...features.keys()].filter(
      (i) => saes[of[i]!]!.id === saeId && shown.has(features[i]!),
    );
    return new Set([...ownPoints, ...points.filter((i) => saes[of[i]!]!.id !== saeId)]);
  }, [chosen, points, features, of, saes, saeId]);
  const say = (n: number) => n.toLocaleString("en-US");
  const ids = [...(own.size > 0 ? [saeId] : []), ...others.map((i) => saes[of[i]!]!.id)];
  return {
    held,
    owners: new Set(ids).size,
    words:
      others.length > 0
        ? `${say(own.size)} chosen, and ${say(others.length)} of others`
        : `${say(own.size)} chosen`,
    hold: (found: readonly number[] | null) => {
      setPoints(found ?? []);
      setChosen(found?.filter(isOwn).map((i) => features[i]!) ?? null);
    },
    makeLists: () => {
      for (const id of new Set(ids)) {
        const listed =
          id === saeId
            ? [...own]
            : others.filter((i) => saes[of[i]!]!.id === id).map((i) => features[i]!);
        const made = makeList(id, "From the map", listed);
        if (id === saeId) setOpenList(made);
      }
      setChosen(null);
      setPoints([]);
    },
  };
}
