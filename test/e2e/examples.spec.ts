/** Find examples, and neurons: what is found in the corpus and in a text of one's own, and the way from there to the prompt. */
import { expect, test } from "./fixtures.ts";

test("a neuron's strongest examples in a text file go into the prompt", async ({ page }) => {
  await page.goto("./?view=examples&neuron=1.7");
  const search = page.getByRole("button", { name: "Search", exact: true });
  await search.waitFor({ timeout: 90_000 });
  await expect(page.getByRole("textbox", { name: "Neuron" })).toHaveValue("7");
  const text = "The old king went to the river. ".repeat(40) + "A bird sang in the tree at noon.";
  await page
    .locator("input[type=file]")
    .last()
    .setInputFiles({ name: "mine.txt", mimeType: "text/plain", buffer: Buffer.from(text) });
  await search.click();
  const take = page.getByRole("button", { name: "To prompt" });
  await expect(take.first()).toBeVisible({ timeout: 60_000 });
  await take.first().click();
  const prompt = page.getByRole("textbox", { name: "Prompt", exact: true });
  await expect(prompt).not.toHaveValue(/Mary and John/);
  expect(text).toContain((await prompt.inputValue()).trim().slice(0, 20));
});

test("the strongest neuron of a token opens its page beside features", async ({ page }) => {
  await page.goto("./?view=neurons");
  const top = page.getByRole("img", { name: /neurons/i }).first();
  await top.waitFor({ timeout: 90_000 });
  await top.focus();
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/neuron=\d+\.\d+/);
  await expect(page.getByRole("heading", { name: /^Neuron/ }).first()).toBeVisible();
  const inspector = page.getByRole("complementary", { name: "Inspector" });
  await inspector
    .getByRole("group", { name: "Edit" })
    .first()
    .getByRole("button", { name: "Ablate" })
    .click();
  await expect(page.getByRole("region", { name: "Edits" })).toContainText(/L\d+N\d+ → 0/);
});
