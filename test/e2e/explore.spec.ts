/** Explore: what is drawn and read out is what the model computed. */
import type { Page } from "@playwright/test";
import { expect, test } from "./fixtures.ts";
import { untilReady } from "./lab.ts";

const PROMPT = "When Mary and John went to the store, John gave a drink to";
const readout = (page: Page) => page.locator(".readout-line .readout");
const option = (page: Page, n: number) =>
  page
    .getByRole("listbox", { name: /Tokens of the prompt/ })
    .getByRole("option")
    .nth(n);

/** The weight that `window.lab` gives for one cell. */
const weightOf = (page: Page, layer: number, head: number, q: number, k: number) =>
  page.evaluate(
    async ({ text, name, at }) => {
      const { cache } = await window.lab.model!.runWithCache(text, { names: [name] });
      const { data, dims } = cache.get(name)!;
      const [, , n = 0] = dims;
      return data[(at.head * n + at.q) * n + at.k]!;
    },
    { text: PROMPT, name: `blocks.${layer}.attn.hook_pattern`, at: { head, q, k } },
  );

test.beforeEach(async ({ page }) => {
  await page.goto(`./?prompt=${encodeURIComponent(PROMPT)}`);
  await untilReady(page);
});

test("every head has a thumbnail, read by pointer and keyboard, opened with Enter", async ({
  page,
}) => {
  await expect(page.getByRole("button", { name: /^Head L\dH\d$/ })).toHaveCount(24);
  const thumb = page.getByRole("button", { name: "Head L2H5" });
  const box = (await thumb.locator("canvas").boundingBox())!;
  const [q, k] = [11, 3]; // ·gave → ·and
  await page.mouse.move(
    box.x + ((k + 0.5) / 15) * box.width,
    box.y + ((q + 0.5) / 15) * box.height,
  );
  const weight = await weightOf(page, 2, 5, q, k);
  await expect(readout(page)).toHaveText(`L2H5 ·gave → ·and ${weight.toFixed(3)}`);
  await expect(option(page, q)).toHaveClass(/hover/);
  await expect(option(page, k)).toHaveClass(/related/);
  await page.mouse.move(box.x + box.width * 0.9, box.y + box.height * 0.1);
  await expect(readout(page)).toContainText("masked");

  // By keyboard: walked with the arrow keys, opened with Enter.
  await page.getByRole("button", { name: "Head L0H0" }).focus();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowRight");
  await expect(page.getByRole("button", { name: "Head L1H1" })).toBeFocused();
  await expect(readout(page)).toContainText("L1H1 looks most: ·to →");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "Head L1H1" }).first()).toBeVisible();
  await page.keyboard.press("]");
  await expect(page.getByRole("heading", { name: "Head L1H2" }).first()).toBeVisible();
  await page.keyboard.press("[");
  await page.keyboard.press("[");
  await expect(page.getByRole("heading", { name: "Head L1H0" }).first()).toBeVisible();
  await page.getByRole("button", { name: "What is this?" }).first().press("Enter");
  await expect(page.getByRole("note").first()).toContainText("One head, every query at once");
  await page.keyboard.press("Escape"); // closes the explanation, and only that
  await expect(page.getByRole("note").first()).toBeHidden();
  await expect(page.getByRole("heading", { name: "Head L1H0" }).first()).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("heading", { name: "Attention, every head" })).toBeVisible();
});

test("a head, large: cells by pointer and keyboard, its query selected everywhere", async ({
  page,
}) => {
  await page.getByRole("button", { name: "Head L3H2" }).click();
  const pattern = page.getByRole("img", { name: /Attention pattern of head L3H2, 15 queries/ });
  await pattern.focus();
  await page.keyboard.press("ArrowUp"); // from the selected token, on the diagonal
  await expect(readout(page)).toContainText("masked");
  await page.keyboard.press("Home");
  const weight = await weightOf(page, 3, 2, 13, 0);
  await expect(readout(page)).toHaveText(`·drink → BOS ${weight.toFixed(3)}`);
  await page.keyboard.press("Enter");
  await expect(option(page, 13)).toHaveAttribute("aria-selected", "true");
  const inspector = page.getByRole("complementary", { name: "Inspector" });
  await expect(inspector).toContainText("13 of 0 … 14");
  await expect(inspector).toContainText("Head L3H2");
  await expect(page.getByText("position 13 of 0 … 14")).toBeVisible();

  const canvas = page.locator(".heatmap canvas");
  const box = (await canvas.boundingBox())!;
  await canvas.scrollIntoViewIfNeeded();
  await canvas.click({ position: { x: 2, y: (10.5 / 15) * box.height } });
  await expect(option(page, 10)).toHaveAttribute("aria-selected", "true");
});

test("arcs lead from the selected token to what it looks at; the pattern fits the window", async ({
  page,
}) => {
  await page.getByRole("button", { name: "Head L0H3" }).click(); // looks at the token before
  await expect(page.getByRole("img", { name: /^Arcs from ·to to/ })).toBeVisible();
  await option(page, 4).click();
  await expect(page.getByRole("img", { name: /^Arcs from ·John to/ })).toBeVisible();
  const strong = page.locator(".arc:not(.behind)");
  const cells = await Promise.all([0, 1, 2, 3, 4].map((k) => weightOf(page, 0, 3, 4, k)));
  await expect(strong).toHaveCount(cells.filter((weight) => weight >= 0.02).length);
  await page.locator(".arc-token").nth(2).hover();
  await expect(page.getByRole("img", { name: /^Arcs from ·Mary to/ })).toBeVisible();

  await page.locator(".lab").evaluate((lab) => lab.scrollTo(0, 0));
  await expect(page.locator(".heatmap")).toBeInViewport({ ratio: 1 });

  // Sixty tokens stay readable: labels do not run into each other.
  await page.getByRole("textbox", { name: "Prompt" }).fill(`${PROMPT} `.repeat(4));
  await expect(page.getByRole("img", { name: /pattern of head L0H3, 5\d queries/ })).toBeVisible();
  const gaps = await page.locator(".heatmap text[text-anchor=end]").evaluateAll((labels) => {
    const boxes = labels.map((label) => label.getBoundingClientRect());
    return boxes
      .slice(1)
      .map((box, i) => box.top + box.height / 2 - (boxes[i]!.top + boxes[i]!.height / 2));
  });
  expect(gaps.length).toBeGreaterThan(10);
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(11);
  await expect(page.locator(".heatmap")).toBeInViewport({ ratio: 1 });
});

test("the ten likeliest next tokens are those of the logits", async ({ page }) => {
  const rows = page.locator(".prediction");
  await expect(rows).toHaveCount(10);
  const expected = await page.evaluate(async (text) => {
    const { logits } = await window.lab.model!.runWithCache(text, { names: [] });
    const vocabulary = logits.dims.at(-1)!;
    const last = [...logits.data.slice(-vocabulary)];
    const most = Math.max(...last);
    const sum = last.reduce((total, logit) => total + Math.exp(logit - most), 0);
    const best = last.indexOf(most);
    return {
      token: window.lab.model!.toStrTokens([best])[0]!.replace(" ", "·"),
      share: `${((1 / sum) * 100).toFixed(2)} %`,
      logit: most.toFixed(3),
    };
  }, PROMPT);
  await expect(rows.first()).toContainText(expected.token);
  await expect(rows.first()).toContainText(expected.share);
  await rows.first().focus();
  await expect(page.getByText(/^logit/)).toContainText(`logit ${expected.logit}`);
});

test("next tokens are taken into the prompt and back, and compared with what came", async ({
  page,
}) => {
  const prompt = page.getByRole("textbox", { name: "Prompt" });
  const row = page.locator(".prediction").nth(1);
  const token = (await row.locator(".prediction-token").textContent())!.replace("·", " ");
  await row.click();
  await expect(prompt).toHaveValue(PROMPT + token);
  await expect(page.getByText("position 15 of 0 … 15")).toBeVisible();
  await prompt.focus();
  await page.keyboard.press("Control+z");
  await expect(prompt).toHaveValue(PROMPT);

  await option(page, 6).click(); // When Mary and John went ·to
  await expect(page.locator(".prediction.actual")).toContainText("·the");
  await page.keyboard.press("ArrowLeft");
  await expect(option(page, 5)).toBeFocused();
  await expect(page.getByText("position 5 of 0 … 14")).toBeVisible();
});

test("colours follow the theme and the scale", async ({ page, expected }) => {
  expected(/willReadFrequently/); // this test reads the canvas, the page never does
  const corner = () =>
    page
      .locator(".thumbnail canvas")
      .first()
      .evaluate((canvas) => {
        const context = (canvas as HTMLCanvasElement).getContext("2d")!;
        return [...context.getImageData(0, 0, 1, 1).data].join();
      });
  await page.getByRole("button", { name: /^Theme: system/ }).click();
  const light = await corner();
  await page.getByRole("button", { name: /^Theme: light/ }).click();
  await expect.poll(corner).not.toBe(light);
  await page.getByRole("checkbox", { name: "Leave out first token" }).check();
  await expect.poll(corner).toBe("0,0,0,0");
});
