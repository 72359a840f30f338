/** How often features fire: a histogram of log10 density over the last training tokens. */
import { HistogramChart } from "../../charts/histogram-chart.tsx";
import { DENSITY_EDGES, type DensityHistogram } from "../../core/density.ts";
import { useLab } from "../../state/context.ts";
import { Figure } from "../../ui/figure.tsx";
import { useTrainPython } from "./use-train-python.ts";

const WHAT = {
  words:
    "Each feature’s density is the share of tokens on which it is active, over the last 50,000 to 100,000 training tokens. Most features of a good autoencoder fire on between one in a hundred and one in ten thousand; a heap at the right is features that are always on, and those that never fired stand beside the axis. The left end means little until enough tokens have been seen.",
  formula: "log₁₀ (tokens with f > 0 / tokens)",
  source: "SAELens draws the same during training.",
};
/** The edges, in bins of a fifth of a decade. */
const BIN = 0.2;
const FROM = Math.round(Math.log10(DENSITY_EDGES[0]!) / BIN);

export function Densities() {
  const python = useTrainPython("run");
  const density = useLab((s) => s.trainDensity);
  return (
    <Figure
      title="Densities"
      name="training-densities"
      className="curve"
      what={WHAT}
      python={python}
      table={() => ({
        columns: ["from density", "to density", "features"],
        rows: density ? rowsOf(density) : [],
      })}
    >
      {density ? (
        <>
          <HistogramChart
            histogram={{
              binWidth: BIN,
              from: FROM,
              counts: density.counts.map((n, i) =>
                i === density.counts.length - 1 ? n + density.always : n,
              ),
            }}
            label="Features by the logarithm of their density"
            counted={`fired, ${(density.never + density.below).toLocaleString("en-US")} did not`}
            unit={["feature", "features"]}
            shareOf="of those that fired"
            height={84}
          />
        </>
      ) : (
        <p className="line-chart-empty quiet">waiting for the first steps</p>
      )}
    </Figure>
  );
}

const rowsOf = ({ never, below, counts, always }: DensityHistogram) => [
  [0, 0, never],
  [0, DENSITY_EDGES[0]!, below],
  ...counts.map((n, i) => [DENSITY_EDGES[i]!, DENSITY_EDGES[i + 1]!, n]),
  [1, 1, always],
];
