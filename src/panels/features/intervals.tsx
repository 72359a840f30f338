/** Examples by equal intervals of activation, from the highest down. */
import { useState } from "react";
import type { ExampleWidth } from "../../core/feature-studies.ts";
import type { ContextExample, FeatureDashboard } from "../../core/feature-dashboard.ts";
import { useLab } from "../../state/context.ts";
import { selectedSae } from "../../state/sae-on-bench.ts";
import { Button } from "../../ui/button.tsx";
import { Empty } from "../../ui/empty.tsx";
import { formatPercent } from "../../ui/format.ts";
import type { RowEffects } from "./ablation.tsx";
import { ExampleList } from "./example-list.tsx";

/** Of each interval, before all are asked for. */
const FIRST = 2;

export interface IntervalsProps {
  dashboard: FeatureDashboard;
  width: ExampleWidth;
  effectsOf: (example: ContextExample) => RowEffects | null;
}
export function Intervals({ dashboard, width, effectsOf }: IntervalsProps) {
  const { feature, intervals, row } = dashboard;
  const [allOf, setAllOf] = useState<number | null>(null);
  if (!intervals) return <NotMeasured />;
  const total = intervals.reduce((sum, { count }) => sum + count, 0);
  const all = allOf === feature;
  return (
    <>
      {intervals.map(({ from, to, count, examples }) => (
        <section key={from} className="interval">
          <h3>
            <span className="mono">
              {short(from)} – {short(to)}
            </span>{" "}
            <span className="quiet">
              · {count.toLocaleString("en-US")} {count === 1 ? "token" : "tokens"},{" "}
              {formatPercent(count / total)} of its activations
            </span>
          </h3>
          <ExampleList
            examples={all ? examples : examples.slice(0, FIRST)}
            {...{ max: row.max, width, effectsOf }}
          />
        </section>
      ))}
      {!all && intervals.some(({ examples }) => examples.length > FIRST) && (
        <div>
          <Button kind="quiet" onClick={() => setAllOf(feature)}>
            Show all of each
          </Button>
        </div>
      )}
    </>
  );
}
const short = (value: number) => String(Number(value.toPrecision(3)));

/** The dashboards are those of an earlier version. */
export function NotMeasured() {
  const sae = useLab(selectedSae);
  return (
    <Empty title="Not measured yet" actions={sae && <MeasureOn sae={sae}>Measure again</MeasureOn>}>
      This autoencoder was measured by an earlier version, which gathered less. Its dashboards stay
      as they are until it is measured again, in one pass over the corpus.
    </Empty>
  );
}
import { MeasureOn } from "./measure-on.tsx";
