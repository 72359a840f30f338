/** The output tokens that a feature makes likelier or unlikelier when it writes to the residual stream. */
import { effectScale } from "../../charts/bars.ts";
import { EffectBars } from "../../charts/effect-bars.tsx";
import type { FeatureDashboard } from "../../core/sae.ts";
import { Figure } from "../../ui/figure.tsx";

export function Effects({ dashboard: { promoted, suppressed } }: { dashboard: FeatureDashboard }) {
  const scale = effectScale(promoted, suppressed);
  return (
    <Figure
      title="What it writes"
      what={{
        words: (
          <>
            The ten tokens whose logits rise and fall most if one unit of the feature’s direction
            reaches the output. This is the direct path only: what later blocks make of the feature
            is not in it, and the scale of the last LayerNorm is left out, so compare the tokens,
            not features of different autoencoders.
          </>
        ),
        formula: "effect(v) = W_dec[f] · W_U[:, v]",
        source:
          "Basis: the raw checkpoint, W_U is the transposed token embedding; nothing folded, nothing centred.",
      }}
    >
      <div className="dashboard-pair">
        <EffectBars caption="Promoted" effects={promoted} scale={scale} />
        <EffectBars caption="Suppressed" effects={suppressed} scale={scale} />
      </div>
    </Figure>
  );
}
