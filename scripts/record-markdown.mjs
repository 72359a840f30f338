/** The run record as a page to read. Pure. */

const percent = (share, digits = 1) => `${(100 * share).toFixed(digits)} %`;
const count = (n) => n.toLocaleString("en-US");

/** @param record what `scripts/record-sae.mjs` writes to test/record/sae.json */
export function recordMarkdown({
  date,
  model,
  request,
  trainedTokens,
  metrics,
  report,
  curve,
  seconds,
  machine,
}) {
  const { reconstruction: r, loss } = report;
  const rows = [
    ["explained variance, pooled", percent(r.explainedVariance)],
    ["CE loss score against zero ablation", percent(loss.ceScore.zero)],
    ["CE loss score against mean ablation", percent(loss.ceScore.mean)],
    ["KL score against zero ablation", percent(loss.klScore.zero)],
    ["KL score against mean ablation", percent(loss.klScore.mean)],
    ["active features a token (L0)", r.l0.toFixed(1)],
    ["cosine of x and x̂", r.cosine.toFixed(3)],
    ["features that fired on the corpus", percent(metrics.aliveShare)],
    ["dead at the end of training", percent(curve.at(-1).deadShare)],
  ];
  const line = (cells) => `| ${cells.join(" | ")} |`;
  return [
    "# A run, on record",
    "",
    `Made by \`npm run record:sae\` on ${date}: a TopK autoencoder of ${count(request.dSae)} features, k ${request.k}, at`,
    `\`${request.hook}\` of \`${model}\`, trained on ${count(trainedTokens)} tokens of the embedded corpus from seed ${request.seed}`,
    `(learning rate ${request.lr}, ${count(request.batchSize)} tokens a step). Measured on ${count(r.tokens)} tokens of the held-out text.`,
    "",
    line(["figure", "value"]),
    line(["---", "---:"]),
    ...rows.map(line),
    "",
    `Training with statistics took ${seconds.training} s and the report card ${seconds.report} s: ${machine.device.toUpperCase()}, ${machine.threads} threads,`,
    `${machine.browser}, ${machine.cores} cores (${machine.cpu}).`,
    "",
    "## While it learned",
    "",
    line(["tokens", "explained variance", "L0", "dead"]),
    line(["---:", "---:", "---:", "---:"]),
    ...curve.map(({ tokens, explainedVariance, l0, deadShare }) =>
      line([count(tokens), percent(explainedVariance), l0.toFixed(1), percent(deadShare)]),
    ),
    "",
    "What is measured during training is of the tokens since the line before, with weights that still change.",
    "",
  ].join("\n");
}
