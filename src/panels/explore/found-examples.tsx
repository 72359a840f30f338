/** Contexts where a direction is strongest, or most negative: every token shaded. A click takes one into the prompt. */
import type { ReactNode } from "react";
import { exampleSpan, type Span } from "../../charts/example.ts";
import { ExampleRow } from "../../charts/example-row.tsx";
import { type DirectionExample, directionName, type Found } from "../../core/direction.ts";
import { joinTokens, readable } from "../../core/token-bytes.ts";
import { useLab } from "../../state/context.ts";
import { useChoice } from "../../state/options-slice.ts";
import { Button } from "../../ui/button.tsx";
import type { FigureBasis } from "../../ui/basis.tsx";
import type { Python } from "../../ui/figure-numbers.ts";
import { Figure } from "../../ui/figure.tsx";
import { Segmented } from "../../ui/segmented.tsx";

export interface FoundExamplesProps {
  title: string;
  found: Found;
  end: "highest" | "lowest";
  /** At most so many. */
  shown?: number;
  python: Python;
  basis: FigureBasis;
  children?: ReactNode;
}

export function FoundExamples({
  title,
  found,
  end,
  shown,
  python,
  basis,
  children,
}: FoundExamplesProps) {
  const showExample = useLab((s) => s.showExample);
  const [length, setLength] = useChoice("examples.length", ["short", "whole"]);
  const examples = found[end].slice(0, shown);
  const signed = (found.least ?? 0) < 0;
  const max = Math.max(Math.abs(found.most ?? 0), Math.abs(found.least ?? 0));
  const spanOf = ({ tokens, peak }: DirectionExample): Span =>
    length === "whole"
      ? { start: 0, end: tokens.length }
      : exampleSpan({ tokens, peak, activations: NONE }, 18, 8);
  return (
    <Figure
      title={title}
      name={`direction-${end}`}
      what={{
        basis,
        words:
          "Pieces of the text, one a context, where the value is most extreme. Every token is shaded by its own value, in " +
          "proportion to the largest size found; the token it is an example of is underlined. Point at a token, or use the " +
          "arrow keys in a row, to read it. A click, or Enter, puts the text into the prompt from the beginning of its " +
          "context, with that token selected: there the model sees what it saw here.",
        formula: `value: ${directionName(found.direction)}`,
        source: `${found.tokens.toLocaleString("en-US")} tokens at ${found.hook}; the first token of a context and every <|endoftext|> are left out.`,
      }}
      table={() => ({
        columns: ["rank", "example", "token index", "token", "value"],
        rows: found[end].flatMap(({ tokens, values, peak }, rank) =>
          tokens.map((token, i) => [
            rank + 1,
            i === peak ? "peak" : "",
            i,
            readable(token),
            Number.isNaN(values[i]!) ? null : values[i]!,
          ]),
        ),
      })}
      python={python}
      controls={
        <Segmented
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
      {children}
      {examples.length === 0 ? (
        <p className="quiet">None yet.</p>
      ) : (
        <ol className="examples">
          {examples.map((example) => {
            const { tokens, values, peak } = example;
            return (
              <li key={`${values[peak]!} ${readable(joinTokens(tokens)).slice(0, 80)}`}>
                <ExampleRow
                  example={{ tokens, activations: values, peak }}
                  span={spanOf(example)}
                  max={max}
                  signed={signed}
                  onToken={(at) => showExample(tokens, at)}
                  actions={
                    <Button
                      kind="quiet"
                      className="use-in-prompt"
                      title="Put this text into the prompt and select its token"
                      onClick={() => showExample(tokens, peak)}
                    >
                      To prompt
                    </Button>
                  }
                />
              </li>
            );
          })}
        </ol>
      )}
    </Figure>
  );
}

const NONE = new Float32Array(0);
