/** A map of all features by the direction that they write in. It is made when it is asked for, and kept. */
import { useMemo, useState } from "react";
import { densityStep } from "../../charts/map-geometry.ts";
import { PointMap } from "../../charts/point-map.tsx";
import { type FeatureMap as MapOf, mapSeconds, type MapRecipe } from "../../core/feature-map.ts";
import { outputOf, type FeatureTable } from "../../core/sae.ts";
import { mapPython } from "../../python/feature-parts.ts";
import { useLab } from "../../state/context.ts";
import { isDead } from "../../state/feature-list.ts";
import { useNotes } from "../../state/feature-notes.ts";
import { useStudy } from "../../state/figures-slice.ts";
import { useChoice } from "../../state/options-slice.ts";
import { selectedSae } from "../../state/sae-on-bench.ts";
import { Button } from "../../ui/button.tsx";
import { ErrorCard } from "../../ui/error-card.tsx";
import { Figure, Readout, type What } from "../../ui/figure.tsx";
import { formatCount, formatDuration, formatPercent } from "../../ui/format.ts";
import { Progress } from "../../ui/progress.tsx";
import { Segmented } from "../../ui/segmented.tsx";
import { useSaePython } from "./use-sae-python.ts";

const WHAT: What = {
  words:
    "Every dot is a feature; features that write in like directions lie near each other. Only what is near what means " +
    "something: not the axes, not the size of a cluster, not how far clusters are apart. Drag to move, scroll to zoom, click a " +
    "dot to open its feature; with the keyboard the arrows go to the next dot in that direction, + − 0 zoom. With the lasso, " +
    "drag round dots: the list of features then shows those alone.",
  formula: "UMAP of the rows of W_dec: 15 neighbours by cosine, minimum distance 0.1",
  source: "McInnes, Healy, Melville, “UMAP” (2018); Neuronpedia shows features in the same way",
};
/** Above it a part is offered first. */
const MANY = 4096;
const SEED = 1;
const COLOURS = ["density", "label", "list"] as const;
type Colour = (typeof COLOURS)[number];
const COLOUR_WORDS: Record<Colour, string> = {
  density: "density",
  label: "has a label",
  list: "in the open list",
};
const DENSITY_TOKENS = ["--line-2", "--feature-1", "--feature-2", "--feature-3", "--feature-4"];
const TWO_TOKENS = ["--line-2", "--feature-3"];

export function FeatureMap({ table }: { table: FeatureTable }) {
  const { saeId } = table;
  const [make, setMake] = useState<{ saeId: string; recipe: MapRecipe } | null>(null);
  const recipe = make?.saeId === saeId ? make.recipe : null;
  const asked = useStudy("featureMap", { sae: saeId, make: recipe });
  const stop = useLab((s) => s.stopAsking);
  const shown = asked.shown?.saeId === saeId ? asked.shown : null;
  const told = asked.running ? asked.progress : null;
  const running = asked.running && recipe !== null;
  const moving: MapOf | null =
    running && told?.points
      ? { saeId, recipe, features: told.features, points: told.points }
      : null;
  const map = moving ?? (running ? null : shown);
  const python = useSaePython((facts, sae) => mapPython(facts, sae, SEED));
  return (
    <Figure
      title="Map of features"
      name="feature-map"
      what={WHAT}
      table={() => ({
        columns: ["feature", "x", "y"],
        rows: map
          ? [...map.features].map((f, i) => [f, map.points[2 * i]!, map.points[2 * i + 1]!])
          : [],
      })}
      python={python}
    >
      {asked.error && <ErrorCard title="Making the map" error={asked.error} />}
      {running && (
        <Progress
          label={
            told?.stage === "layout" ? "Laying the features out" : "Looking for each one’s nearest"
          }
          share={told && told.total > 0 ? told.done / told.total : null}
          facts={
            told
              ? [
                  `${formatCount(told.done)} of ${formatCount(told.total)} ${told.stage === "layout" ? "epochs" : "features"}`,
                  ...(told.secondsLeft === null
                    ? []
                    : [`${formatDuration(told.secondsLeft)} left`]),
                ]
              : []
          }
          onCancel={() => {
            stop("study.featureMap");
            setMake(null);
          }}
        />
      )}
      {!running && (
        <MakeMap
          table={table}
          made={shown}
          onMake={(most) => setMake({ saeId, recipe: { most, seed: SEED } })}
        />
      )}
      {map && <Drawn map={map} table={table} />}
    </Figure>
  );
}

interface MakeMapProps {
  table: FeatureTable;
  made: MapOf | null;
  onMake: (most: number | null) => void;
}
function MakeMap({ table, made, onMake }: MakeMapProps) {
  const sae = useLab(selectedSae);
  if (!sae) return null;
  const { width } = outputOf(sae.config);
  const alive = table.rows.filter((row) => !isDead(row)).length;
  const words = (n: number) => {
    const seconds = mapSeconds(n, width);
    return seconds < 10 ? "some seconds" : `about ${formatDuration(seconds)}`;
  };
  if (made) {
    const part = made.features.length < alive;
    return part ? (
      <p className="row">
        {made.features.length.toLocaleString("en-US")} of {alive.toLocaleString("en-US")} features.
        <Button kind="quiet" onClick={() => onMake(null)}>
          Make it of all ({words(alive)})
        </Button>
      </p>
    ) : null;
  }
  return (
    <div className="row">
      {alive > MANY && (
        <Button kind="primary" onClick={() => onMake(MANY)}>
          Map {MANY.toLocaleString("en-US")} of them, by chance ({words(MANY)})
        </Button>
      )}
      <Button kind={alive > MANY ? "normal" : "primary"} onClick={() => onMake(null)}>
        Map all {alive.toLocaleString("en-US")} features ({words(alive)})
      </Button>
    </div>
  );
}

function Drawn({ map, table }: { map: MapOf; table: FeatureTable }) {
  const [by, setBy] = useChoice<Colour>("map.colour", COLOURS);
  const [tool, setTool] = useState<"move" | "lasso">("move");
  const [hover, setHover] = useState<number | null>(null);
  const feature = useLab((s) => s.feature);
  const selectFeature = useLab((s) => s.selectFeature);
  const chosen = useLab((s) => s.chosenFeatures);
  const setChosen = useLab((s) => s.setChosenFeatures);
  const makeList = useLab((s) => s.makeList);
  const setOpenList = useLab((s) => s.setOpenList);
  const openList = useLab((s) => s.openList);
  const notes = useNotes(table.saeId);
  const { features } = map;
  const placeOf = useMemo(() => new Map([...features].map((f, i) => [f, i])), [features]);
  const colour = useMemo(() => {
    const list = new Set(notes.lists.find(({ id }) => id === openList)?.features ?? []);
    return Uint8Array.from(features, (f) => {
      switch (by) {
        case "density":
          return densityStep(table.rows[f]?.density ?? 0);
        case "label":
          return notes.features.get(f)?.label ? 1 : 0;
        case "list":
          return list.has(f) ? 1 : 0;
      }
    });
  }, [features, by, notes, openList, table]);
  const held = useMemo(
    () => chosen && new Set(chosen.flatMap((f) => placeOf.get(f) ?? [])),
    [chosen, placeOf],
  );
  const selected = feature === null ? null : (placeOf.get(feature) ?? null);
  const read = hover ?? selected;
  const words = (i: number) => {
    const f = features[i]!;
    const label = notes.features.get(f)?.label?.text;
    const density = formatPercent(table.rows[f]?.density ?? 0);
    return `feature ${f}${label ? ` “${label}”` : ""}, active on ${density} of the corpus`;
  };
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
          <select className="input" value={by} onChange={(e) => setBy(e.target.value as Colour)}>
            {COLOURS.map((value) => (
              <option key={value} value={value}>
                {COLOUR_WORDS[value]}
              </option>
            ))}
          </select>
        </label>
        {chosen && (
          <>
            <span>{chosen.length.toLocaleString("en-US")} chosen</span>
            <Button
              disabled={chosen.length === 0}
              onClick={() => {
                setOpenList(makeList(table.saeId, "From the map", chosen));
                setChosen(null);
              }}
            >
              Make a list of them
            </Button>
            <Button kind="quiet" onClick={() => setChosen(null)}>
              Clear
            </Button>
          </>
        )}
      </div>
      <Readout>
        {read !== null && read < features.length
          ? words(read)
          : `${features.length.toLocaleString("en-US")} features`}
      </Readout>
      <PointMap
        points={map.points}
        colour={colour}
        colours={by === "density" ? DENSITY_TOKENS : TWO_TOKENS}
        selected={selected}
        held={held}
        lasso={tool === "lasso"}
        label={`Map of ${features.length} features; arrow keys go from one to the next`}
        onHover={setHover}
        onSelect={(i) => void selectFeature(features[i]!)}
        onLasso={(found) => setChosen(found.map((i) => features[i]!))}
      />
      {by === "density" && (
        <p className="quiet map-legend">
          active on 0.001 %
          {DENSITY_TOKENS.map((token) => (
            <span key={token} aria-hidden="true" style={{ background: `var(${token})` }} />
          ))}
          10 % of the corpus
        </p>
      )}
    </>
  );
}
