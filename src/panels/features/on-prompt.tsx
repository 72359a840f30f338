/** The feature on the prompt: its tokens shaded, and where it is strongest. The tokens select the position everywhere. */
import { activationWords } from "../../charts/example.ts";
import { useLab } from "../../state/context.ts";
import { activationsOf, firingPositions } from "../../state/feature-on-prompt.ts";
import { shownPosition } from "../../state/prompt-slice.ts";
import { saeForPrompt, selectedSae } from "../../state/sae-on-bench.ts";
import { promptFeaturesPython } from "../../python/sae.ts";
import { saeFacts, useRunFacts } from "../../state/run-facts.ts";
import { Figure } from "../../ui/figure.tsx";
import { tokenLabels } from "../../ui/token-text.ts";
import { TokenStrip } from "../../ui/token.tsx";

/** @param max the feature's largest activation in the corpus; 0 if it was never active there */
export function OnPrompt({ feature, max }: { feature: number; max: number }) {
  const view = useLab((s) => s.shownView);
  const saeId = useLab(saeForPrompt);
  const position = useLab(shownPosition);
  const selectPosition = useLab((s) => s.selectPosition);
  const sae = useLab(selectedSae);
  const facts = useRunFacts();
  if (!view || !sae || !saeId || view.features?.saeId !== saeId) return null;
  const activations = activationsOf(view.features, feature);
  const firing = firingPositions(activations);
  const top = Math.max(max, ...activations);
  const tokens = view.tokens.strings;
  return (
    <Figure
      title="On the prompt"
      name={`feature-${feature}-on-prompt`}
      table={() => ({
        columns: ["position", "token", "activation"],
        rows: tokens.map((token, t) => [t, token, activations[t] ?? 0]),
      })}
      python={() => promptFeaturesPython(facts(), saeFacts(sae), position ?? tokens.length - 1)}
      what={{
        words:
          "The prompt's tokens, shaded by how active the feature is on each, in proportion to its largest activation in the corpus. Selecting a token selects it everywhere.",
        formula: "f = act(W_enc · x + b_enc), x at the autoencoder's hook point",
      }}
      controls={
        <p className="quiet">
          {firing.length === 0
            ? "not active"
            : `active on ${firing.length} of ${tokens.length} tokens, strongest on “${tokenLabels(tokens)[firing[0]!]!.text}”, ${activationWords(activations[firing[0]!]!)}`}
        </p>
      }
    >
      <TokenStrip
        label={`Feature ${feature} on the prompt: select a position`}
        tokens={tokens}
        selected={position}
        onSelect={selectPosition}
        shade="feature"
        amounts={top > 0 ? activations.map((a) => a / top) : activations}
        describe={(i) => activationWords(activations[i] ?? 0)}
      />
    </Figure>
  );
}
