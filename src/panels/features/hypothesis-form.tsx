/** What a hypothesis test asks: the statement, the texts of both kinds, one a line, and the threshold. */
import { useState } from "react";
import { exampleSpan, exampleText } from "../../charts/example.ts";
import { phrasesOf } from "../../core/direction.ts";
import { type HypothesisTest, NOTE_LIMITS } from "../../core/feature-notes.ts";
import type { FeatureDashboard } from "../../core/feature-dashboard.ts";
import { useLab } from "../../state/context.ts";
import { Button } from "../../ui/button.tsx";
import { LinesField, NumberField, Select, TextField } from "../../ui/field.tsx";

export interface HypothesisFormProps {
  test: HypothesisTest;
  dashboard: FeatureDashboard;
  onChange: (patch: Partial<HypothesisTest>) => void;
}
/** Examples of the corpus that are taken over as texts. */
const TAKEN = 5;

export function HypothesisForm({ test, dashboard, onChange }: HypothesisFormProps) {
  const prompt = useLab((s) => s.text);
  const examples = () =>
    dashboard.examples
      .slice(0, TAKEN)
      .map((example) => exampleText(example, exampleSpan(example, 12, 3)).replace(/\s+/g, " "));
  return (
    <div className="test-form">
      <TextField
        label="It means"
        value={test.statement}
        maxLength={NOTE_LIMITS.label}
        onChange={(statement) => onChange({ statement })}
      />
      <div className="test-texts">
        <Texts
          label="Texts that should make it active"
          texts={test.should}
          onChange={(should) => onChange({ should })}
          more={[
            { name: "Its strongest examples", texts: examples },
            { name: "The prompt", texts: () => [prompt] },
          ]}
        />
        <Texts
          label="Texts that should not"
          texts={test.shouldNot}
          onChange={(shouldNot) => onChange({ shouldNot })}
          more={[{ name: "The prompt", texts: () => [prompt] }]}
        />
      </div>
      <Threshold test={test} onChange={onChange} />
    </div>
  );
}

interface TextsProps {
  label: string;
  texts: readonly string[];
  onChange: (texts: string[]) => void;
  /** Where more texts may come from. */
  more: readonly { name: string; texts: () => string[] }[];
}
function Texts({ label, texts, onChange, more }: TextsProps) {
  const [typed, setTyped] = useState(texts.join("\n"));
  // Undo, or an import, may have changed what is stored.
  const shown = phrasesOf(typed).join("\n") === texts.join("\n") ? typed : texts.join("\n");
  const put = (text: string) => {
    setTyped(text);
    onChange(
      phrasesOf(text)
        .slice(0, NOTE_LIMITS.texts)
        .map((line) => line.slice(0, NOTE_LIMITS.text)),
    );
  };
  return (
    <div>
      <LinesField
        label={label}
        hint="One a line"
        prose
        rows={Math.min(10, Math.max(4, texts.length + 1))}
        value={shown}
        onChange={put}
      />
      <div className="row">
        {more.map(({ name, texts: taken }) => (
          <Button
            key={name}
            kind="quiet"
            className="inline"
            aria-label={`${name}, to: ${label}`}
            onClick={() => put([...texts, ...taken()].join("\n"))}
          >
            + {name}
          </Button>
        ))}
      </div>
    </div>
  );
}

function Threshold({
  test: { threshold },
  onChange,
}: Pick<HypothesisFormProps, "test" | "onChange">) {
  const share = threshold.kind === "share";
  const [typed, setTyped] = useState(String(share ? 100 * threshold.value : threshold.value));
  const put = (kind: typeof threshold.kind, text: string) => {
    setTyped(text);
    const value = Number(text);
    if (text.trim() === "" || !Number.isFinite(value)) return;
    onChange({ threshold: { kind, value: kind === "share" ? value / 100 : value } });
  };
  return (
    <div className="test-threshold">
      <Select
        label="Active means above"
        value={threshold.kind}
        options={[
          { value: "activation", label: "an activation of" },
          { value: "share", label: "a share of its largest activation" },
        ]}
        onChange={(kind) => put(kind, kind === "share" ? "10" : "0")}
      />
      <NumberField
        label={share ? "Share" : "Activation"}
        unit={share ? "%" : undefined}
        value={typed}
        onChange={(text) => put(threshold.kind, text)}
      />
    </div>
  );
}
