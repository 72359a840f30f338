/** The Circuits lab as a user walks it: baseline, sweep, preview, an unequal pair refused, undo, a link, nothing serious for axe. */
import AxeBuilder from "@axe-core/playwright";
import { expect, test } from "./fixtures.ts";

test("from a task to a heatmap, its preview, and an edit that is refused and undone", async ({
  page,
}) => {
  await page.goto("./?lab=circuits&circuits.count=2&circuits.unit=z");
  await expect(page.getByText(/of 2 clean prompts/)).toBeVisible({ timeout: 90_000 });
  await page.getByRole("tab", { name: "Patching" }).click();
  await expect(page).toHaveURL(/circuits\.part=patching/);
  await page.getByRole("button", { name: "Patch all 24 cells" }).click();
  await expect(page.getByText("48 runs in")).toBeVisible({ timeout: 30_000 });
  const grid = page.getByRole("img", { name: /Patching, exact, 4 rows by 6 columns/ });
  await grid.focus();
  await page.keyboard.press("Home");
  await expect(
    page.getByText(/z of head 0\.0: patched −?\d\.\d+ ± \d\.\d+ \(n = 2\)/),
  ).toBeVisible();
  await page.getByRole("button", { name: "Preview", exact: true }).click();
  await expect(page.getByText(/24 cells; Pearson’s correlation/)).toBeVisible({ timeout: 30_000 });
  const { violations } = await new AxeBuilder({ page }).include(".circuits").analyze();
  expect(violations.map(({ id, nodes }) => [id, nodes[0]!.html])).toEqual([]);

  await page.getByRole("tab", { name: "Task" }).click();
  await page.getByRole("button", { name: "Edit pair 1" }).click();
  const pair = page.getByRole("region", { name: "Pair 1" });
  await pair.getByLabel("Corrupted prompt").fill("Crystal");
  await pair.getByLabel("Corrupted prompt").press("Enter");
  await expect(pair.getByRole("alert")).toContainText("Take words of as many tokens.");
  await expect(page.getByText("1 of 2 pairs cannot be run")).toBeVisible();
  await expect(page).toHaveURL(/circuits\.task=own/);
  await page.reload();
  await expect(page.getByText("1 of 2 pairs cannot be run")).toBeVisible({ timeout: 30_000 });
});

test("a circuit of edges is searched, tested by cutting all others, and there after a reload", async ({
  page,
}) => {
  await page.goto(
    "./?lab=circuits&circuits.part=discover&circuits.count=2&discover.search=acdc&acdc.pairs=1&acdc.threshold=0.3" +
      "&verify.count=2&verify.random=2&verify.subsets=0&verify.greedy=off",
  );
  await page.getByRole("button", { name: "Try all 927 edges" }).click({ timeout: 90_000 });
  await expect(page.locator(".circuit-graph")).toBeVisible({ timeout: 60_000 });
  await expect(page.getByText(/each decided by a run at τ = 0.3/)).toBeVisible();
  await page.getByRole("tab", { name: "Verify" }).click();
  await page.getByRole("button", { name: "Test the circuit" }).click();
  const verdict = page.locator(".verdict");
  await expect(page.getByText(/ runs in /)).toBeVisible({ timeout: 60_000 });
  await expect(verdict).toContainText("every other edge bringing its sender’s mean");
  const told = await verdict.innerText();
  await page.reload();
  await expect(verdict).toBeVisible({ timeout: 60_000 });
  expect(await verdict.innerText()).toBe(told);
  await page.getByRole("tab", { name: "Discover" }).click();
  await expect(page.locator(".circuit-graph")).toBeVisible();
});
