/** Features: the SAE on the bench, the list of its features, and the dashboard of one. */
import { useEffect, useMemo, useState } from "react";
import type { SaeSummary } from "../../core/sae.ts";
import { useLab } from "../../state/context.ts";
import { isOfOtherModel, saeMisfit } from "../../state/sae-fit.ts";
import { selectedSae } from "../../state/sae-on-bench.ts";
import { Button } from "../../ui/button.tsx";
import { Empty } from "../../ui/empty.tsx";
import { ErrorCard } from "../../ui/error-card.tsx";
import { Progress } from "../../ui/progress.tsx";
import { Activity } from "./activity.tsx";
import { Dashboard } from "./dashboard.tsx";
import { FeatureBrowser } from "./feature-browser.tsx";
import { FeatureMap } from "./feature-map.tsx";
import { MeasureOn } from "./measure-on.tsx";
import { NotesBar } from "./notes-bar.tsx";
import { ReportCard } from "./report-card.tsx";
import { ImportButton } from "./import-button.tsx";
import { Shelf } from "./shelf.tsx";
import "./features.css";
import "./shelf.css";
import "./list.css";
import "./dashboard.css";
import "./map.css";
import "./report.css";

export default function Features() {
  const saes = useLab((s) => s.saes);
  const refreshSaes = useLab((s) => s.refreshSaes);
  useEffect(() => {
    if (saes.status === "idle") void refreshSaes();
  }, [saes.status, refreshSaes]);

  if (saes.status === "failed") {
    return (
      <ErrorCard
        title="Reading the stored autoencoders"
        error={saes.error}
        actions={<Button onClick={() => void refreshSaes()}>Try again</Button>}
      />
    );
  }
  if (saes.status !== "ready") return <Progress label="Looking for autoencoders" share={null} />;
  return (
    <div className="features">
      <Shelf saes={saes.value} />
      {saes.value.length === 0 ? <NoSaes /> : <Bench />}
    </div>
  );
}

function NoSaes() {
  const setLab = useLab((s) => s.setLab);
  return (
    <Empty
      title="No sparse autoencoder yet"
      actions={
        <div className="row">
          <Button kind="primary" onClick={() => setLab("train")}>
            Train one here
          </Button>
          <ImportButton />
        </div>
      }
    >
      A sparse autoencoder splits the model’s activations into features that can be read one by one.
      Train one on the model on the bench, or import a pair of SAELens files.
    </Empty>
  );
}

/** What is known without statistics: the features on the prompt. */
function Unmeasured({ sae }: { sae: SaeSummary }) {
  const table = useMemo(() => ({ saeId: sae.id, tokens: 0, rows: [] }), [sae.id]);
  return (
    <>
      <Empty
        title={`“${sae.name}” has not been measured`}
        actions={<MeasureOn sae={sae}>Measure it</MeasureOn>}
      >
        Its features can already be read on the prompt and steered. Their statistics and strongest
        examples take one pass over the lab’s corpus, or a text of yours that the Train lab keeps.
      </Empty>
      <Activity table={table} />
    </>
  );
}

/** The SAE's features, or what it takes to have them. */
function Bench() {
  const sae = useLab(selectedSae);
  const model = useLab((s) => s.model);
  const features = useLab((s) => s.features);
  const saeId = useLab((s) => s.saeId);
  const selectSae = useLab((s) => s.selectSae);
  const resumeTraining = useLab((s) => s.resumeTraining);
  const setLab = useLab((s) => s.setLab);
  const training = useLab((s) => s.training.status === "running");
  const loading = useLab((s) => s.loading.status === "running");
  const [backToMap, setBackToMap] = useState(false);

  if (!sae && loading) {
    return <Progress label="Waiting for the model: its autoencoder comes with it" share={null} />;
  }
  if (!sae) {
    return (
      <Empty title="No autoencoder on the bench">
        Choose one from the shelf above, or train one.
      </Empty>
    );
  }
  if (sae.status === "unfinished") {
    const resume = () => {
      setLab("train");
      void resumeTraining(sae.id);
    };
    return (
      <Empty
        title={`“${sae.name}” is not finished`}
        actions={
          <Button kind="primary" onClick={resume} disabled={training}>
            Resume training
          </Button>
        }
      >
        {training
          ? "A training run is under way; this one can go on when it has ended."
          : "It can go on from its last checkpoint. Features are measured at the end."}
      </Empty>
    );
  }
  if (model.status === "ready" && saeMisfit(sae.config, model.value) !== null) {
    return (
      <Empty title={`“${sae.name}” does not fit the model on the bench`}>
        {!isOfOtherModel(sae.config, model.value)
          ? `Its files name ${sae.config.modelId}, which is on the bench, but not as it is. Correct them`
          : sae.config.modelId === "unknown"
            ? "Its files do not say which model it reads. Put that model on the bench"
            : `It was trained on ${sae.config.modelId}. Put that model on the bench`}
        , or choose another autoencoder from the shelf.
      </Empty>
    );
  }
  if (!sae.hasDashboards) return <Unmeasured sae={sae} />;
  if (features.status === "failed") {
    return (
      <ErrorCard
        title={`Reading the features of “${sae.name}”`}
        error={features.error}
        actions={<Button onClick={() => void selectSae(saeId)}>Try again</Button>}
      />
    );
  }
  if (features.status !== "ready")
    return <Progress label="Reading the feature list" share={null} />;
  return (
    <>
      <NotesBar saeId={features.value.saeId} total={features.value.rows.length} />
      <div className="features-bench">
        <FeatureBrowser table={features.value} />
        <Dashboard table={features.value} />
      </div>
      <Activity table={features.value} />
      <FeatureMap
        key={features.value.saeId}
        table={features.value}
        focus={{ back: backToMap, set: setBackToMap }}
      />
      <ReportCard sae={sae} />
    </>
  );
}
