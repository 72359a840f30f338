/** The view of the weights: what it draws and reads out is what the weights say. */
import type { Page } from "@playwright/test";
import { expect, test } from "./fixtures.ts";

const open = async (page: Page, query: string) => {
  await page.goto(`./?prompt=The%20cat%20sat&view=weights&head=1.2&${query}`);
  await page.waitForFunction(() => Boolean(window.lab?.model), null, { timeout: 90_000 });
};

test("a head's singular values are those of its weights; its pairs are walked by keyboard", async ({
  page,
}) => {
  await open(page, "");
  const bars = page.getByRole("slider", { name: "Singular values of W_OV" });
  await expect(page.getByRole("heading", { name: "OV circuit of head L1H2" })).toBeVisible();
  // Σσ² = ‖W_V·W_O‖², by the plain product.
  const expected = await page.evaluate(async () => {
    const model = window.lab.model!;
    const [v, o] = await Promise.all([
      model.weight("blocks.1.attn.W_V"),
      model.weight("blocks.1.attn.W_O"),
    ]);
    const [, D = 0, h = 0] = v.dims;
    let sum = 0;
    for (let r = 0; r < D; r++) {
      for (let c = 0; c < D; c++) {
        let entry = 0;
        for (let i = 0; i < h; i++)
          entry += v.data[(2 * D + r) * h + i]! * o.data[(2 * h + i) * D + c]!;
        sum += entry * entry;
      }
    }
    const { ov } = await model.study("headCircuits", {
      ...{ basis: "raw", layer: 1, head: 2, pairs: 10, tokens: 10 },
    });
    const total = ov.singularValues.reduce((all, s) => all + s * s, 0);
    return { ratio: total / sum, third: ov.singularValues[2]!, token: ov.pairs[2]!.v.plus };
  });
  expect(expected.ratio).toBeCloseTo(1, 5);
  await bars.focus();
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowRight");
  await expect(bars).toHaveAttribute(
    "aria-valuetext",
    new RegExp(`^σ of pair 2: ${expected.third.toPrecision(4)}`),
  );
  const ends = page.getByRole("region", { name: "Pair 2 as tokens" });
  const row = ends.getByRole("table", { name: "writes, + end" }).getByRole("row").nth(1);
  await expect(row).toContainText(`+${expected.token.values[0]!.toFixed(3)}`);
  await expect(row).toContainText(expected.token.strings[0]!.replace(" ", "·"));
  await page.getByRole("button", { name: "Pair 4" }).click();
  await expect(page.getByRole("region", { name: "Pair 4 as tokens" })).toBeVisible();
  await page.getByRole("radio", { name: "QK" }).click();
  await expect(page.getByRole("heading", { name: "QK circuit of head L1H2" })).toBeVisible();
  await expect(page.getByRole("table", { name: "query, + end" })).toBeVisible();
  await expect(page).toHaveURL(/weights\.circuit=qk/);
});

test("copying scores of all heads; a chosen head's eigenvalues and its score in the inspector", async ({
  page,
}) => {
  await open(page, "weights.show=copying");
  const matrix = page.getByRole("img", { name: /^copying score by layer and head/ });
  await matrix.focus();
  await page.keyboard.press("Home");
  await page.keyboard.press("ArrowDown");
  const { score, largest } = await page.evaluate(async () => {
    const { ov, heads, dHead } = await window.lab.model!.study("vocabularySpectra", {
      basis: "raw",
    });
    return { score: ov.scores[2 * heads]!, largest: ov.re[2 * heads * dHead]! };
  });
  const shown = `${score < 0 ? "−" : "+"}${Math.abs(score).toFixed(3)}`;
  await expect(page.locator(".readout").first()).toHaveText(`L2H0: copying score ${shown}`);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "Eigenvalues of head L2H0" })).toBeVisible();
  const plane = page.getByRole("img", { name: /^Eigenvalues of head L2H0/ });
  await plane.focus();
  await page.keyboard.press("ArrowRight");
  await expect(plane).toHaveAttribute(
    "aria-label",
    new RegExp(`λ0: ${largest.toPrecision(4)} `.replace(/[.+]/g, "\\$&")),
  );
  await expect(page.getByRole("complementary", { name: "Inspector" })).toContainText(
    `copying score${shown}`,
  );
});

test("composition as a graph, as a list and as a matrix", async ({ page }) => {
  await open(page, "weights.show=composition&weights.kind=K");
  await expect(page.getByRole("heading", { name: "K-composition of all heads" })).toBeVisible();
  const best = await page.evaluate(async () => {
    const { scores, heads, unrelated } = await window.lab.model!.study("composition", {
      basis: "raw",
    });
    const N = Math.sqrt(scores.K.length);
    let at = 0;
    scores.K.forEach((x, i) => {
      if (Number.isNaN(scores.K[at]!) || x > scores.K[at]!) at = i;
    });
    const name = (i: number) => `L${Math.floor(i / heads)}H${i % heads}`;
    const value = scores.K[at]!;
    return {
      ...{ from: name(Math.floor(at / N)), to: name(at % N), value: value.toFixed(3) },
      times: (value / unrelated).toFixed(2),
    };
  });
  const list = page.getByRole("region", { name: "Strongest pairs" });
  const first = list.getByRole("row").nth(1);
  await expect(first).toHaveText(`${best.from}${best.to}${best.value}${best.times}`);
  await expect(page.locator(".head-graph .edge")).toHaveCount(40);
  await first.getByRole("button").first().focus();
  const readout = page.locator(".figure .readout");
  await expect(readout).toContainText(`${best.from} → ${best.to}: K-composition ${best.value}`);
  await page.keyboard.press("Enter");
  const graph = page.getByRole("img", { name: /^K-composition: 4 layers of 6 heads/ });
  await graph.focus();
  await page.keyboard.press("ArrowRight");
  await expect(readout).toContainText(`${best.from}, most: ${best.from} → ${best.to}`);
  await page.getByRole("slider", { name: "Edges from" }).press("Home");
  await expect(page.locator(".head-graph .edge")).toHaveCount(216); // 36 pairs for each two of four layers
  await page.getByRole("radio", { name: "matrix" }).click();
  const matrix = page.getByRole("img", {
    name: /^K-composition: rows write, columns read, 18 rows/,
  });
  await matrix.focus();
  await page.keyboard.press("Home");
  for (let i = 0; i < 18; i++) await page.keyboard.press("ArrowUp");
  await expect(readout).toContainText("L0H0 → L1H0: K-composition");
  for (let i = 0; i < 6; i++) await page.keyboard.press("ArrowDown");
  await expect(readout).toContainText("no value, the reader must be in a later layer");
  await page.getByRole("checkbox", { name: "less what unrelated heads have" }).check();
  await matrix.focus();
  await page.keyboard.press("End");
  await expect(readout).toContainText("to unrelated heads");
});
