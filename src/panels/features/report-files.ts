/** A report card as files: all of its numbers as JSON, and one page of A4 to print, which needs nothing but itself. Pure. */
import type { SaeReport } from "../../core/sae-report.ts";
import type { SaeSummary } from "../../core/sae.ts";
import { originWords, variantWords, widthWords } from "../../ui/sae-words.ts";
import { REPORT_GROUPS } from "./report-rows.ts";
import { densityPicture } from "./report-picture.ts";

const fileName = (name: string, ending: string) =>
  `${
    name
      .replace(/[^\p{L}\p{N}]+/gu, "-")
      .replace(/^-|-$/g, "")
      .slice(0, 60) || "autoencoder"
  }-report.${ending}`;

/** Everything that the report holds, with what defines the autoencoder and its training. */
export function reportJson(sae: SaeSummary, report: SaeReport): File {
  const { name, config, request, trainedTokens, origin, from, notes } = sae;
  const about = { name, config, request, trainedTokens, origin, from, notes };
  const text = JSON.stringify({ format: "glassroom-sae-report-1", sae: about, report }, null, 2);
  return new File([`${text}\n`], fileName(name, "json"), { type: "application/json" });
}

export const reportPage = (sae: SaeSummary, report: SaeReport): File =>
  new File([reportHtml(sae, report)], fileName(sae.name, "html"), { type: "text/html" });

const escaped = (text: string) => text.replace(/[&<>"']/g, (c) => `&#${c.codePointAt(0)!};`);

export function reportHtml(sae: SaeSummary, report: SaeReport): string {
  const { config, name } = sae;
  const facts = [
    ["reads", `${config.hook} of ${config.modelId}`],
    ...(config.out ? [["writes", config.out.hook]] : []),
    ["kind", `${variantWords(sae)}; ${widthWords(config)}`],
    ["origin", originWords(sae)],
    [
      "measured",
      `on ${report.createdAt.slice(0, 10)} in ${report.modelId}, ${report.reconstruction.tokens.toLocaleString("en-US")} held-out tokens in ${report.contexts} contexts of ${report.contextSize}, the first of each left out`,
    ],
  ];
  const groups = REPORT_GROUPS.map(({ title, rows }) => {
    const lines = rows
      .flatMap((row) => {
        const value = row.value(report);
        return value === null ? [] : [{ row, value }];
      })
      .map(
        ({ row, value }) =>
          `<tr><th>${escaped(row.name)}</th><td>${escaped(`${row.format(value)} ${row.unit}`.trim())}</td></tr>`,
      );
    return lines.length === 0
      ? ""
      : `<section><h2>${escaped(title)}</h2><table>${lines.join("")}</table></section>`;
  });
  const { features } = report;
  const probes = (features?.probes ?? []).filter(({ features: found }) => found.k1 !== null);
  const percent = (share: number | null) =>
    share === null ? "–" : `${(100 * share).toFixed(1)} %`;
  const probeTable =
    probes.length === 0
      ? ""
      : `<section><h2>Classes of tokens told by few features</h2><table><tr class="head"><th></th><td>1 feature</td><td>5 features</td><td>5 numbers of x</td></tr>${probes
          .map(
            (probe) =>
              `<tr><th>${escaped(probe.class)}</th><td>${percent(probe.features.k1)}</td><td>${percent(probe.features.k5)}</td><td>${percent(probe.numbers.k5)}</td></tr>`,
          )
          .join("")}</table></section>`;
  const densities = features
    ? `<section><h2>How often features fire</h2>${densityPicture(features)}</section>`
    : "";
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>${escaped(name)}: report card</title>
<style>${STYLE}</style>
</head>
<body>
<header><h1>${escaped(name)}</h1><p>Report card of a sparse autoencoder</p></header>
<dl>${facts.map(([term, words]) => `<dt>${escaped(term!)}</dt><dd>${escaped(words!)}</dd>`).join("")}</dl>
<main>${groups.join("")}${densities}${probeTable}</main>
<footer>x: the activation; x̂: its reconstruction. Explained variance = 1 − Σ‖x − x̂‖² / Σ‖x − x̄‖², sums over all tokens; “as a mean over tokens” is the mean of each token’s own ratio. CE score = (CE_ablated − CE_x̂) / (CE_ablated − CE), KL score = 1 − KL_x̂ / KL_ablated, ablated to 0, or to the mean. Top-token entropy: −Σ p log₂ p over the tokens of a feature’s 20 strongest activations. Made with Glassroom.</footer>
</body>
</html>
`;
}

const STYLE = `
@page { size: A4; margin: 14mm 16mm; }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 16px; max-width: 178mm; color: #1b1c22; background: #fff; font: 9pt/1.4 system-ui, "Segoe UI", "Noto Sans", sans-serif; }
@media print { body { padding: 0; } }
header { display: flex; align-items: baseline; justify-content: space-between; gap: 12px; border-bottom: 1.5pt solid #1b1c22; padding-bottom: 4pt; }
h1 { margin: 0; font-size: 17pt; font-weight: 600; line-height: 1.15; overflow-wrap: anywhere; }
header p { margin: 0; color: #5a5d6b; white-space: nowrap; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 1pt 10pt; margin: 8pt 0 10pt; }
dt { color: #5a5d6b; }
dd { margin: 0; overflow-wrap: anywhere; }
main { columns: 2; column-gap: 9mm; }
section { break-inside: avoid; margin-bottom: 9pt; }
h2 { margin: 0 0 2pt; font-size: 9.5pt; font-weight: 600; }
table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; }
th { padding: 1.6pt 6pt 1.6pt 0; text-align: left; font-weight: 400; border-top: 0.4pt solid #d6d8e0; }
td { padding: 1.6pt 0 1.6pt 6pt; text-align: right; white-space: nowrap; border-top: 0.4pt solid #d6d8e0; }
.head td, .head th { color: #5a5d6b; border-top: 0; font-size: 8pt; }
svg { display: block; width: 100%; height: auto; }
footer { margin-top: 4pt; padding-top: 4pt; border-top: 0.4pt solid #d6d8e0; color: #5a5d6b; font-size: 7.5pt; }
`;
