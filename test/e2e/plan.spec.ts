/** Before a run: texts of one's own, what the run takes, and the same in SAELens. */
import AxeBuilder from "@axe-core/playwright";
import { expect, test } from "./fixtures.ts";

test("texts are added, refused and kept; what a run takes is told, and goes on in SAELens", async ({
  page,
}) => {
  await page.goto("./?lab=train");
  await page.getByRole("radio", { name: "My own files" }).click({ timeout: 90_000 });
  const story = Array.from({ length: 400 }, (_, i) => `Day ${i}: the cat slept.`).join("\r\n");
  await page.getByLabel("Text files to train on").setInputFiles([
    { name: "story.txt", mimeType: "text/plain", buffer: Buffer.from(`\uFEFF${story}`) },
    { name: "photo.txt", mimeType: "text/plain", buffer: Buffer.from([1, 0, 0, 3]) },
  ]);
  await expect(page.getByText(/photo.txt was not added: this file is no text/)).toBeVisible();
  await expect(page.getByRole("checkbox", { name: "story.txt" })).toBeChecked();
  await expect(page.getByText(/kB · [\d,]+ tokens$/)).toBeVisible();

  await page.getByRole("radio", { name: "2×", exact: true }).click();
  const plan = page.getByRole("region", { name: "What it takes" });
  await expect(plan.getByRole("row", { name: /^Parameters 148,032/ })).toBeVisible();
  await plan.getByText("At 7B and at frontier scale").click();
  await expect(plan.getByText(/= 17,180,409,856/)).toBeVisible();
  const { violations } = await new AxeBuilder({ page }).include(".train").analyze();
  expect(violations.map(({ id, nodes }) => [id, nodes.map((n) => n.html)])).toEqual([]);

  await page.getByRole("button", { name: "Continue in SAELens" }).click();
  await page.getByRole("radio", { name: "2 GPUs" }).click();
  await expect(page.getByRole("region", { name: "Python program" })).toContainText(
    'data_files="story.txt"',
  );
  await page.keyboard.press("Escape");
  await page.reload();
  await expect(page.getByRole("checkbox", { name: "story.txt" })).toBeChecked({ timeout: 60_000 });
});
