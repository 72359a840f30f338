/** The Features lab on the autoencoder that ships with the app: list, dashboards, both ways to the prompt, the shelf. */
import type { Page } from "@playwright/test";
import { readFile } from "node:fs/promises";
import { expect, test } from "./fixtures.ts";

const grid = (page: Page) => page.getByRole("grid", { name: /features; arrow keys/ });
const dashboardTitle = (page: Page) =>
  page.getByRole("main").getByRole("heading", { name: /^Feature \d+$/, level: 2 });
const chosen = (page: Page) => grid(page).getByRole("row", { selected: true });
const cell = (page: Page, column: number) => chosen(page).getByRole("gridcell").nth(column);

async function openFeatures(page: Page, query = "") {
  await page.goto(`./?lab=features${query}`);
  await expect(grid(page)).toBeVisible({ timeout: 90_000 });
  await expect(page.getByRole("heading", { name: "Strongest examples" })).toBeVisible();
}

test("the first open has a feature to look at; the list sorts and is walked by keyboard", async ({
  page,
}) => {
  await openFeatures(page);
  await expect(chosen(page)).toHaveCount(1);
  const id = (await cell(page, 0).textContent())!;
  await expect(dashboardTitle(page)).toHaveText(`Feature ${id}`);
  const rows = page.locator(".example-row");
  expect(await rows.count()).toBeGreaterThan(3);
  // The strongest example reaches the feature's largest activation, and its peak is marked.
  const max = Number(await cell(page, 2).textContent());
  expect(Number(await rows.first().getByRole("status").textContent())).toBeCloseTo(max, 1);
  await expect(rows.first().locator(".peak")).toHaveCount(1);
  for (const caption of ["Promoted", "Suppressed"]) {
    const bars = page.getByRole("table", { name: caption });
    await expect(bars.getByRole("row")).toHaveCount(11); // with its head
  }
  await expect(page.getByRole("slider", { name: /Histogram of the non-zero/ })).toBeVisible();

  // The list sorts by every column and is walked by keyboard.
  const column = async (n: number, count = 6) => {
    const cells = grid(page).locator(`.feature-row[id] > :nth-child(${n + 1})`);
    const texts = (await cells.allTextContents()).slice(0, count);
    return texts.map((text) => parseFloat(text.replace("< ", "")));
  };
  const sortBy = (name: string) =>
    grid(page).getByRole("columnheader", { name }).getByRole("button").click();
  await sortBy("density");
  await grid(page).press("Home");
  const dense = await column(1);
  expect(dense).toEqual([...dense].sort((a, b) => b - a));
  await sortBy("density");
  await grid(page).press("Home");
  const rare = await column(1);
  expect(rare).toEqual([...rare].sort((a, b) => a - b));
  await sortBy("#");
  await grid(page).press("Home");
  const [first, second] = await column(0);
  expect(first).toBeLessThan(second!);
  await grid(page).press("ArrowDown");
  await expect(dashboardTitle(page)).toHaveText(`Feature ${second}`);
  await grid(page).press("End");
  await expect(chosen(page)).toBeInViewport();
  await expect(chosen(page)).toHaveCount(1);
});

test("a feature is reached by its number or as a neighbour; an example goes into the prompt", async ({
  page,
}) => {
  await openFeatures(page);
  const jump = page.getByRole("textbox", { name: /Feature number/ });
  await jump.fill("17");
  await jump.press("Enter");
  await expect(dashboardTitle(page)).toHaveText("Feature 17");
  await expect(page).toHaveURL(/feature=17/);
  await jump.fill("999999");
  await expect(page.getByRole("alert")).toContainText(/features go from 0 to \d+/);

  // A neighbour comes onto the dashboard, an example into the prompt.
  const neighbour = page
    .getByRole("list", { name: /Features nearest to/ })
    .getByRole("button")
    .first();
  const id = (await neighbour.locator(".mono").first().textContent())!;
  await neighbour.click();
  await expect(dashboardTitle(page)).toHaveText(`Feature ${id}`);
  const prompt = page.getByRole("textbox", { name: /prompt/i }).first();
  const before = await prompt.inputValue();
  await page.getByRole("button", { name: "To prompt" }).first().click();
  await expect(prompt).not.toHaveValue(before);
});

test("from a token to its features and back", async ({ page }) => {
  await openFeatures(page, "&prompt=The%20dog%20ran%20to%20the%20park%20with%20a%20red%20ball.");
  const strip = page.getByRole("listbox", { name: /Tokens of the prompt/ });
  await strip.getByRole("option").nth(5).click();
  await page.getByRole("radio", { name: /^On “/ }).click();
  const active = page.getByRole("list", { name: /Features active on .*, strongest first/ });
  await expect(active).toBeVisible();
  const strengths = (await active.locator("button > .mono:last-child").allTextContents()).map(
    Number,
  );
  expect(strengths).toEqual([...strengths].sort((a, b) => b - a));
  expect(strengths.length).toBeGreaterThan(0);
  const first = active.getByRole("button").first();
  const id = (await first.locator(".mono").first().textContent())!;
  const strength = (await first.locator(".mono").last().textContent())!;
  await first.click();
  await expect(dashboardTitle(page)).toHaveText(`Feature ${id}`);
  const onPrompt = page.getByRole("listbox", {
    name: `Feature ${id} on the prompt: select a position`,
  });
  await expect(onPrompt.getByRole("option").nth(5)).toHaveAttribute(
    "aria-label",
    new RegExp(`${strength.replace(".", "\\.")}$`),
  );
  // The other way: a token of that strip selects the position everywhere.
  await onPrompt.getByRole("option").nth(2).click();
  await expect(strip.getByRole("option").nth(2)).toHaveAttribute("aria-selected", "true");
});

test("exported files come back as an SAE that is renamed and deleted", async ({ page }) => {
  await openFeatures(page);
  await page.getByRole("button", { name: /^Shelf/ }).click();
  const downloads: Promise<{ name: string; mimeType: string; buffer: Buffer }>[] = [];
  page.on("download", (download) => {
    const name = download.suggestedFilename();
    const file = download.path().then((path) => readFile(path));
    downloads.push(file.then((buffer) => ({ name, mimeType: "application/octet-stream", buffer })));
  });
  await page
    .getByRole("button", { name: /^Export / })
    .first()
    .click();
  await expect(page.getByText("Exported cfg.json and sae_weights.safetensors.")).toBeVisible();
  await expect.poll(() => downloads.length).toBe(2);
  const files = await Promise.all(downloads);
  expect(files.map(({ name }) => name).sort()).toEqual(["cfg.json", "sae_weights.safetensors"]);
  const cfg = JSON.parse(files.find(({ name }) => name === "cfg.json")!.buffer.toString());
  expect(cfg).toMatchObject({
    d_in: expect.any(Number),
    metadata: { hook_name: expect.any(String) },
  });

  await page.getByLabel("Files of an autoencoder").setInputFiles([files[0]!]);
  await expect(page.getByRole("alert")).toContainText(/cfg\.json and sae_weights\.safetensors/);
  await expect(page.getByRole("alert")).not.toContainText("GPT-2");
  await page.getByRole("button", { name: "Dismiss this message" }).click();

  await page.getByLabel("Files of an autoencoder").setInputFiles(files);
  await expect(page.getByText(/^Imported “/)).toBeVisible();
  await expect(page.getByText(/has not been measured/).first()).toBeVisible();
  await page
    .getByRole("button", { name: /^Rename / })
    .first()
    .click();
  await page.getByRole("textbox", { name: /^Name of/ }).fill("Came back");
  await page.keyboard.press("Enter");
  await expect(page.getByText("Renamed to “Came back”.")).toBeVisible();
  await page.getByRole("button", { name: "Delete Came back" }).click();
  await expect(page.getByRole("button", { name: "Keep" })).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("button", { name: "Delete Came back" })).toBeFocused();
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Delete", exact: true }).click();
  await expect(page.getByText("Deleted “Came back”.")).toBeVisible();
  await expect(grid(page)).toBeVisible(); // the shipped one is on the bench again
});

test("a link to an autoencoder that is not here says so", async ({ page }) => {
  await openFeatures(page, "&sae=not-here&feature=3");
  await expect(
    page.getByText("The autoencoder “not-here” is not stored in this browser."),
  ).toBeVisible();
});
