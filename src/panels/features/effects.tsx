/** The output tokens that a feature makes likelier or unlikelier when it writes to the residual stream. */
import { effectScale } from "../../charts/bars.ts";
import { EffectBars } from "../../charts/effect-bars.tsx";
import { HistogramChart } from "../../charts/histogram-chart.tsx";
import type { Basis } from "../../core/basis.ts";
import type { FeatureDashboard } from "../../core/feature-dashboard.ts";
import { useLab } from "../../state/context.ts";
import { BasisChoice } from "../../ui/basis.tsx";
import { Figure } from "../../ui/figure.tsx";
import { useFeaturePython } from "./use-feature-python.ts";

const SOURCE: Record<Basis, string> = {
  raw: "W_U is the transposed output head; nothing folded, nothing centred.",
  tl: "W_U has the last LayerNorm’s weight in it and is centred over the stream and over the vocabulary; what Neuronpedia shows.",
};

export function Effects({ dashboard }: { dashboard: FeatureDashboard }) {
  const { feature, promoted, suppressed, basis } = dashboard;
  const python = useFeaturePython(feature);
  const scale = effectScale(promoted, suppressed);
  const chosen = useLab((s) => s.basis);
  const setBasis = useLab((s) => s.setBasis);
  return (
    <Figure
      title="What it writes"
      name={`feature-${feature}-effects`}
      table={() => ({
        columns: ["list", "token", "id", "effect (logits per unit of activation)"],
        rows: Object.entries({ promoted, suppressed }).flatMap(([list, effects]) =>
          effects.map(({ string, id, effect }) => [list, string, id, effect]),
        ),
      })}
      python={python}
      what={{
        words: (
          <>
            The ten tokens whose logits rise and fall most if one unit of the feature’s direction
            reaches the output. This is the direct path only: what later blocks make of the feature
            is not in it, and the scale of the last LayerNorm is left out, so compare the tokens,
            not features of different autoencoders. The histogram has the effects on all tokens of
            the vocabulary, its bars by log(1 + count): a feature that is for some tokens has a few
            far out.
          </>
        ),
        formula: "effect(v) = W_dec[f] · W_U[:, v]",
        source: SOURCE[basis],
        basis,
      }}
      controls={<BasisChoice value={chosen} onChange={setBasis} />}
    >
      <div className="dashboard-pair">
        <EffectBars caption="Promoted" effects={promoted} scale={scale} />
        <EffectBars caption="Suppressed" effects={suppressed} scale={scale} />
        <HistogramChart
          histogram={dashboard.effectHistogram}
          label={`Histogram of the effects of feature ${feature} on all tokens of the vocabulary`}
          counted="tokens of the vocabulary"
          shareOf="of the vocabulary"
          signed
          logarithmic
        />
      </div>
    </Figure>
  );
}
