/** Any text against one feature: what is typed is shaded as it is typed. */
import { useState } from "react";
import { ExampleRow } from "../../charts/example-row.tsx";
import type { FeatureDashboard } from "../../core/feature-dashboard.ts";
import type { FeatureExample } from "../../core/sae.ts";
import { tryTextPython } from "../../python/feature-parts.ts";
import { useLab } from "../../state/context.ts";
import { useStudy } from "../../state/figures-slice.ts";
import { ErrorCard } from "../../ui/error-card.tsx";
import { Button } from "../../ui/button.tsx";
import { Figure } from "../../ui/figure.tsx";
import { formatPercent } from "../../ui/format.ts";
import { useSaePython } from "./use-sae-python.ts";

const LONGEST = 4000; // characters

export function TryText({ dashboard: { saeId, feature, row } }: { dashboard: FeatureDashboard }) {
  const text = useLab((s) => s.tryText);
  const setText = useLab((s) => s.setTryText);
  const replaceText = useLab((s) => s.replaceText);
  const [focused, setFocused] = useState(false);
  const python = useSaePython((facts, sae) => tryTextPython(facts, sae, { feature, text }));
  const asked = useStudy("featureText", text === "" ? null : { sae: saeId, feature, text });
  const shown = asked.shown?.sae === saeId && asked.shown.feature === feature ? asked.shown : null;
  const values = text === "" ? null : shown;
  const example: FeatureExample | null =
    values && values.tokens.length > 0
      ? {
          tokens: values.tokens,
          activations: values.activations,
          peak: values.activations.indexOf(Math.max(...values.activations)),
        }
      : null;
  const top = example ? (example.activations[example.peak] ?? 0) : 0;
  return (
    <Figure
      title="Try a text"
      name={`feature-${feature}-text`}
      table={() => ({
        columns: ["position", "token", "activation"],
        rows: (values?.tokens ?? []).map((token, t) => [t, token, values!.activations[t]!]),
      })}
      python={text === "" ? { none: "there is no text yet." } : python}
      what={{
        words:
          "Type or paste a text: every token is shaded by this feature as you type, in proportion to its largest activation in the corpus. The text is kept while you go from feature to feature; the prompt stays as it is.",
        formula:
          "f = act(W_enc · x + b_enc), x at the autoencoder’s hook point, BOS before the text",
      }}
      controls={
        text !== "" && (
          <div className="row">
            <Button kind="quiet" onClick={() => replaceText(text)}>
              To prompt
            </Button>
            <Button kind="quiet" onClick={() => setText("")}>
              Clear
            </Button>
          </div>
        )
      }
    >
      <textarea
        className="input try-text"
        rows={focused || text.length > 80 ? 3 : 1}
        aria-label={`Text to try feature ${feature} on`}
        placeholder="Type a text that should, or should not, make it active"
        maxLength={LONGEST}
        value={text}
        onFocus={() => setFocused(true)}
        onBlur={() => setFocused(false)}
        onChange={(e) => setText(e.target.value)}
      />
      {asked.error && text !== "" && <ErrorCard title="Reading the text" error={asked.error} />}
      {example && (
        <div aria-live="polite" aria-busy={asked.running}>
          <ExampleRow
            example={example}
            span={{ start: 0, end: example.tokens.length }}
            max={Math.max(row.max, top)}
          />
          <p className="quiet">
            {top === 0
              ? "Not active on any of its tokens."
              : row.max > 0
                ? `${formatPercent(top / row.max)} of its largest activation.`
                : "It was never active on the measured tokens."}
            {typeof values?.truncatedFrom === "number" &&
              ` Only the first ${values.tokens.length} of ${values.truncatedFrom} tokens fit the model.`}
          </p>
        </div>
      )}
    </Figure>
  );
}
