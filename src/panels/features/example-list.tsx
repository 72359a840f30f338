/** Examples of a feature, each with its marked range that can be sent to the prompt. */
import { useState } from "react";
import { ExampleRow } from "../../charts/example-row.tsx";
import { exampleText, type Span, spanOfWidth } from "../../charts/example.ts";
import type { ContextExample } from "../../core/feature-dashboard.ts";
import type { ExampleWidth } from "../../core/feature-studies.ts";
import { useLab } from "../../state/context.ts";
import { Button } from "../../ui/button.tsx";
import type { RowEffects } from "./ablation.tsx";

export interface ExampleListProps {
  examples: readonly ContextExample[];
  max: number;
  width: ExampleWidth;
  effectsOf: (example: ContextExample) => RowEffects | null;
}
export function ExampleList({ examples, max, width, effectsOf }: ExampleListProps) {
  return (
    <ol className="examples">
      {examples.map((example, i) => (
        <li key={i}>
          <Example example={example} max={max} width={width} effects={effectsOf(example)} />
        </li>
      ))}
    </ol>
  );
}

interface ExampleProps {
  example: ContextExample;
  max: number;
  width: ExampleWidth;
  effects: RowEffects | null;
}
function Example({ example, max, width, effects }: ExampleProps) {
  const [range, setRange] = useState<Span | null>(null);
  const span = spanOfWidth(example, width);
  const chosen = range && range.start >= span.start && range.end <= span.end ? range : null;
  return (
    <ExampleRow
      example={example}
      span={span}
      max={max}
      range={chosen}
      onRange={setRange}
      effects={effects}
      actions={<ToPrompt example={example} span={chosen ?? span} chosen={chosen !== null} />}
    />
  );
}

interface ToPromptProps {
  example: ContextExample;
  span: Span;
  /** Whether the span is a range that the user chose. */
  chosen: boolean;
}
function ToPrompt({ example, span, chosen }: ToPromptProps) {
  const replaceText = useLab((s) => s.replaceText);
  const setPrependBos = useLab((s) => s.setPrependBos);
  const count = span.end - span.start;
  return (
    <Button
      kind="quiet"
      className="use-in-prompt"
      title={
        chosen
          ? "Put the chosen tokens into the prompt"
          : "Put this text into the prompt; choose a part of it by dragging, or with Shift and the arrow keys"
      }
      onClick={() => {
        setPrependBos(true); // as the model had it
        replaceText(exampleText(example, span).replaceAll("<|endoftext|>", ""));
      }}
    >
      {chosen ? `Send ${count} to the prompt` : "To prompt"}
    </Button>
  );
}
