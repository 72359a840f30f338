/** What a search has found, while it runs and after. */
import type { Basis } from "../../../core/basis.ts";
import { directionName, type DirectionKind, sourceName } from "../../../core/direction.ts";
import { sourceOf } from "../../../core/steer.ts";
import { useLab } from "../../../state/context.ts";
import { searchPython } from "../../../python/direction.ts";
import { saeFacts, useRunFacts } from "../../../state/run-facts.ts";
import { selectedSae } from "../../../state/sae-on-bench.ts";
import type { ExampleSearch } from "../../../state/examples-slice.ts";
import { basisWords, type FigureBasis } from "../../../ui/basis.tsx";
import { Button } from "../../../ui/button.tsx";
import { ErrorCard } from "../../../ui/error-card.tsx";
import { FoundExamples } from "../found-examples.tsx";
import { FoundFacts } from "../found-facts.tsx";
import { FoundHistogram } from "../found-histogram.tsx";
import { SearchProgress } from "../search-progress.tsx";
import "../found.css";

export function Results({ search }: { search: ExampleSearch }) {
  const stopSearch = useLab((s) => s.stopSearch);
  const steerWith = useLab((s) => s.addSteerSource);
  const setLab = useLab((s) => s.setLab);
  const text = useLab((s) => s.text);
  const goOn = useLab((s) => s.searchExamples);
  const { status, request, progress, found, error } = search;
  const { direction, source, basis } = request;
  const where = sourceName(source) ?? "the corpus";
  // A feature, or a length, that is 0 has no opposite.
  const summary = useLab(selectedSae);
  const runFacts = useRunFacts();
  const sae = direction.kind === "feature" && summary?.id === direction.sae ? summary : null;
  const python = () => searchPython(runFacts(), { direction, source, sae: sae && saeFacts(sae) });
  const of = basisOf(direction.kind, basis);
  const hasOpposite = direction.kind !== "feature";
  return (
    <div className="stack">
      {status === "running" && (
        <SearchProgress
          label={`Searching ${where} for ${directionName(direction)}`}
          progress={progress}
          onCancel={stopSearch}
        />
      )}
      {status === "stopped" && (
        <div>
          <Button onClick={() => void goOn(request)}>Go on</Button>
        </div>
      )}
      {error && <ErrorCard title="The search did not end" error={error} />}
      {found && (
        <>
          <section aria-label="What was found" className="stack">
            <h2 className="found-title">
              {directionName(direction)} <span className="quiet">in {where}</span>
              {status === "stopped" && <span className="quiet">, stopped</span>}
            </h2>
            <FoundFacts found={found} />
            {of === basis && <p className="quiet">Basis: {basisWords(of, basis)}.</p>}
            {found.warnings.map((warning) => (
              <p key={warning}>{warning}</p>
            ))}
            <div className="row">
              {found.difference && <CopyVector vector={found.difference.unit} />}
              <Button
                icon="steer"
                onClick={() => {
                  steerWith(sourceOf(direction, text));
                  setLab("steer");
                }}
              >
                Steer with it
              </Button>
            </div>
          </section>
          <FoundExamples
            title="Strongest examples"
            found={found}
            end="highest"
            python={python}
            basis={of}
          />
          {hasOpposite && (
            <FoundExamples
              title="Most negative examples"
              found={found}
              end="lowest"
              python={python}
              basis={of}
            />
          )}
          <FoundHistogram found={found} python={python} basis={of} />
        </>
      )}
    </div>
  );
}

/** An autoencoder reads the checkpoint's own activations. */
const basisOf = (kind: DirectionKind, asked: Basis): FigureBasis =>
  kind === "neuron" ? "same" : kind === "feature" ? "raw" : asked;

/** The direction as numbers, for other labs and for Python. */
function CopyVector({ vector }: { vector: Float32Array }) {
  return (
    <div>
      <Button
        icon="copy"
        onClick={() => void navigator.clipboard.writeText(JSON.stringify([...vector]))}
      >
        Copy the unit vector
      </Button>
    </div>
  );
}
