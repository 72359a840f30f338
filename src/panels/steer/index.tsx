/** Steer: turn directions up or down, watch the next token change, read what the model goes on to write, measure how strength tells. */
import { useEffect } from "react";
import { useLab } from "../../state/context.ts";
import { isEmptyPrompt } from "../../state/prompt-slice.ts";
import { Progress } from "../../ui/progress.tsx";
import { Continuations } from "./continuations.tsx";
import { DoseResponse } from "./dose-response.tsx";
import { NextToken } from "./next-token.tsx";
import { Rows } from "./rows.tsx";
import { Saved } from "./saved.tsx";
import { useSteerKeys } from "./use-steer-keys.ts";
import "./steer.css";

export default function Steer() {
  const waiting = useLab(
    (s) => s.model.status !== "ready" || s.saes.status === "running" || s.saes.status === "idle",
  );
  useFollow();
  useSteerKeys();
  if (waiting) return <Progress label="Waiting for model and autoencoder" share={null} />;
  return (
    <div className="steer-lab">
      <div className="steer">
        <div className="steer-bench">
          <Rows />
          <NextToken />
        </div>
        <Continuations />
        <DoseResponse />
        <Saved />
      </div>
    </div>
  );
}

/** Asks again whenever something changes on which the next token depends. */
function useFollow() {
  const rows = useLab((s) => s.steerRows);
  const attention = useLab((s) => s.options["steer.attention"]);
  const text = useLab((s) => s.text);
  const prependBos = useLab((s) => s.prependBos);
  const model = useLab((s) => s.model);
  const saes = useLab((s) => s.saes);
  const empty = useLab(isEmptyPrompt);
  const refresh = useLab((s) => s.refreshSteer);
  useEffect(() => {
    if (model.status === "ready" && saes.status !== "running" && !empty) void refresh();
  }, [rows, attention, text, prependBos, empty, model, saes, refresh]);
}
