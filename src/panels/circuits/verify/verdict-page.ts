/** The verdict as one page of A4 to print, which needs nothing but itself. Pure. */
import type { CircuitReport } from "../../../charts/circuit-report.ts";
import type { VerifyAsked } from "../../../core/verify.ts";
import { formulaOf } from "../../../state/task-slice.ts";
import { METRIC, metricText } from "../words.ts";
import { shareText } from "./words.ts";

interface Verdict {
  report: CircuitReport;
  asked: VerifyAsked;
  sentences: readonly string[];
}

export const verdictPage = (told: Verdict): File =>
  new File([verdictHtml(told)], "circuit-verdict.html", { type: "text/html" });

const escaped = (text: string) => text.replace(/[&<>"']/g, (c) => `&#${c.codePointAt(0)!};`);
type Row = readonly (string | number)[];
const line = (cells: Row, tag: "td" | "th") =>
  `<tr>${cells.map((cell) => `<${tag}>${escaped(String(cell))}</${tag}>`).join("")}</tr>`;
const table = (title: string, head: Row, rows: readonly Row[]) =>
  rows.length === 0
    ? ""
    : `<section><h2>${escaped(title)}</h2><table>${line(head, "th")}${rows.map((row) => line(row, "td")).join("")}</table></section>`;

export function verdictHtml({ report, asked, sentences }: Verdict): string {
  const { names, question, circuitName, task } = asked;
  const share = (value: number | null) => (value === null ? "–" : shareText(value));
  const ends = [
    ["whole model, F(M)", report.full],
    ["circuit alone, F(C)", report.circuit],
    ["nothing, F(∅)", report.empty],
  ] as const;
  const nodes = question.classes.map(({ name, units }) => [
    ...[name, units.map((unit) => names[unit]!).join(", ")],
  ]);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>${escaped(circuitName)}: what was measured</title>
<style>${STYLE}</style>
</head>
<body>
<h1>${escaped(circuitName)}</h1>
<p class="of">Tested on “${escaped(task)}”, by ${escaped(METRIC[question.metric].label.toLowerCase())}: ${escaped(formulaOf(question).formula ?? METRIC[question.metric].formula)}</p>
${sentences.map((text) => `<p>${escaped(text)}</p>`).join("\n")}
${table(question.edges ? "Edges" : "Nodes", ["class", question.edges ? "edges" : "nodes"], nodes)}
${table(
  "Faithfulness",
  ["", "F", "± standard error", "n"],
  ends.map(([name, { mean, error, n }]) => [
    ...[name, metricText(mean), error === null ? "–" : metricText(error), n],
  ]),
)}
${table(
  "Completeness",
  ["K", "F(M∖K)", "F(C∖K)", "gap", "share"],
  report.subsets.map(({ set, model, circuit, gap, share: part }) => [
    ...[set.name, metricText(model.mean), metricText(circuit.mean), metricText(gap), share(part)],
  ]),
)}
${table(
  "Minimality",
  [question.edges ? "edge" : "node", "K", "effect", "share", "of F(M)"],
  report.needed.map(({ unit, set, effect, share: part, ofModel }) => [
    ...[names[unit]!, set.name, metricText(effect), share(part), share(ofModel)],
  ]),
)}
<footer>F: mean of the metric over the pairs’ clean prompts. Share: of |F(M) − F(∅)|. After Wang et al. 2022, “Interpretability in the Wild”, §4. Made with Glassroom.</footer>
</body>
</html>
`;
}

const STYLE = `
@page { size: A4; margin: 14mm 16mm; }
body { margin: 0 auto; padding: 16px; max-width: 178mm; color: #1b1c22; background: #fff; font: 10pt/1.45 system-ui, "Segoe UI", "Noto Sans", sans-serif; }
@media print { body { padding: 0; } }
h1 { margin: 0; font-size: 17pt; font-weight: 600; overflow-wrap: anywhere; }
h2 { margin: 10pt 0 2pt; font-size: 11pt; font-weight: 600; }
p { margin: 0 0 5pt; }
.of, footer { color: #5a5d6b; font-size: 8.5pt; }
section { break-inside: avoid-page; }
table { width: 100%; border-collapse: collapse; font-size: 9pt; font-variant-numeric: tabular-nums; }
th, td { padding: 1.6pt 8pt 1.6pt 0; text-align: left; vertical-align: top; border-top: 0.4pt solid #d6d8e0; }
th { color: #5a5d6b; font-weight: 400; }
footer { margin-top: 8pt; }
`;
