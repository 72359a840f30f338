/** The attention view: what heads are found, a pair that is locked, and two runs compared. */
import type { Page } from "@playwright/test";
import { expect, test } from "./fixtures.ts";
import { untilReady } from "./lab.ts";

const PROMPT = "When Mary and John went to the store, John gave a drink to";
const OTHER = "When Mary and Anna went to the store, Mary gave a drink to";
const readout = (page: Page) => page.locator(".readout-line .readout");
const open = async (page: Page, query: string) => {
  await page.goto(`./?prompt=${encodeURIComponent(PROMPT)}${query}`);
  await untilReady(page);
};

test("heads are found by their scores on random repeats, and opened", async ({ page }) => {
  await open(page, "");
  await page.getByRole("button", { name: "Score every head on random repeats" }).click();
  const finder = page.getByRole("region", { name: "Head finder" });
  await expect(finder).toContainText("6 of 24 heads have induction (mean diagonal)");
  const scores = await page.evaluate(async () => {
    const options = { length: null, rows: 2, seed: 0, prependBos: false };
    const detect = { excludeFirst: false, excludeCurrent: false };
    const found = await window.lab.model!.study("headScores", { ...options, ...detect });
    return found.scores.inductionDiagonal.map((score) => score!);
  });
  const best = Math.max(...scores);
  const name = `L${Math.floor(scores.indexOf(best) / 6)}H${scores.indexOf(best) % 6}`;
  await expect(finder.getByRole("listitem").first()).toHaveText(`${name}${best.toFixed(3)}`);

  await page.getByRole("checkbox", { name: "Largest score first" }).check();
  const first = page.locator(".thumbnail").first();
  await expect(first).toHaveAccessibleName(`Head ${name}, ${best.toFixed(3).slice(1)}`);
  await finder.getByRole("textbox", { name: /^Least induction/ }).fill("0.8");
  await expect(finder).toContainText(
    `${scores.filter((score) => score >= 0.8).length} of 24 heads`,
  );
  await expect(page).toHaveURL(/heads\.least=0\.8/);

  await finder.getByRole("listitem").first().getByRole("button").click();
  await expect(page.getByRole("heading", { name: `Head ${name}` }).first()).toBeVisible();
  const inspector = page.getByRole("complementary", { name: "Inspector" });
  await expect(inspector).toContainText("On 100 random tokens, repeated");
  await expect(inspector).toContainText(`induction (mean diagonal)${best.toFixed(3)}`);
});

test("a pair is locked, told of in full, unlocked; the focus comes back", async ({ page }) => {
  await open(page, "");
  const thumb = page.getByRole("button", { name: "Head L2H5" });
  await thumb.focus();
  await page.keyboard.press("Enter");
  const square = page.getByRole("img", { name: /Attention pattern of head L2H5/ });
  await expect(square).toBeFocused();
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("Home");
  await page.keyboard.press("ArrowRight"); // ·drink → When
  await page.keyboard.press("Enter");
  const pair = page.getByRole("region", { name: "This pair" });
  const known = await page.evaluate(async (text) => {
    const hook = (site: string) => `blocks.2.attn.${site}`;
    const names = ["hook_pattern", "hook_attn_scores", "hook_v"].map(hook);
    const { cache } = await window.lab.model!.runWithCache(text, { names });
    const [pattern, scores, v] = names.map((name) => cache.get(name)!);
    const n = pattern!.dims[2]!;
    const cell = (5 * n + 13) * n + 1;
    const width = v!.dims[3]!;
    const key = v!.data.subarray((1 * 6 + 5) * width, (1 * 6 + 6) * width);
    return { A: pattern!.data[cell]!, score: scores!.data[cell]!, v: Math.hypot(...key) };
  }, PROMPT);
  const row = (name: string) => pair.getByRole("row").filter({ hasText: name }).first();
  await expect(row("A")).toContainText(known.A.toFixed(3));
  await expect(row("score")).toContainText(known.score.toFixed(3).replace("-", "−"));
  await expect(row("‖v‖")).toContainText(known.v.toFixed(3));
  await expect(row("A·‖v‖")).toContainText((known.A * known.v).toFixed(3));

  // Wherever the pointer goes, the pair stays; in the tokens too.
  const text = await readout(page).textContent();
  await page.locator(".heatmap canvas").hover({ position: { x: 5, y: 90 } });
  await page.locator(".arc-token").nth(3).hover();
  await expect(readout(page)).toHaveText(text!);
  const option = page.getByRole("listbox", { name: /Tokens of the prompt/ }).getByRole("option");
  await expect(option.nth(1)).toHaveClass(/related/);
  await page.keyboard.press("Escape");
  await expect(pair.getByRole("button", { name: /Unlock/ })).toBeHidden();
  await page.keyboard.press("Escape");
  await expect(thumb).toBeFocused();
});

test("two prompts: squares of both and of their difference; means of heads", async ({ page }) => {
  await open(page, `&other=${encodeURIComponent(OTHER)}&attention.show=output`);
  const drawn = page.getByRole("radiogroup", { name: "Side drawn" });
  await expect(drawn.getByRole("radio", { name: "difference" })).toBeChecked();
  await page.getByRole("button", { name: "Head L3H4" }).click();
  await expect(page.locator(".heatmap")).toHaveCount(3);
  await page.getByRole("radio", { name: "A", exact: true }).click();
  const patterns = page.getByRole("img", { name: /Attention pattern of head L3H4/ });
  await patterns.nth(2).focus();
  await page.keyboard.press("Home"); // from the last token to the first
  const weights = await page.evaluate(
    async (texts) => {
      const name = "blocks.3.attn.hook_pattern";
      const both = texts.map((text) => window.lab.model!.runWithCache(text, { names: [name] }));
      return (await Promise.all(both)).map(({ cache }) => {
        const { data, dims } = cache.get(name)!;
        const n = dims[2]!;
        return data[(4 * n + n - 1) * n]!;
      });
    },
    [PROMPT, OTHER],
  );
  const pair = page.getByRole("region", { name: "This pair" });
  const difference = weights[1]! - weights[0]!;
  const signed = `${difference < 0 ? "−" : "+"}${Math.abs(difference).toFixed(3)}`;
  await expect(pair.getByRole("row").filter({ hasText: /^A[0-9]/ })).toHaveText(
    `A${weights[0]!.toFixed(3)}${weights[1]!.toFixed(3)}${signed}`,
  );

  await page.getByRole("combobox", { name: "Heads" }).selectOption("mean of each layer");
  await expect(page.getByRole("heading", { name: "L3 mean" })).toBeVisible();
  await page.keyboard.press("[");
  await expect(page.getByRole("heading", { name: "L2 mean" })).toBeVisible();
});
