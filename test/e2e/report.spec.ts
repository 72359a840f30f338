/** The report card: what the page shows is what was measured, and it is there after a reload. */
import { expect, test } from "./fixtures.ts";

test("an autoencoder is judged on held-out text, and the card is kept", async ({ page }) => {
  await page.goto("./?lab=features");
  await page.getByRole("button", { name: "Measure on held-out text" }).waitFor({ timeout: 90_000 });
  const report = await page.evaluate(async () => {
    const [sae] = await window.lab.sae.list();
    const seen: number[] = [];
    const made = await window.lab.sae.report(sae!.id, {
      contexts: 2,
      onProgress: ({ done }) => seen.push(done),
    });
    return { ...made, seen };
  });
  expect(report.seen).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]); // twice two contexts, and six for single features
  expect(report.features!.probeTokens).toBe(6 * 127);
  const { reconstruction, loss } = report;
  expect(reconstruction.explainedVariance).toBeGreaterThan(0.8);
  expect(loss.ceScore.zero!).toBeGreaterThan(0.9);
  expect(loss.sae.ce).toBeGreaterThan(loss.cleanCe);
  expect(loss.zero.ce).toBeGreaterThan(loss.sae.ce);
  await page.reload();
  const row = (name: string) => page.getByRole("row", { name: new RegExp(`^${name}`) });
  await expect(row("explained variance")).toContainText(
    `${(100 * reconstruction.explainedVariance).toFixed(2)} %`,
  );
  await expect(row("CE loss score")).toContainText(`${(100 * loss.ceScore.zero!).toFixed(2)} %`);
  await expect(row("CE with the mean")).toContainText(`${loss.mean.ce.toFixed(3)} nats`);

  await page.getByRole("button", { name: "Measure again" }).click();
  await page.getByRole("button", { name: "Cancel" }).click();
  await expect(page.getByRole("button", { name: "Measure again" })).toBeVisible();
  await expect(row("CE with the mean")).toContainText(`${loss.mean.ce.toFixed(3)} nats`);
  const refused = await page.evaluate(async () => {
    const [sae] = await window.lab.sae.list();
    return window.lab.sae
      .report(sae!.id, { contexts: 0 })
      .catch((e: unknown) => (e as Error).message);
  });
  expect(refused).toMatch(/1 to 1000 contexts, not 0/);
});
