/** The self-check's numbers as people read them, and its report as plain text. */
import type { CheckResult, SelfCheckReport } from "../../core/self-check.ts";
import { formatDuration } from "../../ui/format.ts";

/** Six digits: as many as float32 has. Words stay words, and what there is none of is a dash. */
export function formatValue(value: CheckResult["found"]): string {
  if (value === null) return "–";
  if (typeof value === "string") return value;
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e6)) return formatError(value);
  return String(Number(value.toPrecision(6))).replace("-", "−");
}

/** 3.1e−7 */
export function formatError(value: number | null): string {
  if (value === null) return "–";
  if (value === 0) return "0";
  return value.toExponential(1).replaceAll("-", "−");
}

export const STATUS_WORDS = { pass: "pass", fail: "FAIL", error: "not made" } as const;

/** "all 34 checks pass" */
export function verdictOf({ passed, failed }: SelfCheckReport): string {
  if (failed === 0) return `All ${passed} checks pass`;
  return `${failed} of ${passed + failed} checks ${failed === 1 ? "does" : "do"} not pass`;
}

/** One line a check, for a message or a file. */
export function reportText(report: SelfCheckReport): string {
  const { model, device, deviceReason, reference, results, at, milliseconds } = report;
  const revision = model.commit ?? model.revision;
  const lines = results.map(
    (r) =>
      `${STATUS_WORDS[r.status].padEnd(8)}  ${r.what}: expected ${formatValue(r.expected)}, found ${formatValue(r.found)}, ` +
      `difference ${formatError(r.difference)} (allowed ${formatError(r.tolerance)})` +
      (r.where === null ? "" : `, at ${r.where}`) +
      `, ${r.compared} compared` +
      (r.note === null ? "" : `; ${r.note}`),
  );
  return [
    `Glassroom self-check of ${model.id}${revision === null ? "" : ` @ ${revision}`}`,
    `on ${device} (${deviceReason}), ${at}, ${formatDuration(milliseconds / 1000)}`,
    `reference: ${reference}`,
    `${verdictOf(report)}.`,
    "",
    ...lines,
    "",
  ].join("\n");
}
