/** A map of all features by the direction that they write in. It is made when it is asked for, and kept. */
import { useState } from "react";
import type { FeatureMap as MapOf, MapRecipe } from "../../core/feature-map.ts";
import type { FeatureTable } from "../../core/sae.ts";
import { mapPython } from "../../python/feature-parts.ts";
import { useLab } from "../../state/context.ts";
import { useStudy } from "../../state/figures-slice.ts";
import { saeFacts } from "../../state/run-facts.ts";
import { ErrorCard } from "../../ui/error-card.tsx";
import { Figure, type What } from "../../ui/figure.tsx";
import { formatCount, formatDuration } from "../../ui/format.ts";
import { Progress } from "../../ui/progress.tsx";
import { DrawnMap, type MapFocus } from "./map-drawn.tsx";
import { MakeMap } from "./map-make.tsx";
import { useSaePython } from "./use-sae-python.ts";

const WHAT: What = {
  words:
    "Every dot is a feature; features that write in like directions lie near each other. Only what is near what means " +
    "something: not the axes, not the size of a cluster, not how far clusters are apart. Autoencoders of several layers of the " +
    "residual stream can be on one map, coloured by layer: the stream is one space through all of them. Drag to move, scroll to " +
    "zoom, click a dot to open its feature; with the keyboard the arrows go to the next dot in that direction, + − 0 zoom. With " +
    "the lasso, drag round dots: the list of features then shows those alone.",
  formula: "UMAP of the rows of W_dec: 15 neighbours by cosine, minimum distance 0.1",
  source: "McInnes, Healy, Melville, “UMAP” (2018); Neuronpedia shows features in the same way",
};
const SEED = 1;

export function FeatureMap({ table, focus }: { table: FeatureTable; focus: MapFocus }) {
  const { saeId } = table;
  const [recipe, setRecipe] = useState<MapRecipe | null>(null);
  const asked = useStudy("featureMap", { sae: saeId, make: recipe });
  const stop = useLab((s) => s.stopAsking);
  const saes = useLab((s) => s.saes);
  const shown = asked.shown?.saes.some(({ id }) => id === saeId) ? asked.shown : null;
  const told = asked.running ? asked.progress : null;
  const running = asked.running && recipe !== null;
  const map = running ? (told?.map ?? null) : shown;
  const known = saes.status === "ready" ? saes.value : [];
  const python = useSaePython((facts, sae) =>
    mapPython(
      ...([facts, sae, SEED] as const),
      known
        .filter(({ id }) => id !== sae.id && map?.saes.some((mapped) => mapped.id === id))
        .map(saeFacts),
    ),
  );
  return (
    <Figure
      title="Map of features"
      name="feature-map"
      what={WHAT}
      table={() => ({
        columns: ["autoencoder", "hook", "feature", "x", "y"],
        rows: map ? rowsOf(map) : [],
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
            setRecipe(null);
          }}
        />
      )}
      {!running && (
        <MakeMap
          table={table}
          made={shown}
          onMake={(most, others) => setRecipe({ most, seed: SEED, with: others })}
        />
      )}
      {map && <DrawnMap map={map} saeId={saeId} focus={focus} />}
    </Figure>
  );
}

const rowsOf = ({ saes, features, of, points }: MapOf) =>
  [...features].map((f, i) => {
    const { name, hook } = saes[of[i]!]!;
    return [name, hook, f, points[2 * i]!, points[2 * i + 1]!];
  });
