/** Attribution and the residual stream: what is drawn is what the worker says, it adds up, and what is selected is so everywhere. */
import type { Page } from "@playwright/test";
import { expect, test } from "./fixtures.ts";

const PROMPT = "When Mary and John went to the store, John gave a drink to";
const open = async (page: Page, query: string) => {
  await page.goto(`./?prompt=${encodeURIComponent(PROMPT)}&${query}`);
  await expect(page.locator(".explore-lab .figure").first()).toBeVisible({ timeout: 90_000 });
};
const signed = (value: number) => `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(3)}`;

test("components, heads and neurons of a logit difference, selected everywhere", async ({
  page,
}) => {
  await open(page, "view=attribution");
  await page.getByLabel("Logit of").selectOption("token");
  await page.getByLabel("Token", { exact: true }).fill(" Mary and");
  await expect(page.getByRole("status").filter({ hasText: /is 2 tokens/ })).toBeVisible();
  await page.getByLabel("Token", { exact: true }).fill(" Mary");
  await page.getByLabel("minus that of").selectOption("token");
  await page.getByLabel("Other token").fill(" John");
  await expect(page.getByText("logit difference ·Mary − ·John")).toBeVisible();
  const expected = await page.evaluate(async (text) => {
    const [mary, john] = [" Mary", " John"].map(
      (word) => window.lab.model!.toTokens(word, { prependBos: false })[0]!,
    );
    const { cache, logits } = await window.lab.model!.runWithCache(text);
    const parts = await cache.logitAttrs(
      await cache.decomposeResid(null, { pos: -1 }),
      mary!,
      john,
    );
    const heads = await cache.logitAttrs(
      await cache.stackHeadResults(null, { pos: -1 }),
      mary!,
      john,
    );
    const last = logits.data.slice(-logits.dims.at(-1)!);
    return {
      mlp: parts.data[parts.labels.indexOf("3_mlp_out")]!,
      head: heads.data[heads.labels.indexOf("L3H4")]!,
      logit: last[mary!]! - last[john!]!,
    };
  }, PROMPT);
  const row = page.getByRole("row", { name: /3_mlp_out/ });
  await expect(row).toContainText(signed(expected.mlp));
  await expect(page.locator(".sum-line")).toContainText(`together ${signed(expected.logit)}`);
  await expect(page.locator(".sum-line")).toContainText("float32 rounding");
  await row.getByRole("button").click();
  await expect(page.getByLabel("Part of the layer")).toHaveValue("mlp");

  await page.getByRole("radio", { name: "Heads" }).click();
  const grid = page.getByRole("img", { name: /What each head writes/ });
  await grid.focus();
  await page.keyboard.press("Home"); // from "no head", the last column, to its first
  for (let i = 0; i < 4; i++) await page.keyboard.press("ArrowRight");
  for (let i = 0; i < 3; i++) await page.keyboard.press("ArrowDown");
  await expect(page.locator(".figure .readout").last()).toHaveText(
    `L3H4: ${signed(expected.head)}`,
  );
  await page.keyboard.press("Enter");
  const inspector = page.getByRole("complementary", { name: "Inspector" });
  await expect(inspector).toContainText("L3H4");

  await page.getByRole("radio", { name: "Neurons" }).click();
  await expect(page.locator(".sum-line")).toContainText(`together ${signed(expected.logit)}`);
  const strongest = page
    .getByRole("table", { name: /Most positive neurons/ })
    .getByRole("button")
    .first();
  const name = (await strongest.textContent())!.replace(/^L(\d+)N(\d+)$/, "$1.$2");
  await strongest.click();
  await expect(page).toHaveURL(new RegExp(`neuron=${name}`));
});

test("layers and every position; an edit of the stream is a part of its own", async ({ page }) => {
  await open(page, "view=attribution&attribution.by=layer&edits=r1x0.5");
  await expect(page.getByRole("slider", { name: /so far/ })).toHaveCount(3); // both sides, and their difference
  await page.getByRole("radio", { name: "Components" }).click();
  await expect(page.getByRole("row", { name: /stream edits/ })).toHaveCount(2); // edited, and the difference
  await expect(page.locator(".sum-line")).toHaveCount(2);
  for (const line of await page.locator(".sum-line").all()) {
    await expect(line).toContainText("float32 rounding");
  }
  await page.getByRole("radio", { name: "Every position" }).click();
  await expect(page.getByRole("img", { name: /11 rows by 15 columns/ })).toHaveCount(3);
});

test("states turn, parts have shares that sum to 1, and side b shows the aligned position", async ({
  page,
}) => {
  const other = encodeURIComponent(`Yesterday ${PROMPT}`);
  await open(page, `view=residual&other=${other}`);
  await page.getByRole("radio", { name: "Share of the end" }).click();
  await expect(
    page.getByText(/the shares sum to 1\.00000|the shares sum to 0\.99999/),
  ).toBeVisible();
  const figure = page.getByRole("region", { name: "Share of the final stream" });
  // Selected is the last token of the first prompt: in the second it stands one or more further right.
  for (const name of ["prompt A", "prompt B"]) {
    const side = figure.getByRole("group", { name, exact: true });
    const [selected, all] = [side.locator(".axis-label.selected"), side.locator(".row-selected")];
    await expect(selected).toHaveText("·to");
    await expect(all).toHaveCount(1);
  }
  await page.getByRole("radio", { name: "Turn" }).click();
  await expect(page.getByRole("heading", { name: "Each state and the next" })).toBeVisible();
  await page.getByRole("radio", { name: "Mean" }).click();
  const matrix = page.getByRole("img", { name: /^Cosines between states/ }).first();
  await matrix.focus();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Home"); // 1_mid … with the first state
  await expect(page.getByText(/and 0_pre: prompt A [+−]\d\.\d{3}/)).toBeVisible();
});
