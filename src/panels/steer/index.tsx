/** Steer: turn features up or down, watch the next token change, and read what the model goes on to write. */
import { useEffect } from "react";
import { useLab } from "../../state/context.ts";
import { isEmptyPrompt } from "../../state/prompt-slice.ts";
import { saeForPrompt, selectedSae } from "../../state/sae-on-bench.ts";
import { Button } from "../../ui/button.tsx";
import { Empty } from "../../ui/empty.tsx";
import { Progress } from "../../ui/progress.tsx";
import { Chosen } from "./chosen.tsx";
import { Continuations } from "./continuations.tsx";
import { NextToken } from "./next-token.tsx";
import "./steer.css";

export default function Steer() {
  const saeId = useLab(saeForPrompt);
  const loading = useLab((s) => s.model.status !== "ready" || s.saes.status === "running");
  useFollow(saeId);
  if (!saeId)
    return loading ? (
      <Progress label="Waiting for model and autoencoder" share={null} />
    ) : (
      <NoSae />
    );
  return (
    <div className="steer-lab">
      <div className="steer">
        <Chosen />
        <NextToken />
        <Continuations />
      </div>
    </div>
  );
}

/** Asks again whenever something changes on which the next token depends. */
function useFollow(saeId: string | null) {
  const features = useLab((s) => s.steerFeatures);
  const text = useLab((s) => s.text);
  const prependBos = useLab((s) => s.prependBos);
  const model = useLab((s) => s.model);
  const empty = useLab(isEmptyPrompt);
  const refresh = useLab((s) => s.refreshSteer);
  useEffect(() => {
    if (saeId !== null && !empty) void refresh();
  }, [saeId, features, text, prependBos, empty, model, refresh]);
}

function NoSae() {
  const sae = useLab(selectedSae);
  const setLab = useLab((s) => s.setLab);
  return (
    <Empty
      title={sae ? `“${sae.name}” cannot steer this model` : "No autoencoder to steer with"}
      actions={
        <div className="row">
          <Button onClick={() => setLab("features")}>Choose one</Button>
          <Button kind="primary" onClick={() => setLab("train")}>
            Train one
          </Button>
        </div>
      }
    >
      Steering adds directions that an autoencoder has found to the model’s activations while it
      runs. It takes a finished autoencoder of the model on the bench.
    </Empty>
  );
}
