/** Features that are like this one: by direction in this autoencoder and in others, and by when they are active. */
import { useEffect } from "react";
import type { FeatureDashboard } from "../../core/feature-dashboard.ts";
import type { FeatureLabel, SaeNotes } from "../../core/feature-notes.ts";
import type { FeatureTable } from "../../core/sae.ts";
import { correlatedPython } from "../../python/feature-parts.ts";
import { useLab } from "../../state/context.ts";
import { useStudy } from "../../state/figures-slice.ts";
import { useNotes } from "../../state/feature-notes.ts";
import { useChoice } from "../../state/options-slice.ts";
import { ErrorCard } from "../../ui/error-card.tsx";
import { FeatureName } from "../../ui/feature-name.tsx";
import type { Table } from "../../ui/figure-numbers.ts";
import { Figure, type What } from "../../ui/figure.tsx";
import { formatPercent } from "../../ui/format.ts";
import { hookLabel } from "../../ui/hook-label.ts";
import { Progress } from "../../ui/progress.tsx";
import { Segmented } from "../../ui/segmented.tsx";
import { NotMeasured } from "./intervals.tsx";
import { useFeaturePython } from "./use-feature-python.ts";
import { useSaePython } from "./use-sae-python.ts";

const KINDS = ["direction", "correlation", "elsewhere"] as const;
type Kind = (typeof KINDS)[number];
const KIND_WORDS: Record<Kind, [label: string, title: string]> = {
  direction: ["Direction", "Cosine of decoder directions in this autoencoder"],
  correlation: ["Activity", "Correlation of activations over the corpus"],
  elsewhere: ["Others", "Cosine with the features of other autoencoders on the shelf"],
};
const WHAT: Record<Kind, What> = {
  direction: {
    words:
      "Features of this autoencoder that write in the most similar direction. 1 is the same direction, 0 a right angle. Near copies hint at a feature that was split in two.",
    formula: "cos(i, j) = W_dec[i] · W_dec[j] / (‖W_dec[i]‖ ‖W_dec[j]‖)",
  },
  correlation: {
    words:
      "Features that are active on the same tokens of the corpus: Pearson’s correlation of the two activations over all of the measured tokens, zeros included. Features that are never active together are left out.",
    formula: "r = cov(f_i, f_j) / (σ_i σ_j)",
    source: "sae_vis’s table of correlated features",
  },
  elsewhere: {
    words:
      "The nearest features of every other autoencoder on the shelf that was trained on the same model and writes into the same space: the residual stream is one space through all layers. By chance: the largest cosine that as many random directions would have. Choose one to put its autoencoder on the bench.",
    formula: "cos(i, j) = W_dec[i] · W_dec[j] / (‖W_dec[i]‖ ‖W_dec[j]‖)",
  },
};

export interface RelatedProps {
  dashboard: FeatureDashboard;
  table: FeatureTable;
}
export function Related({ dashboard, table }: RelatedProps) {
  const { feature, neighbours, correlated, saeId } = dashboard;
  const [kind, setKind] = useChoice("feature.near", KINDS);
  const python = useFeaturePython(feature);
  const correlation = useSaePython((facts, sae) => correlatedPython(facts, sae, feature));
  const asked = useStudy("featureAcross", kind === "elsewhere" ? { sae: saeId, feature } : null);
  const across =
    asked.shown?.sae === saeId && asked.shown.feature === feature ? asked.shown.others : null;
  const facts: Record<Kind, () => Table> = {
    direction: () => ({
      columns: ["feature", "cosine"],
      rows: neighbours.map(({ feature: id, cosine }) => [id, cosine]),
    }),
    correlation: () => ({
      columns: ["feature", "r"],
      rows: (correlated?.features ?? []).map(({ feature: id, r }) => [id, r]),
    }),
    elsewhere: () => ({
      columns: ["autoencoder", "feature", "cosine"],
      rows: (across ?? []).flatMap(({ name, nearest }) =>
        nearest.map(({ feature: id, cosine }) => [name, id, cosine]),
      ),
    }),
  };
  return (
    <Figure
      title="Nearest features"
      name={`feature-${feature}-nearest`}
      className="nearest"
      table={facts[kind]}
      python={
        kind === "direction"
          ? python
          : kind === "correlation"
            ? correlation
            : { none: "it is of what is stored in this browser." }
      }
      what={WHAT[kind]}
      controls={
        <Segmented
          label="Nearest by"
          value={kind}
          onChange={setKind}
          choices={KINDS.map((value) => ({
            value,
            label: KIND_WORDS[value][0],
            title: KIND_WORDS[value][1],
          }))}
        />
      }
    >
      {kind === "direction" && (
        <Rows
          label={`Features nearest to ${feature}`}
          rows={neighbours.map(({ feature: id, cosine }) => ({ feature: id, value: cosine }))}
          table={table}
          none="There is no other feature."
        />
      )}
      {kind === "correlation" &&
        (correlated === null ? (
          <NotMeasured />
        ) : (
          <>
            <Rows
              label={`Features correlated with ${feature}`}
              rows={correlated.features.map(({ feature: id, r }) => ({ feature: id, value: r }))}
              table={table}
              none="No other feature is active together with it."
            />
            <p className="quiet">over {correlated.tokens.toLocaleString("en-US")} tokens</p>
          </>
        ))}
      {kind === "elsewhere" &&
        (asked.error ? (
          <ErrorCard title="Comparing autoencoders" error={asked.error} />
        ) : across === null ? (
          <Progress
            label="Comparing autoencoders"
            share={asked.progress ? asked.progress.done / asked.progress.total : null}
          />
        ) : across.length === 0 ? (
          <p className="quiet">
            No other autoencoder on the shelf writes into this space. Train or import another one.
          </p>
        ) : (
          across.map((other) => <Elsewhere key={other.saeId} other={other} />)
        ))}
    </Figure>
  );
}

function Elsewhere({
  other: { saeId, name, hook, nearest, byChance },
}: {
  other: { saeId: string; name: string; hook: string; byChance: number } & {
    nearest: readonly { feature: number; cosine: number }[];
  };
}) {
  const openFeature = useLab((s) => s.openFeature);
  const notes = useReadNotes(saeId);
  return (
    <section>
      <h3>
        {name}{" "}
        <span className="quiet">
          {hookLabel(hook)}, by chance <span className="mono">{byChance.toFixed(2)}</span>
        </span>
      </h3>
      <ol className="neighbours" aria-label={`Nearest features of ${name}`}>
        {nearest.map(({ feature, cosine }) => (
          <li key={feature}>
            <RowButton
              feature={feature}
              value={cosine}
              label={labelOf(notes, feature)}
              words=""
              onClick={() => void openFeature(saeId, feature)}
            />
          </li>
        ))}
      </ol>
    </section>
  );
}

interface RowsProps {
  label: string;
  rows: readonly { feature: number; value: number }[];
  table: FeatureTable;
  none: string;
}
function Rows({ label, rows, table, none }: RowsProps) {
  const selectFeature = useLab((s) => s.selectFeature);
  const notes = useNotes(table.saeId);
  if (rows.length === 0) return <p className="quiet">{none}</p>;
  return (
    <ol className="neighbours" aria-label={label}>
      {rows.map(({ feature, value }) => (
        <li key={feature}>
          <RowButton
            feature={feature}
            value={value}
            label={labelOf(notes, feature)}
            words={densityWords(table, feature)}
            onClick={() => void selectFeature(feature)}
          />
        </li>
      ))}
    </ol>
  );
}

interface RowButtonProps {
  feature: number;
  value: number;
  label: FeatureLabel | null;
  words: string;
  onClick: () => void;
}
function RowButton({ feature, value, label, words, onClick }: RowButtonProps) {
  return (
    <button type="button" onClick={onClick}>
      <span className="mono">{feature}</span>
      <span className="cosine-bar" aria-hidden="true">
        <span style={{ transform: `scaleX(${Math.max(0, value)})` }} />
      </span>
      <span className="mono">{value.toFixed(3)}</span>
      <span className="quiet">{words}</span>
      {label && (
        <span className="beside-label">
          <FeatureName feature={feature} label={label} brief />
        </span>
      )}
    </button>
  );
}

const labelOf = ({ features }: SaeNotes, feature: number): FeatureLabel | null =>
  features.get(feature)?.label ?? null;

/** Notes of an SAE that is not on the bench have not been read before. */
function useReadNotes(saeId: string): SaeNotes {
  const readNotes = useLab((s) => s.readNotes);
  useEffect(() => void readNotes(saeId), [readNotes, saeId]);
  return useNotes(saeId);
}

function densityWords({ rows }: FeatureTable, feature: number): string {
  const row = rows[feature];
  if (!row) return "";
  return row.lastFired === null ? "dead" : formatPercent(row.density);
}
