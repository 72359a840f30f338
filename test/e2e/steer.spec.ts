/** The Steer lab on the autoencoder that ships with the app: sliders, next-token bars, two continuations. */
import type { Page } from "@playwright/test";
import { expect, test } from "./fixtures.ts";

const slider = (page: Page) => page.getByRole("slider", { name: /^Strength of feature/ }).first();
const bars = (page: Page) => page.getByRole("table", { name: /Probability of the next token/ });
const side = (page: Page, name: "Plain" | "Steered") =>
  page.getByRole("group", { name: `${name} continuation` });

/** Token → its plain and steered probability, in percent as written. */
const readBars = async (page: Page) =>
  new Map(
    await bars(page)
      .locator("tbody tr")
      .evaluateAll((rows) =>
        (rows as HTMLTableRowElement[]).map((row): [string, { plain: string; steered: string }] => [
          row.dataset["id"]!,
          { plain: row.cells[2]!.textContent ?? "", steered: row.cells[3]!.textContent ?? "" },
        ]),
      ),
  );

async function openSteer(page: Page, query = "") {
  await page.goto(`./?lab=steer${query}`);
  await expect(bars(page)).toBeVisible({ timeout: 90_000 });
}
async function addSuggested(page: Page) {
  await page
    .getByRole("group", { name: "Active on the selected token" })
    .getByRole("button")
    .first()
    .click();
  await expect(slider(page)).toBeVisible();
}

test("a slider moves the next token, in both units, and back at zero nothing is changed", async ({
  page,
}) => {
  await openSteer(page);
  await addSuggested(page);
  const times = page.getByRole("textbox", { name: /times its largest activation/ });
  const c = page.getByRole("textbox", { name: /^Coefficient/ });
  await expect(times).toHaveValue("1");
  const max = Number(await c.inputValue());
  await slider(page).focus();
  for (let i = 0; i < 20; i++) await page.keyboard.press("ArrowRight");
  await expect(times).toHaveValue("2");
  expect(Number(await c.inputValue()) / max).toBeCloseTo(2, 1);
  await expect(async () => {
    const rows = [...(await readBars(page)).values()];
    expect(rows.some(({ plain, steered }) => plain !== steered)).toBe(true);
  }).toPass();
  await page.getByRole("button", { name: "to 0" }).click();
  await expect(c).toHaveValue("0");
  await expect(async () => {
    for (const { plain, steered } of (await readBars(page)).values()) expect(steered).toBe(plain);
  }).toPass();
});

test("numbers may be typed, half-typed and wrong", async ({ page }) => {
  await openSteer(page);
  await addSuggested(page);
  const c = page.getByRole("textbox", { name: /^Coefficient/ });
  await c.fill("-");
  await expect(c).toHaveAttribute("aria-invalid", "true");
  await c.fill("-12.5");
  await expect(c).not.toHaveAttribute("aria-invalid", "true");
  await c.blur();
  await expect(c).toHaveValue("−12.5");
  await expect(page).toHaveURL(/steer=\d+a-12\.5/);
  const mode = page.getByRole("combobox", { name: /^What is done with feature/ });
  await mode.selectOption("clamp");
  await expect(page).toHaveURL(/steer=\d+c-12\.5/);
  await page.reload();
  await expect(c).toHaveValue("−12.5");
  await expect(mode).toHaveValue("clamp");
  await page.getByRole("button", { name: /^Remove feature/ }).click();
  await expect(slider(page)).toHaveCount(0);

  // When the prompt cannot be run, the bars are said to be of before.
  await expect(bars(page)).toBeVisible();
  await page.getByRole("checkbox", { name: "BOS" }).uncheck();
  await page.getByRole("textbox", { name: "Prompt" }).fill("");
  await expect(page.getByText("Below is what the last settings gave that ran.")).toBeVisible();
  await expect(page.locator(".stale").filter({ has: bars(page) })).toHaveCSS("opacity", "0.55");
});

test("two continuations from one seed: the same without steering, apart with it", async ({
  page,
  context,
}) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await openSteer(page);
  const field = (label: string) => page.getByRole("textbox", { name: new RegExp(`^${label}:`) });
  await field("Tokens").fill("12");
  await page.getByRole("button", { name: "Generate" }).click();
  await expect(page.getByText("Both texts are the same.")).toBeVisible({ timeout: 60_000 });
  await expect(side(page, "Plain")).toBeInViewport();
  const plain = await side(page, "Plain").textContent();
  await page.getByRole("button", { name: "Copy the plain text" }).click();
  await expect(page.getByText("Copied.")).toBeVisible();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toContain("a book to");
  await addSuggested(page);
  await expect(page.getByText(/changed since these were written/)).toBeVisible();
  await page.getByRole("textbox", { name: /times its largest/ }).fill("5");
  await page.getByRole("button", { name: "Generate" }).click();
  await expect(page.getByText(/The texts part at step \d+\./)).toBeVisible({ timeout: 60_000 });
  expect(await side(page, "Plain").textContent()).toBe(plain);
  expect(await side(page, "Steered").textContent()).not.toBe(plain);
  await expect(side(page, "Steered").locator(".differs").first()).toBeVisible();
  await side(page, "Steered").press("ArrowRight");
  await expect(page.getByText(/step 1, probability/)).toBeVisible();
  await page.getByRole("button", { name: "Another seed" }).click();
  await expect(field("Seed")).not.toHaveValue("1");
});

test("stop keeps what has been written", async ({ page }) => {
  await openSteer(page, "&prompt=Once%20upon%20a%20time");
  await page.getByRole("textbox", { name: /^Tokens:/ }).fill("200");
  await page.getByRole("button", { name: "Generate" }).click();
  await expect(side(page, "Plain").locator("[data-at]").nth(3)).toBeVisible({ timeout: 60_000 });
  await page.getByRole("button", { name: "Stop" }).click();
  await expect(page.getByText(/\d+ tokens, stopped/).first()).toBeVisible();
  const kept = await side(page, "Plain").textContent();
  await page.waitForTimeout(500);
  expect(await side(page, "Plain").textContent()).toBe(kept);
});
