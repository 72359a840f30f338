/** All autoencoders with a report card in one plot: few active features against a score. */
import { ScatterPlot } from "../../charts/scatter-plot.tsx";
import type { SaeReport } from "../../core/sae-report.ts";
import { outputOf, type SaeSummary } from "../../core/sae.ts";
import { useLab } from "../../state/context.ts";
import { useChoice } from "../../state/options-slice.ts";
import { Figure } from "../../ui/figure.tsx";
import { Segmented } from "../../ui/segmented.tsx";
import { WHAT_PARETO } from "./what-report.ts";

/** Whether a linear axis would press the small values together. */
const spansDecades = (points: readonly { x: number }[]): boolean => {
  const xs = points.map(({ x }) => x);
  return Math.min(...xs) > 0 && Math.max(...xs) > 10 * Math.min(...xs);
};

const SCORES = ["explained variance", "CE loss score"] as const;
const WHICH = ["same hook", "all"] as const;

/** What must be the same for two to be compared fairly. */
const placeOf = ({ config: { modelId, hook, out } }: SaeSummary): string =>
  [modelId, hook, out?.hook ?? hook].join(" ");

export function Pareto({
  reports,
  saes,
}: {
  reports: readonly SaeReport[];
  saes: readonly SaeSummary[];
}) {
  const [score, setScore] = useChoice("report.score", SCORES);
  const [which, setWhich] = useChoice("report.which", WHICH);
  const saeId = useLab((s) => s.saeId);
  const selectSae = useLab((s) => s.selectSae);
  const byId = new Map(saes.map((sae) => [sae.id, sae]));
  const onBench = saeId === null ? undefined : byId.get(saeId);
  const place = onBench && placeOf(onBench);
  const all = reports.flatMap(({ saeId: id, reconstruction, loss }) => {
    const y = score === "explained variance" ? reconstruction.explainedVariance : loss.ceScore.zero;
    const sae = byId.get(id);
    if (y === null || !sae) return [];
    return [{ id, label: sae.name, x: reconstruction.l0, y, kind: placeOf(sae), sae }];
  });
  const alike = all.filter(({ kind }) => kind === place);
  const mixed = alike.length < all.length;
  const points = which === "all" ? all : alike;
  return (
    <Figure
      title="All that were measured"
      name="sae-pareto"
      what={WHAT_PARETO}
      table={() => ({
        columns: ["autoencoder", "model", "reads", "writes", "L0", score],
        rows: points.map(({ label, sae: { config }, x, y }) => [
          ...[label, config.modelId, config.hook, outputOf(config).hook],
          ...[x, y],
        ]),
      })}
      python={{
        none: "it puts the report cards of this browser together; each card’s own menu has the Python that measures it.",
      }}
      controls={
        <>
          {mixed && (
            <Segmented
              label="Which autoencoders"
              value={which}
              choices={WHICH.map((value) => ({ value, label: value }))}
              onChange={setWhich}
            />
          )}
          <Segmented
            label="Score"
            value={score}
            choices={SCORES.map((value) => ({ value, label: value }))}
            onChange={setScore}
          />
        </>
      }
    >
      {points.length === 0 ? (
        <p className="quiet">
          None that reads {onBench?.config.hook ?? "this hook point"} was measured yet.
        </p>
      ) : (
        <ScatterPlot
          points={points}
          xName="L0"
          yName={score}
          logX={spansDecades(points)}
          names
          kind={place}
          selected={saeId}
          onSelect={(id) => void selectSae(id)}
        />
      )}
      {which === "all" && mixed && (
        <p className="quiet">
          Hollow: of another hook point than {onBench?.config.hook}; the line passes them by.
        </p>
      )}
    </Figure>
  );
}
