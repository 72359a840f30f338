/** The report card of the SAE on the bench, beside that of another if one is chosen, and all that there are in one plot. */
import { useEffect } from "react";
import { ScatterPlot } from "../../charts/scatter-plot.tsx";
import { REPORT_CONTEXTS, type SaeReport } from "../../core/sae-report.ts";
import type { SaeSummary } from "../../core/sae.ts";
import { reportPython } from "../../python/report.ts";
import { useLab } from "../../state/context.ts";
import { useChoice, useText } from "../../state/options-slice.ts";
import { saeFacts, useRunFacts } from "../../state/run-facts.ts";
import { Button } from "../../ui/button.tsx";
import { ErrorCard } from "../../ui/error-card.tsx";
import { Figure } from "../../ui/figure.tsx";
import { Progress } from "../../ui/progress.tsx";
import { Segmented } from "../../ui/segmented.tsx";
import { saveFiles } from "../../ui/save-files.ts";
import { ReportDensities, ReportProbes } from "./report-features.tsx";
import { reportJson, reportPage } from "./report-files.ts";
import { REPORT_GROUPS, type ReportRow } from "./report-rows.ts";
import { WHAT_PARETO, WHAT_REPORT } from "./what-report.ts";

export function ReportCard({ sae }: { sae: SaeSummary }) {
  const reports = useLab((s) => s.reports);
  const refresh = useLab((s) => s.refreshReports);
  const saes = useLab((s) => s.saes);
  const model = useLab((s) => s.model);
  const runFacts = useRunFacts();
  const [otherId, setOther] = useText("report.with", "");
  useEffect(() => {
    if (reports === null) void refresh();
  }, [reports, refresh]);
  if (reports === null) return null;
  const nameOf = (id: string) =>
    saes.status === "ready" ? saes.value.find((s) => s.id === id)?.name : undefined;
  const known = reports.filter(({ saeId }) => nameOf(saeId) !== undefined);
  const own = known.find(({ saeId }) => saeId === sae.id) ?? null;
  const other = known.find(({ saeId }) => saeId === otherId && saeId !== sae.id) ?? null;
  const others = known.filter(({ saeId }) => saeId !== sae.id);
  return (
    <>
      <Figure
        title="Report card"
        name="sae-report"
        what={WHAT_REPORT}
        table={() => ({
          columns: ["autoencoder", "figure", "value", "unit"],
          rows: [own, other].flatMap((report) =>
            report === null
              ? []
              : REPORT_GROUPS.flatMap(({ rows }) =>
                  rows.map(({ id, unit, value }) => [
                    nameOf(report.saeId) ?? report.saeId,
                    ...[id, value(report), unit],
                  ]),
                ),
          ),
        })}
        python={
          model.status === "ready"
            ? () =>
                reportPython(runFacts(), saeFacts(sae), {
                  contexts: own?.contexts ?? REPORT_CONTEXTS,
                  contextSize: own?.contextSize ?? Math.min(128, model.value.config.n_positions),
                })
            : { none: "there is no model on the bench." }
        }
        controls={
          own && others.length > 0 ? (
            <label className="row">
              <span className="quiet">beside</span>
              <select
                className="input"
                value={other?.saeId ?? ""}
                onChange={(e) => setOther(e.target.value)}
              >
                <option value="">no other</option>
                {others.map(({ saeId }) => (
                  <option key={saeId} value={saeId}>
                    {nameOf(saeId)}
                  </option>
                ))}
              </select>
            </label>
          ) : undefined
        }
      >
        {own && (
          <ReportTable
            columns={[
              { name: sae.name, report: own },
              ...(other ? [{ name: nameOf(other.saeId)!, report: other }] : []),
            ]}
          />
        )}
        <Measure sae={sae} report={own} />
      </Figure>
      {own?.features && (
        <div className="report-details">
          <ReportDensities features={own.features} />
          <ReportProbes features={own.features} />
        </div>
      )}
      {known.length > 1 && <Pareto reports={known} nameOf={(id) => nameOf(id) ?? id} />}
    </>
  );
}

function ReportTable({ columns }: { columns: readonly { name: string; report: SaeReport }[] }) {
  return (
    <div className="report-scroll" tabIndex={0} role="region" aria-label="Figures of the report">
      <table className="report">
        <thead>
          <tr>
            <th scope="col">
              <span className="visually-hidden">figure</span>
            </th>
            {columns.map(({ name }) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        {REPORT_GROUPS.map(({ title, rows }) => (
          <tbody key={title}>
            <tr>
              <th scope="rowgroup" colSpan={columns.length + 1} className="report-group">
                {title}
              </th>
            </tr>
            {rows.map((row) => (
              <tr key={row.id}>
                <th scope="row" title={row.means}>
                  {row.name}
                </th>
                {columns.map(({ name, report }) => (
                  <td key={name} className="mono">
                    <Value row={row} report={report} />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        ))}
      </table>
    </div>
  );
}

function Value({ row, report }: { row: ReportRow; report: SaeReport }) {
  const value = row.value(report);
  if (value !== null) return `${row.format(value)} ${row.unit}`;
  return (
    <span className="quiet" title={row.absent}>
      cannot be said
    </span>
  );
}

function Measure({ sae, report }: { sae: SaeSummary; report: SaeReport | null }) {
  const task = useLab((s) => s.reporting);
  const make = useLab((s) => s.makeReport);
  const cancel = useLab((s) => s.cancelReport);
  const dismiss = useLab((s) => s.dismissReport);
  if (task.status === "running") {
    const { done, total } = task.progress ?? { done: 0, total: 0 };
    return (
      <Progress
        label="Measuring on held-out text"
        share={total > 0 ? done / total : null}
        facts={total > 0 ? [`${done} of ${total} passes`] : []}
        onCancel={cancel}
      />
    );
  }
  return (
    <div className="stack">
      {task.status === "failed" && (
        <ErrorCard title="The report could not be made" error={task.error} onDismiss={dismiss} />
      )}
      <div className="row">
        <Button kind={report ? "normal" : "primary"} onClick={() => void make(sae.id)}>
          {report ? "Measure again" : "Measure on held-out text"}
        </Button>
        {report && (
          <>
            <Button icon="file" onClick={() => saveFiles([reportPage(sae, report)])}>
              Page to print
            </Button>
            <Button icon="download" onClick={() => saveFiles([reportJson(sae, report)])}>
              JSON
            </Button>
          </>
        )}
        <p className="quiet">
          {report
            ? `On ${report.reconstruction.tokens.toLocaleString("en-US")} tokens in ${report.modelId}, ${report.createdAt.slice(0, 10)}; the first token of each context is not counted.`
            : "Runs the model on held-out text with the reconstruction in the activation’s place, with 0 and with the mean."}
        </p>
      </div>
    </div>
  );
}

/** Whether a linear axis would press the small values together. */
const spansDecades = (points: readonly { x: number }[]): boolean => {
  const xs = points.map(({ x }) => x);
  return Math.min(...xs) > 0 && Math.max(...xs) > 10 * Math.min(...xs);
};

const SCORES = ["explained variance", "CE loss score"] as const;

function Pareto({
  reports,
  nameOf,
}: {
  reports: readonly SaeReport[];
  nameOf: (id: string) => string;
}) {
  const [score, setScore] = useChoice("report.score", SCORES);
  const saeId = useLab((s) => s.saeId);
  const selectSae = useLab((s) => s.selectSae);
  const points = reports.flatMap(({ saeId: id, reconstruction, loss }) => {
    const y = score === "explained variance" ? reconstruction.explainedVariance : loss.ceScore.zero;
    return y === null ? [] : [{ id, label: nameOf(id), x: reconstruction.l0, y }];
  });
  return (
    <Figure
      title="All that were measured"
      name="sae-pareto"
      what={WHAT_PARETO}
      table={() => ({
        columns: ["autoencoder", "L0", score],
        rows: points.map(({ label, x, y }) => [label, x, y]),
      })}
      python={{
        none: "it puts the report cards of this browser together; each card’s own menu has the Python that measures it.",
      }}
      controls={
        <Segmented
          label="Score"
          value={score}
          choices={SCORES.map((value) => ({ value, label: value }))}
          onChange={setScore}
        />
      }
    >
      <ScatterPlot
        points={points}
        xName="L0"
        yName={score}
        logX={spansDecades(points)}
        selected={saeId}
        onSelect={(id) => void selectSae(id)}
      />
    </Figure>
  );
}
