/** Examples by equal intervals of activation, from the highest down. */
import type { ExampleWidth } from "../../core/feature-studies.ts";
import type { ContextExample, FeatureDashboard } from "../../core/feature-dashboard.ts";
import { useLab } from "../../state/context.ts";
import { selectedSae } from "../../state/sae-on-bench.ts";
import { Button } from "../../ui/button.tsx";
import { Empty } from "../../ui/empty.tsx";
import { formatPercent } from "../../ui/format.ts";
import type { RowEffects } from "./ablation.tsx";
import { ExampleList } from "./example-list.tsx";
import { MeasureOn } from "./measure-on.tsx";

/** Of each interval, before all are asked for. */
export const FIRST_OF_EACH = 2;

export interface IntervalsProps {
  dashboard: FeatureDashboard;
  width: ExampleWidth;
  effectsOf: (example: ContextExample) => RowEffects | null;
  /** Whether all examples of each interval are shown, or the first of them. */
  all: boolean;
  onAll: () => void;
}
export function Intervals({ dashboard, width, effectsOf, all, onAll }: IntervalsProps) {
  const { intervals, row } = dashboard;
  if (!intervals) return <NotMeasured />;
  const total = intervals.reduce((sum, { count }) => sum + count, 0);
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
            examples={all ? examples : examples.slice(0, FIRST_OF_EACH)}
            {...{ max: row.max, width, effectsOf }}
          />
        </section>
      ))}
      {!all && intervals.some(({ examples }) => examples.length > FIRST_OF_EACH) && (
        <div>
          <Button kind="quiet" onClick={onAll}>
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
