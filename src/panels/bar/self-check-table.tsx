/** The self-check's results, a row each. On narrow screens a row becomes a card. */
import type { CheckResult } from "../../core/self-check.ts";
import { formatError, formatValue, STATUS_WORDS } from "./self-check-text.ts";

const GROUPS = [
  { group: "reference", title: "Known values of these weights" },
  { group: "identity", title: "What holds in any GPT-2" },
] as const;

export function SelfCheckTable({ results }: { results: readonly CheckResult[] }) {
  return GROUPS.map(({ group, title }) => {
    const own = results.filter((result) => result.group === group);
    if (own.length === 0) return null;
    return (
      <section key={group} className="stack">
        <h3>{title}</h3>
        <table className="check-table">
          <thead>
            <tr>
              <th scope="col">verdict</th>
              <th scope="col">what</th>
              <th scope="col">expected</th>
              <th scope="col">found</th>
              <th scope="col">difference</th>
              <th scope="col">allowed</th>
            </tr>
          </thead>
          <tbody>
            {own.map((result) => (
              <Row key={result.id} result={result} />
            ))}
          </tbody>
        </table>
      </section>
    );
  });
}

function Row({ result }: { result: CheckResult }) {
  const { status, what, where, compared, note, expected, found, difference, tolerance } = result;
  const numbers: [string, string][] = [
    ["expected", formatValue(expected)],
    ["found", formatValue(found)],
    ["difference", formatError(difference)],
    ["allowed", formatError(tolerance)],
  ];
  return (
    <tr className={status}>
      <td className="verdict">{STATUS_WORDS[status]}</td>
      <th scope="row">
        {what}
        <span className="quiet">
          {note ??
            (compared > 1 ? `furthest off of ${compared.toLocaleString("en")}: ${where}` : where)}
        </span>
      </th>
      {numbers.map(([name, value]) => (
        <td key={name} data-label={name} className="mono">
          {value}
        </td>
      ))}
    </tr>
  );
}
