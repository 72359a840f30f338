/** One feature: what makes it active, how often and how strongly, what it writes, and which features are like it. */
import type { ReactNode } from "react";
import type { FeatureDashboard } from "../../core/feature-dashboard.ts";
import type { FeatureTable } from "../../core/sae.ts";
import { HistogramChart } from "../../charts/histogram-chart.tsx";
import { useLab } from "../../state/context.ts";
import { isDead } from "../../state/feature-list.ts";
import { useChoice } from "../../state/options-slice.ts";
import { saeForPrompt } from "../../state/sae-on-bench.ts";
import { useShownFeatures } from "../../state/shown-features.ts";
import { Button, IconButton } from "../../ui/button.tsx";
import { Empty } from "../../ui/empty.tsx";
import { ErrorCard } from "../../ui/error-card.tsx";
import { Figure } from "../../ui/figure.tsx";
import { formatPercent } from "../../ui/format.ts";
import { Progress } from "../../ui/progress.tsx";
import { Effects } from "./effects.tsx";
import { Examples } from "./examples.tsx";
import { Heads } from "./heads.tsx";
import { Hypothesis } from "./hypothesis.tsx";
import { LabelCard } from "./label-card.tsx";
import { AlignedNeurons } from "./aligned-neurons.tsx";
import { OnPrompt } from "./on-prompt.tsx";
import { Related } from "./related.tsx";
import { TryText } from "./try-text.tsx";
import { useFeaturePython } from "./use-feature-python.ts";

export function Dashboard({ table }: { table: FeatureTable }) {
  const task = useLab((s) => s.dashboard);
  const shown = useLab((s) => s.shownDashboard);
  const feature = useLab((s) => s.feature);
  const selectFeature = useLab((s) => s.selectFeature);
  if (task.status === "failed") {
    return (
      <ErrorCard
        title={`Reading feature ${feature ?? ""}`}
        error={task.error}
        actions={<Button onClick={() => void selectFeature(feature)}>Try again</Button>}
      />
    );
  }
  if (feature === null) {
    return (
      <Empty title="No feature chosen">Choose one from the list, or a token of the prompt.</Empty>
    );
  }
  if (!shown) return <Progress label={`Reading feature ${feature}`} share={null} />;
  return (
    <div className="dashboard" aria-busy={task.status === "running"}>
      <Head shown={shown} table={table} />
      <LabelCard saeId={shown.saeId} feature={shown.feature} />
      <OnPrompt feature={shown.feature} max={shown.row.max} />
      {isDead(shown.row) ? (
        <p className="card">
          Feature {shown.feature} was not active on any of the{" "}
          {table.tokens.toLocaleString("en-US")} tokens measured. It may be dead, or rarer than
          that. What it would write is below.
        </p>
      ) : (
        <Examples dashboard={shown} />
      )}
      <div className="dashboard-pair">
        {!isDead(shown.row) && <Activations dashboard={shown} tokens={table.tokens} />}
        <Related dashboard={shown} table={table} />
      </div>
      <Heads dashboard={shown} />
      <Effects dashboard={shown} />
      <TryText dashboard={shown} />
      <Hypothesis key={`${shown.saeId} ${shown.feature}`} dashboard={shown} />
      <More>
        <AlignedNeurons dashboard={shown} />
      </More>
    </div>
  );
}

/** Sections that are opened when they are wanted: what is in them is computed then. */
function More({ children }: { children: ReactNode }) {
  const [open, setOpen] = useChoice("feature.more", ["closed", "open"]);
  return (
    <details
      className="feature-more"
      open={open === "open"}
      onToggle={(e) => setOpen(e.currentTarget.open ? "open" : "closed")}
    >
      <summary>Neurons that are like it</summary>
      {open === "open" && children}
    </details>
  );
}

function Head({ shown, table }: { shown: FeatureDashboard; table: FeatureTable }) {
  const rows = useShownFeatures(table);
  const selectFeature = useLab((s) => s.selectFeature);
  const addSteer = useLab((s) => s.addSteer);
  const setLab = useLab((s) => s.setLab);
  const canSteer = useLab((s) => saeForPrompt(s) !== null);
  const { feature, row } = shown;
  const step = (by: number) => {
    const at = rows.findIndex((r) => r.feature === feature);
    const next = rows[(at + by + rows.length) % rows.length];
    if (next) void selectFeature(next.feature);
  };
  return (
    <header className="dashboard-head">
      <IconButton icon="back" label="Previous feature of the list" onClick={() => step(-1)} />
      <h2 aria-live="polite">Feature {feature}</h2>
      <IconButton icon="next" label="Next feature of the list" onClick={() => step(1)} />
      <Button
        icon="steer"
        disabled={!canSteer}
        title={canSteer ? undefined : "The autoencoder does not fit the model on the bench"}
        onClick={() => {
          addSteer(feature);
          setLab("steer");
        }}
      >
        Steer with it
      </Button>
      <dl className="dashboard-facts">
        <div>
          <dt>density</dt>
          <dd className="mono">{formatPercent(row.density)}</dd>
        </div>
        <div>
          <dt>largest activation</dt>
          <dd className="mono">{isDead(row) ? "never active" : row.max.toPrecision(3)}</dd>
        </div>
        <div>
          <dt>measured on</dt>
          <dd className="mono">{table.tokens.toLocaleString("en-US")} tokens</dd>
        </div>
      </dl>
    </header>
  );
}

function Activations({ dashboard, tokens }: { dashboard: FeatureDashboard; tokens: number }) {
  const python = useFeaturePython(dashboard.feature);
  const { binWidth, counts } = dashboard.histogram;
  return (
    <Figure
      title="Activations"
      name={`feature-${dashboard.feature}-activations`}
      table={() => ({
        columns: ["from", "to", "tokens"],
        rows: counts.map((count, i) => [i * binWidth, (i + 1) * binWidth, count]),
      })}
      python={python}
      what={{
        words:
          "How often the feature reaches which strength: the tokens of the measured corpus on which it is active, counted in equal bins. Most features are rarely strong.",
        formula: "f = act(W_enc · x + b_enc), bins of equal width from 0 to the largest f",
        source: `${tokens.toLocaleString("en-US")} corpus tokens; those where f = 0 are left out.`,
      }}
    >
      <HistogramChart
        histogram={dashboard.histogram}
        label={`Histogram of the non-zero activations of feature ${dashboard.feature}`}
      />
    </Figure>
  );
}
