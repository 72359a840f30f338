/** The self-check, from the model dialog and from the console. */
import AxeBuilder from "@axe-core/playwright";
import { expect, test } from "./fixtures.ts";
import { untilReady } from "./lab.ts";

test("the model dialog's self-check shows every value beside the expected one", async ({
  page,
  context,
}) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.goto("./");
  await untilReady(page);
  await page
    .getByRole("button", { name: /tinylab-gpt2-4l/ })
    .first()
    .click();
  await page.getByRole("button", { name: "Self-check" }).click();
  const dialog = page.getByRole("dialog", { name: /Self-check of tinylab-gpt2-4l/ });
  await expect(dialog.getByText(/All \d+ checks pass/)).toBeVisible();
  await expect(dialog.getByText(/PyTorch .* on these very weights/)).toBeVisible();
  const loss = dialog.getByRole("row", { name: /mean loss of the next token/ });
  await expect(loss.getByRole("cell").first()).toHaveText("pass");
  await expect(
    dialog.getByRole("row", { name: /resid_pre \+ attn_out = resid_mid/ }),
  ).toBeVisible();
  const trouble = await new AxeBuilder({ page }).include("dialog").analyze();
  expect(trouble.violations).toEqual([]);

  await dialog.getByRole("button", { name: "Copy as JSON" }).click();
  await expect(dialog.getByText("Copied")).toBeVisible();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  expect(JSON.parse(copied)).toMatchObject({ model: { id: "tinylab-gpt2-4l" }, failed: 0 });
  await page.keyboard.press("Escape");
  await expect(dialog).toBeHidden();
  await expect(page.getByRole("dialog", { name: "Model" })).toBeVisible();
});

test("other weights under the same name have no reference, and fail nothing", async ({ page }) => {
  await page.route("**/self-check.json", async (route) => {
    const response = await route.fetch();
    const known = (await response.json()) as { weights: { sha256: string } };
    known.weights.sha256 = "0".repeat(64);
    await route.fulfill({ json: known });
  });
  await page.goto("./");
  await untilReady(page);
  const report = await page.evaluate(() => window.lab.selfCheck());
  expect(report.reference).toMatch(/no reference for these weights/);
  expect(report.failed).toBe(0);
  expect(report.results.every(({ group }) => group === "identity")).toBe(true);
});

test("the self-check tells how far it is and can be stopped", async ({ page }) => {
  await page.goto("./");
  await untilReady(page);
  const told = await page.evaluate(async () => {
    const abort = new AbortController();
    const seen: string[] = [];
    const end = await window.lab
      .selfCheck({
        signal: abort.signal,
        onProgress: ({ done, total }) => {
          seen.push(`${done} of ${total}`);
          if (done === 2) abort.abort();
        },
      })
      .catch((e: unknown) => (e as { code: string }).code);
    return { seen, end };
  });
  expect(told.end).toBe("cancelled");
  expect(told.seen[0]).toMatch(/^0 of \d\d$/);
  expect(told.seen.length).toBeLessThan(5);
});
