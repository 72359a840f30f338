/** The figures of one report card, or of two with their difference. */
import type { SaeReport } from "../../core/sae-report.ts";
import { differenceWords, REPORT_GROUPS, type ReportRow } from "./report-rows.ts";

interface ReportColumn {
  name: string;
  report: SaeReport;
}
/** A table a group of figures, side by side where there is room. */
export function ReportTables({ columns }: { columns: readonly ReportColumn[] }) {
  const compared = columns.length > 1;
  return (
    <div className={compared ? "report-groups compared" : "report-groups"}>
      {REPORT_GROUPS.map(({ title, rows }) => (
        <div key={title} className="report-group">
          <table className="report">
            <thead>
              <tr>
                <th scope="col">{title}</th>
                {columns.map(({ name, report }) => (
                  <th key={report.saeId} scope="col" className="report-name" title={name}>
                    {compared ? name : <span className="visually-hidden">{name}</span>}
                  </th>
                ))}
                {compared && (
                  <th scope="col" title="The right one less the left one">
                    difference
                  </th>
                )}
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <tr key={row.id}>
                  <th scope="row" title={row.means}>
                    {row.name}
                  </th>
                  {columns.map(({ report }) => (
                    <td key={report.saeId} className="mono">
                      <Value row={row} report={report} />
                    </td>
                  ))}
                  {compared && (
                    <td className="mono quiet">
                      {differenceWords(row, columns[0]!.report, columns[1]!.report)}
                    </td>
                  )}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      ))}
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
