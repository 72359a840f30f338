/** The load under way, or the one that failed: in the model dialog, and in the lab while the bench is empty. */
import { useLab } from "../../state/context.ts";
import { EMBEDDED_MODEL } from "../../state/model-slice.ts";
import { Button } from "../../ui/button.tsx";
import { ErrorCard } from "../../ui/error-card.tsx";
import { Progress } from "../../ui/progress.tsx";
import { loadFacts } from "./load-facts.ts";

export function LoadStatus() {
  const loading = useLab((s) => s.loading);
  const name = useLab((s) => s.loadingName);
  const onBench = useLab((s) => (s.model.status === "ready" ? s.model.value.id : null));
  const cancelLoad = useLab((s) => s.cancelLoad);
  const dismiss = useLab((s) => s.dismissLoadError);
  const retry = useLab((s) => s.retryLoad);
  if (loading.status === "running") {
    const { label, share, facts } = loadFacts(loading.progress);
    return (
      <div className="card" role="status">
        <strong className="mono">{name}</strong>
        <Progress label={label} share={share} facts={facts} onCancel={cancelLoad} />
      </div>
    );
  }
  if (loading.status === "failed") {
    return (
      <>
        <ErrorCard
          title={`${name ?? "The model"} could not be loaded${onBench ? `; ${onBench} stays on the bench` : ""}`}
          error={loading.error}
          onDismiss={dismiss}
          actions={<Button onClick={() => void retry()}>Try again</Button>}
        />
        <Filling />
      </>
    );
  }
  return <Filling />;
}

/** An empty bench gets the embedded model, while what failed stays on show. */
function Filling() {
  const model = useLab((s) => s.model);
  const loading = useLab((s) => s.loading.status);
  if (model.status !== "running" || loading === "running") return null;
  const { label, share, facts } = loadFacts(model.progress);
  return (
    <div className="card" role="status">
      <p>
        Putting <strong className="mono">{EMBEDDED_MODEL}</strong>, which comes with the page, on
        the bench instead.
      </p>
      <Progress label={label} share={share} facts={facts} />
    </div>
  );
}
