/** Runs that were stopped before their end, by a cancel, a crash or a closed tab: each can go on. */
import { useLab } from "../../state/context.ts";
import { Button } from "../../ui/button.tsx";
import { originWords, variantWords, widthWords } from "../../ui/sae-words.ts";

export function Unfinished() {
  const saes = useLab((s) => s.saes);
  const training = useLab((s) => s.training);
  const resume = useLab((s) => s.resumeTraining);
  const remove = useLab((s) => s.deleteSae);
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
          <li key={sae.id} className="row">
            <p>
              <strong>{sae.name}</strong>{" "}
              <span className="quiet">
                {[widthWords(sae.config), variantWords(sae), originWords(sae)].join(" · ")}
              </span>
            </p>
            <Button
              disabled={running}
              onClick={() => void resume(sae.id)}
              aria-label={`Resume ${sae.name}`}
            >
              Resume
            </Button>
            <Button
              kind="quiet"
              onClick={() => void remove(sae.id)}
              aria-label={`Discard ${sae.name}`}
            >
              Discard
            </Button>
          </li>
        ))}
      </ul>
    </section>
  );
}
