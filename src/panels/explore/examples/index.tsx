/** Find examples: text in which a direction is strongest. */
import { directionName, sourceName, type TextSource } from "../../../core/direction.ts";
import type { Gpt2Config } from "../../../core/types.ts";
import { searchPython } from "../../../python/direction.ts";
import { useLab } from "../../../state/context.ts";
import { saeFacts, useRunFacts } from "../../../state/run-facts.ts";
import { selectedSae } from "../../../state/sae-on-bench.ts";
import { Button } from "../../../ui/button.tsx";
import { Empty } from "../../../ui/empty.tsx";
import type { Table } from "../../../ui/figure-numbers.ts";
import { Figure } from "../../../ui/figure.tsx";
import { type Chosen, useDirection } from "./direction-form.tsx";
import { Results } from "./results.tsx";
import { SourceForm, useSource } from "./source-form.tsx";
import "./examples.css";

/** Examples of each end. */
const KEEP = 20;

export default function ExamplesView() {
  const model = useLab((s) => s.model);
  if (model.status !== "ready") return null; // the notices above say what is going on
  return <Search config={model.value.config} />;
}

function Search({ config }: { config: Gpt2Config }) {
  const model = useLab((s) => s.model);
  const search = useLab((s) => s.exampleSearch);
  const searchExamples = useLab((s) => s.searchExamples);
  const chosen = useDirection(config);
  const { source, tokens } = useSource();
  const runFacts = useRunFacts();
  const summary = useLab(selectedSae);
  const sae = summary && saeFacts(summary);
  const own = model.status === "ready" && search?.model === model.value ? search : null;
  return (
    <div className="stack">
      <Figure
        title="Find examples"
        name="example-search"
        table={() => searchTable(chosen, source, tokens)}
        python={
          "missing" in chosen
            ? { none: chosen.missing }
            : () => searchPython(runFacts(), { direction: chosen.direction, source, sae })
        }
        what={{
          words:
            "Reads text with the model and keeps the places where a direction is strongest and most negative: each context " +
            "counts once, by its most extreme token. Only the blocks up to the hook point are run, and what has been found " +
            "so far is shown while the search goes on. Values are comparable within one direction, not between two.",
          formula:
            "neuron: mlp.hook_post     head: ‖z·W_O‖ or (z·W_O)·u_token     feature: f(x)     vector: x · v/‖v‖",
          source:
            "x at the hook point named. u_token reads the token’s logit: W_U with the last LayerNorm’s weight, its scale left out.",
        }}
      >
        <div className="search-form">
          {chosen.fields}
          <SourceForm />
          <div className="row">
            <Button
              kind="primary"
              icon="play"
              disabled={"missing" in chosen}
              onClick={() => {
                if ("direction" in chosen) {
                  void searchExamples({ direction: chosen.direction, source, tokens, keep: KEEP });
                }
              }}
            >
              Search
            </Button>
            {"missing" in chosen && <p className="quiet">{chosen.missing}</p>}
          </div>
        </div>
      </Figure>
      {own ? (
        <Results search={own} />
      ) : (
        <Empty title="Nothing searched for yet">
          Choose what to look for, and press Search. Examples appear as soon as there are any.
        </Empty>
      )}
    </div>
  );
}

/** What is asked for. */
function searchTable(chosen: Chosen, source: TextSource, tokens: number | null): Table {
  const setting = (name: string, value: unknown) => [
    name,
    typeof value === "string" ? value : JSON.stringify(value),
  ];
  const direction = "direction" in chosen ? chosen.direction : null;
  return {
    columns: ["setting", "value"],
    rows: [
      ...(direction
        ? [
            ["direction", directionName(direction)],
            ...Object.entries(direction).map(([name, value]) =>
              setting(name, value instanceof Float32Array ? [...value] : value),
            ),
          ]
        : [["direction", null]]),
      ["text", sourceName(source) ?? "the app's corpus"],
      ["tokens", tokens],
    ],
  };
}
