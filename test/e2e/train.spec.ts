/** The Train lab: what it refuses, and one small run from the button to its features. */
import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { expect, test } from "./fixtures.ts";

const field = (page: Page, label: string) => page.getByRole("textbox", { name: label });
const sparsity = (page: Page) => page.getByRole("combobox", { name: "Sparsity" });
const train = (page: Page) => page.getByRole("form").getByRole("button", { name: "Train" });
const curve = (page: Page, title: string) =>
  page.getByRole("slider", { name: new RegExp(`^${title}: cursor`) });

async function openTrain(page: Page) {
  await page.goto("./?lab=train");
  await expect(train(page)).toBeVisible({ timeout: 90_000 });
}
/** Small enough for a machine without a GPU, and long enough to be paused. */
async function startSmall(page: Page, tokens: string) {
  await page.getByRole("radio", { name: "2×", exact: true }).click();
  await sparsity(page).selectOption("TopK");
  await field(page, "k, features active per token").fill("8");
  await field(page, "Tokens").fill(tokens);
  await page.getByText("More settings").click();
  await field(page, "Batch, tokens per step").fill("256");
  await field(page, "Name").fill("Small run");
  await train(page).click();
  await expect(page.getByText(/tokens\/s/).first()).toBeVisible({ timeout: 90_000 });
}
const readStep = async (page: Page) =>
  Number((await page.getByText(/^step [\d,]+$/).textContent())!.replace(/\D/g, ""));

test("names every value that cannot be used, at its field", async ({ page }) => {
  await openTrain(page);
  await sparsity(page).selectOption("ReLU with L1");
  await field(page, "λ, weight of the penalty").fill("strong");
  await expect(page.getByText("λ must be a number, got “strong”.")).toBeVisible();
  await expect(train(page)).toBeDisabled();
  await field(page, "λ, weight of the penalty").fill("1.5");
  await field(page, "Tokens").fill("12");
  await expect(page.getByText(/budget must be from 1,000/)).toBeVisible();
  await field(page, "Tokens").fill("100,000");
  await expect(page.getByText("98 steps", { exact: true })).toBeVisible();
  await sparsity(page).selectOption("JumpReLU");
  await field(page, "About N active features a token").fill("100000");
  await expect(page.getByText(/target must be at most the number of features/)).toBeVisible();
  await sparsity(page).selectOption("TopK");
  await field(page, "k, features active per token").fill("100000");
  await expect(page.getByText(/k must be at most the number of features/)).toBeVisible();
  await sparsity(page).selectOption("ReLU with L1");
  await expect(train(page)).toBeEnabled();
});

test("says where it listens, in words and by name", async ({ page }) => {
  await openTrain(page);
  const where = page.getByLabel("Where to listen");
  await where.selectOption({ label: "MLP neurons of block 2" });
  await expect(page.getByText("blocks.2.mlp.hook_post")).toBeVisible();
});

test("a run is paused, watched from another lab, cancelled, and goes on after a reload", async ({
  page,
}) => {
  test.setTimeout(300_000);
  await openTrain(page);
  await startSmall(page, "400000");
  await page.getByRole("button", { name: "Pause" }).click();
  await expect(page.getByText("Paused")).toBeVisible();
  const paused = await readStep(page);
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id, nodes }) => [id, nodes.map((n) => n.html)])).toEqual([]);
  expect((await readStep(page)) - paused).toBeLessThanOrEqual(8); // the message under way, no more
  await page.getByRole("button", { name: "Go on" }).click();
  await expect.poll(() => readStep(page), { timeout: 60_000 }).toBeGreaterThan(paused + 8);

  await curve(page, "Reconstruction loss").focus();
  await page.keyboard.press("Home");
  const first = await curve(page, "Explained variance").getAttribute("aria-valuetext");
  expect(first).toMatch(/^-?[\d.]+ at [\d.]+k? tokens$/);

  await page.getByRole("navigation").getByText("Explore", { exact: true }).click();
  const line = page.getByRole("complementary", { name: "Training" });
  await expect(line.getByRole("progressbar")).toBeVisible();
  await line.getByRole("button", { name: "Watch" }).click();
  await page.getByRole("button", { name: "Cancel" }).click();
  await expect(page.getByText(/was stopped before its end/)).toBeVisible();
  await expect(page.getByRole("button", { name: "Resume Small run" })).toBeVisible();

  await page.reload();
  await page.getByRole("button", { name: "Resume Small run" }).click({ timeout: 90_000 });
  await expect(page.getByText(/tokens\/s/).first()).toBeVisible({ timeout: 90_000 });
  expect(await readStep(page)).toBeGreaterThan(paused);
  await page.getByRole("button", { name: "Cancel" }).click();
  await page.getByRole("button", { name: "Discard Small run" }).click();
  await page.keyboard.press("Escape"); // asked whether for good: no
  await expect(page.getByRole("button", { name: "Discard Small run" })).toBeFocused();
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Discard", exact: true }).click();
  await expect(page.getByRole("button", { name: "Resume Small run" })).toHaveCount(0);
});

test("a finished run leads to its features", async ({ page }) => {
  test.setTimeout(600_000);
  await openTrain(page);
  await startSmall(page, "20000");
  await page.getByRole("button", { name: "Explore its features" }).click({ timeout: 540_000 });
  await expect(page.getByRole("heading", { name: "Small run" })).toBeVisible();
  await expect(page.getByRole("heading", { name: "Strongest examples" })).toBeVisible();
  await page.reload();
  await expect(page.getByRole("heading", { name: "Small run" })).toBeVisible({ timeout: 60_000 });
});
