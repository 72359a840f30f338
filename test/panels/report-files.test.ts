/** A report card as files: all numbers in the JSON, and a page that needs nothing but itself. */
import { expect, it } from "vitest";
import type { SaeReport } from "../../src/core/sae-report.ts";
import { isReport } from "../../src/storage/report-store.ts";
import { reportHtml, reportJson } from "../../src/panels/features/report-files.ts";
import { differenceWords, REPORT_GROUPS } from "../../src/panels/features/report-rows.ts";
import { summary } from "../state/saes.ts";

const replacement = { ce: 4, kl: 0.5 };
const report: SaeReport = {
  ...{ saeId: "a", modelId: "tiny", createdAt: "2026-03-04T05:06:07Z" },
  ...{ contexts: 16, contextSize: 128 },
  reconstruction: {
    ...{ explainedVariance: 0.9123, explainedVarianceLegacy: 0.87, cosine: 0.98 },
    ...{ normRatio: 0.97, reconstructionBias: 1.01, l0: 32, l1: 40, tokens: 2032 },
  },
  loss: {
    ...{ cleanCe: 3.5, sae: replacement, zero: replacement, mean: replacement },
    ...{ ceScore: { zero: 0.991, mean: null }, klScore: { zero: 0.97, mean: 0.95 } },
    predictions: 2016,
  },
  features: {
    ...{ aliveShare: 0.5, tokens: 100_000, overCorpus: true, probeTokens: 6000 },
    densities: { first: -7, width: 0.25, counts: new Array<number>(28).fill(2), silent: 3 },
    entropy: { median: 1.5, focusedShare: 0.25, features: 40 },
    labels: { labelled: 0, rule: null, detection: null, fuzzing: null },
    probes: [
      {
        ...{ class: "digit", members: 90, best: 7 },
        ...{ features: { k1: 0.91, k5: 0.97 }, numbers: { k1: 0.6, k5: 0.7 } },
      },
      {
        ...{ class: "pronoun", members: 3, best: null },
        ...{ features: { k1: null, k5: null }, numbers: { k1: null, k5: null } },
      },
    ],
  },
};
const sae = summary("a", { name: 'words <of> "time" & place' });

it("the page holds what can be said, escaped, and asks for nothing elsewhere", () => {
  const html = reportHtml(sae, report);
  expect(html).toContain("words &#60;of&#62; &#34;time&#34; &#38; place");
  expect(html).not.toMatch(/<script|https?:|<link|<img|cannot be said/);
  for (const words of ["91.23 %", "99.10 %", "1.50 bits", "91.0 %", "2,032 held-out tokens"]) {
    expect(html).toContain(words);
  }
  expect(html).not.toContain("pronoun"); // too few of them to be said
  expect(html.match(/<rect/g)).toHaveLength(28);
  expect(reportHtml(sae, { ...report, features: undefined } as unknown as SaeReport)).not.toContain(
    "<svg",
  );
});

it("the JSON holds everything, and comes back as it was", async () => {
  const file = reportJson(sae, report);
  expect(file.name).toBe("words-of-time-place-report.json");
  const found = JSON.parse(await file.text()) as { sae: object; report: unknown };
  expect(found).toMatchObject({ format: "glassroom-sae-report-1", sae: { config: sae.config } });
  expect(found.report).toEqual(report);
  expect(isReport(found.report)).toBe(true);
  expect(isReport({ ...report, features: { ...report.features, entropy: 3 } })).toBe(false);
});

it("says of two reports how they differ: shares in points, and nothing where one has no value", () => {
  const rows = new Map(
    REPORT_GROUPS.flatMap(({ rows: all }) => all.map((row) => [row.id, row] as const)),
  );
  const { reconstruction, loss } = report;
  const other: SaeReport = {
    ...report,
    reconstruction: { ...reconstruction, explainedVariance: 0.9, l0: 40.25, cosine: 0.9801 },
    loss: { ...loss, ceScore: { zero: -0.009, mean: 0.5 } },
  };
  const words = (id: string) => differenceWords(rows.get(id)!, report, other);
  expect(words("explainedVariance")).toBe("−1.23 points");
  expect(words("ceScoreZero")).toBe("−100.00 points");
  expect(words("l0")).toBe("+8.3 features");
  expect(words("cosine")).toBe("0.000");
  expect(words("ceScoreMean")).toBe("");
});
