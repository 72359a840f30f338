/** How often a direction has which value, and how large a share of the tokens lies above one. */
import { useState } from "react";
import { countFrom } from "../../charts/histogram.ts";
import { HistogramChart } from "../../charts/histogram-chart.tsx";
import { directionName, type Found } from "../../core/direction.ts";
import { Slider } from "../../ui/field.tsx";
import type { FigureBasis } from "../../ui/basis.tsx";
import type { Python } from "../../ui/figure-numbers.ts";
import { Figure } from "../../ui/figure.tsx";
import { formatPercent } from "../../ui/format.ts";

export interface FoundHistogramProps {
  found: Found;
  python: Python;
  basis: FigureBasis;
}
export function FoundHistogram({ found, python, basis }: FoundHistogramProps) {
  const { histogram, tokens } = found;
  const { binWidth, from, counts } = histogram;
  const [chosen, setChosen] = useState<number | null>(null);
  const bins = counts.length;
  // Counted in bins from 0, so that the threshold stays where it is while the histogram grows; one that doubled its bins ends it.
  const edge = Math.min(bins, Math.max(0, (chosen ?? 0) - from));
  const threshold = (from + edge) * binWidth;
  const above = countFrom(histogram, edge);
  return (
    <Figure
      title="Values over the text"
      name="direction-histogram"
      what={{
        basis,
        words:
          "How many tokens have which value, in equal bins. Heights grow with the logarithm of the count, or the one tall bin " +
          "around zero would hide all others. The slider below stands on the edge of a bin, so the share above it is exact.",
        formula: "height ∝ log(1 + count)     density = tokens with value ≥ threshold / all tokens",
      }}
      table={() => ({
        columns: ["from", "to", "tokens"],
        rows: counts.map((count, i) => [(from + i) * binWidth, (from + i + 1) * binWidth, count]),
      })}
      python={python}
    >
      <HistogramChart
        histogram={histogram}
        label={`Histogram of ${directionName(found.direction)} over ${tokens} tokens`}
        counted="tokens"
        shareOf="of all"
        marked={{ value: threshold, words: `threshold ${write(threshold)}` }}
        logarithmic
      />
      <Slider
        label="Density above"
        value={from + edge}
        onChange={setChosen}
        min={from}
        max={from + bins}
        step={1}
        format={() =>
          `${write(threshold)}: ${tokens === 0 ? "–" : formatPercent(above / tokens)} of tokens`
        }
      />
    </Figure>
  );
}

const write = (value: number) => String(Number(value.toPrecision(4))).replace("-", "−");
