/** A search by ACDC: how far it is, pause and stop, and the edges that it has kept. */
import { useMemo } from "react";
import { isLoss } from "../../../core/acdc.ts";
import { edgeName } from "../../../core/circuit.ts";
import { graphOf } from "../../../core/found-circuit.ts";
import { acdcPython } from "../../../python/acdc.ts";
import type { AcdcRun } from "../../../state/acdc-slice.ts";
import { useLab } from "../../../state/context.ts";
import { useRunFacts } from "../../../state/run-facts.ts";
import { formulaOf } from "../../../state/task-slice.ts";
import { Button } from "../../../ui/button.tsx";
import { ErrorCard } from "../../../ui/error-card.tsx";
import { Figure } from "../../../ui/figure.tsx";
import { formatDuration } from "../../../ui/format.ts";
import { Progress } from "../../../ui/progress.tsx";
import { metricWords } from "../words.ts";
import { shortNumber } from "./cut-controls.tsx";
import { whatAcdc } from "./words.ts";

/** Edges that the page shows while the search goes on. */
const SHOWN = 12;
/** Edges after which the rate says something of what is left. */
const SETTLED = 10;

export function AcdcRunFigure({ run }: { run: AcdcRun }) {
  const { question, progress, status, error, n_layer, n_head } = run;
  const pause = useLab((s) => s.pauseAcdc);
  const resume = useLab((s) => s.resumeAcdc);
  const stop = useLab((s) => s.stopAcdc);
  const failed = useLab((s) => s.acdcKeepError);
  const model = useLab((s) => s.model);
  const facts = useRunFacts();
  const graph = useMemo(() => graphOf({ n_layer, n_head }), [n_layer, n_head]);
  const kept = useMemo(() => {
    if (!progress) return [];
    const { mask, rises } = progress.state;
    return [...mask.keys()]
      .filter((edge) => mask[edge] === 1 && !Number.isNaN(rises[edge]!))
      .map((edge) => ({ edge, score: isLoss(question.metric) ? rises[edge]! : -rises[edge]! }))
      .sort((a, b) => Math.abs(b.score) - Math.abs(a.score));
  }, [progress, question.metric]);
  const isRunning = status === "running";
  const here = model.status === "ready" && model.value.id === run.model;
  const count = (n: number) => n.toLocaleString("en-US");
  const unit = metricWords(question.metric, formulaOf(question).formula).unit;
  return (
    <Figure
      title={`${run.task}, ACDC τ = ${question.threshold}`}
      name="acdc"
      what={whatAcdc({ metric: question.metric, ...formulaOf(question) })}
      python={() => acdcPython(facts(), question)}
      table={() => ({
        columns: ["edge", `rise of the metric${unit && ` (${unit})`}`],
        rows: kept.map(({ edge, score }) => [edgeName(graph, edge), score]),
      })}
    >
      <Progress
        label={
          !isRunning
            ? status === "paused"
              ? "Paused"
              : "Interrupted"
            : progress
              ? "Trying edges"
              : "Opening the model with edges to cut"
        }
        share={progress ? progress.state.decided / progress.total : isRunning ? null : 0}
        facts={
          progress
            ? [
                `${count(progress.state.decided)} of ${count(progress.total)} edges`,
                `${count(progress.kept)} kept`,
                `${progress.rate < 10 ? progress.rate.toFixed(1) : progress.rate.toFixed(0)} edges/s`,
                ...(isRunning && progress.state.decided > SETTLED
                  ? [`${formatDuration(progress.secondsLeft)} left`]
                  : []),
              ]
            : []
        }
      />
      <div className="row">
        {isRunning ? (
          <Button onClick={pause}>Pause</Button>
        ) : (
          <Button kind="primary" icon="play" disabled={!here} onClick={() => void resume()}>
            Go on
          </Button>
        )}
        <Button kind="quiet" onClick={() => void stop()}>
          Stop
        </Button>
        <span className="quiet" role="status">
          {!here
            ? `This search is of ${run.model}: load that model to go on.`
            : isRunning
              ? "Stopped, it stays as a circuit; edges that were not tried are in it."
              : progress
                ? "It is kept over a reload."
                : "No edge has been tried yet."}
        </span>
      </div>
      {error && <ErrorCard title="The search was interrupted" error={error} />}
      {failed && <ErrorCard title="The search cannot be kept" error={failed} />}
      {kept.length > 0 && (
        <table className="kept-edges">
          <caption className="quiet">
            {kept.length > SHOWN
              ? `The ${SHOWN} strongest of ${count(kept.length)} edges that were kept`
              : `${count(kept.length)} ${kept.length === 1 ? "edge was" : "edges were"} kept`}
          </caption>
          <thead>
            <tr>
              <th scope="col">Edge</th>
              <th scope="col">Cut, it adds{unit && `, ${unit}`}</th>
            </tr>
          </thead>
          <tbody>
            {kept.slice(0, SHOWN).map(({ edge, score }) => (
              <tr key={edge}>
                <td className="mono">{edgeName(graph, edge)}</td>
                <td>{shortNumber(score)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Figure>
  );
}
