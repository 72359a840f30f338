/** The report card of the SAE on the bench, beside that of another if one is chosen, and all that there are in one plot. */
import { useEffect } from "react";
import { REPORT_CONTEXTS, type SaeReport } from "../../core/sae-report.ts";
import type { SaeSummary } from "../../core/sae.ts";
import { reportPython } from "../../python/report.ts";
import { useLab } from "../../state/context.ts";
import { useText } from "../../state/options-slice.ts";
import { saeFacts, useRunFacts } from "../../state/run-facts.ts";
import { Button } from "../../ui/button.tsx";
import { ErrorCard } from "../../ui/error-card.tsx";
import { Figure } from "../../ui/figure.tsx";
import { Progress } from "../../ui/progress.tsx";
import { saveFiles } from "../../ui/save-files.ts";
import { ReportDensities, ReportProbes } from "./report-features.tsx";
import { reportJson, reportPage } from "./report-files.ts";
import { Pareto } from "./report-pareto.tsx";
import { REPORT_GROUPS } from "./report-rows.ts";
import { ReportTables } from "./report-tables.tsx";
import { WHAT_REPORT } from "./what-report.ts";

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
          <ReportTables
            columns={[
              { name: sae.name, report: own },
              ...(other ? [{ name: nameOf(other.saeId)!, report: other }] : []),
            ]}
          />
        )}
        {own && other && !sameText(own, other) && (
          <p className="quiet" role="note">
            The two were not measured on the same: {measuredWords(own)} against{" "}
            {measuredWords(other)}. Measure the one again to compare them.
          </p>
        )}
        <Measure sae={sae} report={own} />
      </Figure>
      {own?.features && (
        <div className="report-details">
          <ReportDensities features={own.features} of={other && sae.name} />
          {other?.features && (
            <ReportDensities features={other.features} of={nameOf(other.saeId)!} />
          )}
          <ReportProbes features={own.features} of={other && sae.name} />
          {other?.features && (
            <ReportProbes features={other.features} of={nameOf(other.saeId)!} opens={false} />
          )}
        </div>
      )}
      {known.length > 1 && saes.status === "ready" && <Pareto reports={known} saes={saes.value} />}
    </>
  );
}

const sameText = (a: SaeReport, b: SaeReport): boolean =>
  a.modelId === b.modelId && a.contexts === b.contexts && a.contextSize === b.contextSize;
const measuredWords = ({ modelId, contexts, contextSize }: SaeReport): string =>
  `${contexts} contexts of ${contextSize} tokens in ${modelId}`;

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
