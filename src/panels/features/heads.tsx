/** Through which heads a feature of an SAE of attention's z writes. */
import type { FeatureDashboard } from "../../core/feature-dashboard.ts";
import { parseHook } from "../../core/hooks.ts";
import { headsPython } from "../../python/feature-parts.ts";
import { useLab } from "../../state/context.ts";
import { selectedSae } from "../../state/sae-on-bench.ts";
import { Figure } from "../../ui/figure.tsx";
import { formatPercent } from "../../ui/format.ts";
import { useSaePython } from "./use-sae-python.ts";

export function Heads({ dashboard: { feature, headNorms } }: { dashboard: FeatureDashboard }) {
  const sae = useLab(selectedSae);
  const model = useLab((s) => s.model);
  const selectHead = useLab((s) => s.selectHead);
  const setView = useLab((s) => s.setExploreView);
  const python = useSaePython((facts, own) => headsPython(facts, own, feature));
  if (!headNorms || !sae || model.status !== "ready") return null;
  const layer = parseHook(sae.config.hook, model.value.config).layer ?? 0;
  const total = headNorms.reduce((a, b) => a + b, 0);
  const most = Math.max(...headNorms);
  const share = (norm: number) => (total === 0 ? null : norm / total);
  return (
    <Figure
      title="Heads"
      name={`feature-${feature}-heads`}
      table={() => ({
        columns: ["head", "norm", "share"],
        rows: headNorms.map((norm, head) => [`L${layer}H${head}`, norm, share(norm)]),
      })}
      python={python}
      what={{
        words:
          "An autoencoder of attention’s z reads all heads of a layer side by side. How much of this feature’s direction lies in each head: the norm of that head’s part, as a share of the sum of all. Choose one to open its head.",
        formula: "share(h) = ‖W_dec[f]_h‖₂ / Σ_h′ ‖W_dec[f]_h′‖₂",
        source: "SAEDashboard’s head attribution, shown by Neuronpedia for attention autoencoders",
      }}
    >
      <ol className="head-shares" aria-label="Share of each head">
        {headNorms.map((norm, head) => (
          <li key={head}>
            <button
              type="button"
              onClick={() => {
                selectHead({ layer, head });
                setView("attention");
              }}
            >
              <span className="mono">{`L${layer}H${head}`}</span>
              <span className="cosine-bar" aria-hidden="true">
                <span style={{ transform: `scaleX(${most > 0 ? norm / most : 0})` }} />
              </span>
              <span className="mono">
                {share(norm) === null ? "none" : formatPercent(share(norm)!)}
              </span>
            </button>
          </li>
        ))}
      </ol>
    </Figure>
  );
}
