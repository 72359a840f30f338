/** Features whose decoder directions point the same way. */
import type { FeatureDashboard, FeatureTable } from "../../core/sae.ts";
import { useLab } from "../../state/context.ts";
import { Figure } from "../../ui/figure.tsx";
import { useFeaturePython } from "./use-feature-python.ts";
import { formatPercent } from "../../ui/format.ts";

export interface NeighboursProps {
  dashboard: FeatureDashboard;
  table: FeatureTable;
}
export function Neighbours({ dashboard: { feature, neighbours }, table }: NeighboursProps) {
  const python = useFeaturePython(feature);
  const selectFeature = useLab((s) => s.selectFeature);
  return (
    <Figure
      title="Nearest features"
      name={`feature-${feature}-nearest`}
      table={() => ({
        columns: ["feature", "cosine"],
        rows: neighbours.map(({ feature: id, cosine }) => [id, cosine]),
      })}
      python={python}
      what={{
        words:
          "Features of this autoencoder that write in the most similar direction. 1 is the same direction, 0 a right angle. Near copies hint at a feature that was split in two.",
        formula: "cos(i, j) = W_dec[i] · W_dec[j] / (‖W_dec[i]‖ ‖W_dec[j]‖)",
      }}
    >
      {neighbours.length === 0 && <p className="quiet">There is no other feature.</p>}
      <ol className="neighbours" aria-label={`Features nearest to ${feature}`}>
        {neighbours.map(({ feature: id, cosine }) => (
          <li key={id}>
            <button type="button" onClick={() => void selectFeature(id)}>
              <span className="mono">{id}</span>
              <span className="cosine-bar" aria-hidden="true">
                <span style={{ transform: `scaleX(${Math.max(0, cosine)})` }} />
              </span>
              <span className="mono">{cosine.toFixed(3)}</span>
              <span className="quiet">{densityWords(table, id)}</span>
            </button>
          </li>
        ))}
      </ol>
    </Figure>
  );
}

function densityWords({ rows }: FeatureTable, feature: number): string {
  const row = rows[feature];
  if (!row) return "";
  return row.lastFired === null ? "dead" : formatPercent(row.density);
}
