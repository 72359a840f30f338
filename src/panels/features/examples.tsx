/** The strongest examples of a feature in the corpus, every token shaded by its activation. */
import { useState } from "react";
import { ExampleRow } from "../../charts/example-row.tsx";
import { exampleSpan, exampleText, type Span } from "../../charts/example.ts";
import type { FeatureDashboard, FeatureExample } from "../../core/sae.ts";
import { useLab } from "../../state/context.ts";
import { Button } from "../../ui/button.tsx";
import { Empty } from "../../ui/empty.tsx";
import { Figure } from "../../ui/figure.tsx";
import { useFeaturePython } from "./use-feature-python.ts";
import { Segmented } from "../../ui/segmented.tsx";

type Length = "short" | "whole";
const FIRST = 8;

export function Examples({
  dashboard: { feature, row, examples },
}: {
  dashboard: FeatureDashboard;
}) {
  const python = useFeaturePython(feature);
  const [length, setLength] = useState<Length>("short");
  const [allOf, setAllOf] = useState<number | null>(null);
  const shown = allOf === feature ? examples : examples.slice(0, FIRST);
  const spanOf = (example: FeatureExample): Span =>
    length === "whole" ? { start: 0, end: example.tokens.length } : exampleSpan(example, 18, 8);
  return (
    <Figure
      title="Strongest examples"
      name={`feature-${feature}-examples`}
      table={() => ({
        columns: ["example", "position", "token", "activation"],
        rows: examples.flatMap(({ tokens, activations }, example) =>
          tokens.map((token, t) => [example, t, token, activations[t]!]),
        ),
      })}
      python={python}
      what={{
        words:
          "Pieces of the corpus where the feature is most active. The deeper the amber, the more active it is on that token, in proportion to its largest activation; the strongest token is underlined. Point at a token, or use the arrow keys in a row, for its value.",
        formula: "shade = f(token) / max f",
      }}
      controls={
        <Segmented<Length>
          label="Length of the examples"
          value={length}
          onChange={setLength}
          choices={[
            { value: "short", label: "Around the peak" },
            { value: "whole", label: "Whole" },
          ]}
        />
      }
    >
      {examples.length === 0 ? (
        <Empty title="No examples stored">Measure the autoencoder again to collect them.</Empty>
      ) : (
        <ol className="examples">
          {shown.map((example, i) => (
            <li key={i}>
              <ExampleRow
                example={example}
                span={spanOf(example)}
                max={row.max}
                actions={<UseInPrompt example={example} span={spanOf(example)} />}
              />
            </li>
          ))}
        </ol>
      )}
      {shown.length < examples.length && (
        <div>
          <Button kind="quiet" onClick={() => setAllOf(feature)}>
            Show all {examples.length}
          </Button>
        </div>
      )}
    </Figure>
  );
}

function UseInPrompt({ example, span }: { example: FeatureExample; span: Span }) {
  const setText = useLab((s) => s.setText);
  const selectPosition = useLab((s) => s.selectPosition);
  return (
    <Button
      kind="quiet"
      className="use-in-prompt"
      title="Put this text into the prompt"
      onClick={() => {
        setText(exampleText(example, span).replaceAll("<|endoftext|>", "").trim());
        selectPosition(null);
      }}
    >
      To prompt
    </Button>
  );
}
