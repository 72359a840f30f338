/** The run on record is told alike wherever it is told: in its JSON, in its page, and in the README. */
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { format } from "prettier";
import { recordMarkdown, type RunRecord } from "../scripts/record-markdown.mjs";

const read = (path: string) => readFileSync(new URL(`../${path}`, import.meta.url), "utf8");
const record = JSON.parse(read("test/record/sae.json")) as RunRecord;
const { reconstruction, loss } = record.report;

it("the page is made of the record", async () => {
  const page = await format(recordMarkdown(record), { parser: "markdown", printWidth: 100 });
  expect(read("test/record/sae.md")).toBe(page);
});

it("the run is a TopK-32 autoencoder, eight times as wide, on the embedded model", () => {
  expect(record).toMatchObject({ model: "tinylab-gpt2-4l", request: { variant: "topk", k: 32 } });
  expect(record.request.dSae).toBe(8 * 192);
  expect(record.trainedTokens).toBeGreaterThanOrEqual(record.request.tokens);
  expect(reconstruction.l0).toBeLessThanOrEqual(32);
  expect(record.curve.at(-1)!.tokens).toBe(record.trainedTokens);
});

it("the README quotes its numbers", () => {
  const [, quoted = ""] =
    /<!-- record -->([\s\S]*?)<!-- \/record -->/.exec(read("README.md")) ?? [];
  const words = quoted.replace(/\s+/g, " ");
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  expect(words).toContain(`explains ${percent(reconstruction.explainedVariance)} of the variance`);
  expect(words).toContain(`CE loss score of ${percent(loss.ceScore.zero!)} against zero ablation`);
  expect(words).toContain(`${percent(loss.ceScore.mean!)} against mean ablation`);
  expect(words).toContain(`${record.request.tokens.toLocaleString("en-US")} tokens`);
  expect(words).toContain(`${reconstruction.l0.toFixed(1)} active features a token`);
});
