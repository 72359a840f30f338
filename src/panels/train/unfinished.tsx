/** Runs that were stopped before their end, by a cancel, a crash or a closed tab: each can go on. */
import { useState } from "react";
import type { SaeSummary } from "../../core/sae.ts";
import { useLab } from "../../state/context.ts";
import { Button } from "../../ui/button.tsx";
import { Confirm } from "../../ui/confirm.tsx";
import { originWords, variantWords, widthWords } from "../../ui/sae-words.ts";

export function Unfinished() {
  const saes = useLab((s) => s.saes);
  const training = useLab((s) => s.training);
  if (saes.status !== "ready") return null;
  const running = training.status === "running";
  const current = running ? training.progress?.runId : undefined;
  const unfinished = saes.value.filter(
    ({ id, status }) => status === "unfinished" && id !== current,
  );
  if (unfinished.length === 0) return null;
  return (
    <section className="card unfinished" aria-labelledby="unfinished-title">
      <h2 id="unfinished-title">Unfinished runs</h2>
      <ul>
        {unfinished.map((sae) => (
          <Row key={sae.id} sae={sae} running={running} />
        ))}
      </ul>
    </section>
  );
}

function Row({ sae, running }: { sae: SaeSummary; running: boolean }) {
  const resume = useLab((s) => s.resumeTraining);
  const remove = useLab((s) => s.deleteSae);
  const [mode, setMode] = useState<"rest" | "ask" | "kept">("rest");
  return (
    <li className="row">
      <p>
        <strong>{sae.name}</strong>{" "}
        <span className="quiet">
          {[widthWords(sae.config), variantWords(sae), originWords(sae)].join(" · ")}
        </span>
      </p>
      {mode === "ask" ? (
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
          <Button
            disabled={running}
            onClick={() => void resume(sae.id)}
            aria-label={`Resume ${sae.name}`}
          >
            Resume
          </Button>
          <Button
            kind="quiet"
            autoFocus={mode === "kept"}
            onClick={() => setMode("ask")}
            aria-label={`Discard ${sae.name}`}
          >
            Discard
          </Button>
        </>
      )}
    </li>
  );
}
