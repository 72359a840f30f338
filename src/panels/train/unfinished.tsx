/** Runs that were stopped before their end, by a cancel, a crash or a closed tab: each can go on. */
import { useState } from "react";
import type { SaeSummary } from "../../core/sae.ts";
import { useLab } from "../../state/context.ts";
import { Button } from "../../ui/button.tsx";
import { Confirm } from "../../ui/confirm.tsx";
import { ForkForm } from "./fork-form.tsx";
import { originWords, variantWords, widthWords } from "../../ui/sae-words.ts";

export function Unfinished() {
  const saes = useLab((s) => s.saes);
  const training = useLab((s) => s.training);
  if (saes.status !== "ready") return null;
  const running = training.status === "running";
  const progress = running ? training.progress : null;
  const current = progress?.members?.map(({ id }) => id) ?? [progress?.runId];
  const others = saes.value.filter(({ id }) => !current.includes(id));
  const unfinished = others.filter(({ status }) => status === "unfinished");
  const kept = others.filter(({ status, request }) => status === "finished" && request?.keepState);
  if (unfinished.length + kept.length === 0) return null;
  return (
    <section className="card unfinished" aria-labelledby="unfinished-title">
      <h2 id="unfinished-title">
        {unfinished.length > 0 ? "Unfinished runs" : "Runs that can be forked"}
      </h2>
      <ul>
        {unfinished.map((sae) => (
          <Row key={sae.id} sae={sae} running={running} />
        ))}
        {kept.map((sae) => (
          <Row key={sae.id} sae={sae} running={running} />
        ))}
      </ul>
    </section>
  );
}

function Row({ sae, running }: { sae: SaeSummary; running: boolean }) {
  const resume = useLab((s) => s.resumeTraining);
  const remove = useLab((s) => s.deleteSae);
  const [mode, setMode] = useState<"rest" | "ask" | "kept" | "fork">("rest");
  return (
    <li className="row">
      <p>
        <strong>{sae.name}</strong>{" "}
        <span className="quiet">
          {[widthWords(sae.config), variantWords(sae), originWords(sae)].join(" · ")}
        </span>
      </p>
      {mode === "fork" && sae.request ? (
        <ForkForm sae={sae} request={sae.request} onDone={() => setMode("rest")} />
      ) : mode === "ask" ? (
        <Confirm
          label={`Discard ${sae.name}?`}
          question="Discard for good?"
          yes="Discard"
          no="Keep"
          onYes={() => void remove(sae.id)}
          onNo={() => setMode("kept")}
        />
      ) : (
        <>
          {sae.status === "unfinished" && (
            <Button
              disabled={running}
              onClick={() => void resume(sae.id)}
              aria-label={`Resume ${sae.name}`}
            >
              Resume
            </Button>
          )}
          {(sae.trainedTokens ?? 0) > 0 && sae.request && (
            <Button
              disabled={running}
              onClick={() => setMode("fork")}
              aria-label={`Fork ${sae.name}`}
              title="A new run from here, with other settings"
            >
              Fork
            </Button>
          )}
          {sae.status === "unfinished" && (
            <Button
              kind="quiet"
              autoFocus={mode === "kept"}
              onClick={() => setMode("ask")}
              aria-label={`Discard ${sae.name}`}
            >
              Discard
            </Button>
          )}
        </>
      )}
    </li>
  );
}
