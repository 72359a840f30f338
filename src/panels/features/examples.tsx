/** Examples of a feature in the corpus, the strongest or by intervals of activation, every token shaded by its activation. */
import { useState } from "react";
import type { ExampleWidth } from "../../core/feature-studies.ts";
import type { FeatureDashboard } from "../../core/feature-dashboard.ts";
import { useLab } from "../../state/context.ts";
import { useChoice } from "../../state/options-slice.ts";
import { Button } from "../../ui/button.tsx";
import { Empty } from "../../ui/empty.tsx";
import { Figure } from "../../ui/figure.tsx";
import { Segmented } from "../../ui/segmented.tsx";
import { AblationChoice, AblationState, useAblation } from "./ablation.tsx";
import { ExampleList } from "./example-list.tsx";
import { FIRST_OF_EACH, Intervals } from "./intervals.tsx";
import { useFeaturePython } from "./use-feature-python.ts";
import { WHAT_EXAMPLES } from "./what-examples.ts";

const FIRST = 6;
const WIDTH_WORDS: Record<ExampleWidth, [label: string, title: string]> = {
  short: ["Short", "Five tokens on each side"],
  medium: ["Medium", "Sixteen tokens on each side"],
  whole: ["Whole", "The whole context that the model read"],
};
const WIDTH_ORDER: readonly ExampleWidth[] = ["short", "medium", "whole"];

export function Examples({ dashboard }: { dashboard: FeatureDashboard }) {
  const { feature, examples, intervals } = dashboard;
  const python = useFeaturePython(feature);
  const width = useLab((s) => s.exampleWidth);
  const setWidth = useLab((s) => s.setExampleWidth);
  const [which, setWhich] = useChoice("feature.examples", ["strongest", "intervals"]);
  const [allOf, setAllOf] = useState<number | null>(null);
  const isAll = allOf === feature;
  const shown = isAll ? examples : examples.slice(0, FIRST);
  const all = [...examples, ...(intervals ?? []).flatMap((interval) => interval.examples)];
  const visible =
    which === "strongest"
      ? shown
      : (intervals ?? []).flatMap((interval) =>
          isAll ? interval.examples : interval.examples.slice(0, FIRST_OF_EACH),
        );
  const ablation = useAblation(dashboard, visible);
  return (
    <Figure
      title={which === "strongest" ? "Strongest examples" : "Examples by activation"}
      name={`feature-${feature}-examples`}
      table={() => ({
        columns: ["example", "position", "token", "activation"],
        rows: all.flatMap(({ tokens, activations }, example) =>
          tokens.map((token, t) => [example, t, token, activations[t]!]),
        ),
      })}
      python={python}
      what={WHAT_EXAMPLES}
      controls={
        <div className="row">
          <Segmented
            label="Which examples"
            value={which}
            onChange={setWhich}
            choices={[
              { value: "strongest", label: "Strongest" },
              {
                value: "intervals",
                label: "By interval",
                title: "By chance from equal intervals of activation",
              },
            ]}
          />
          <Segmented<ExampleWidth>
            label="Length of the examples"
            value={width}
            onChange={setWidth}
            choices={WIDTH_ORDER.map((value) => ({
              value,
              label: WIDTH_WORDS[value][0],
              title: WIDTH_WORDS[value][1],
            }))}
          />
        </div>
      }
    >
      {visible.length > 0 && <AblationChoice ablation={ablation} />}
      <AblationState ablation={ablation} />
      {which === "intervals" ? (
        <Intervals
          {...{ dashboard, width }}
          effectsOf={ablation.effectsOf}
          all={isAll}
          onAll={() => setAllOf(feature)}
        />
      ) : (
        <>
          {examples.length === 0 ? (
            <Empty title="No examples stored">Measure the autoencoder again to collect them.</Empty>
          ) : (
            <ExampleList
              examples={shown}
              max={dashboard.row.max}
              width={width}
              effectsOf={ablation.effectsOf}
            />
          )}
          {shown.length < examples.length && (
            <div>
              <Button kind="quiet" onClick={() => setAllOf(feature)}>
                Show all {examples.length}
              </Button>
            </div>
          )}
        </>
      )}
    </Figure>
  );
}
