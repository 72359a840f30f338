/** No accessibility rule of WCAG 2.1 A and AA is broken on any lab, in either theme. */
import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { expect, test } from "./fixtures.ts";
import { untilReady } from "./lab.ts";

const LABS = ["Explore", "Features", "Train", "Steer"] as const;
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"];

const open = (page: Page, lab: (typeof LABS)[number]) =>
  page.getByRole("navigation").getByText(lab, { exact: true }).click();

/** Brings each lab into the states that have controls of their own. */
async function visit(page: Page, look: (where: string) => Promise<void>): Promise<void> {
  await page.goto("./");
  await untilReady(page);
  await look("Explore");
  await page.getByRole("button", { name: "Head L2H5" }).click();
  await expect(page.getByRole("heading", { name: "Over the text" })).toBeVisible();
  await look("Explore, a head");
  await page
    .getByRole("button", { name: /tinylab-gpt2-4l/ })
    .first()
    .click();
  await expect(page.getByRole("dialog", { name: "Model" })).toBeVisible();
  await look("the model dialog");
  await page.keyboard.press("Escape");

  await open(page, "Features");
  await expect(page.getByRole("heading", { name: "Strongest examples" })).toBeVisible();
  await page.getByRole("button", { name: /^Shelf/ }).click();
  await look("Features, the shelf open");
  await page.getByRole("radio", { name: /^On “/ }).click();
  await look("Features of a token");

  await open(page, "Train");
  await page.getByRole("textbox", { name: "Tokens" }).fill("12");
  await page.getByText("More settings").click();
  await look("Train, with a wrong value");

  await open(page, "Steer");
  await page
    .getByRole("group", { name: "Active on the selected token" })
    .getByRole("button")
    .first()
    .click();
  await page.getByRole("textbox", { name: /^Tokens:/ }).fill("4");
  await page.getByRole("button", { name: "Generate" }).click();
  await expect(page.getByText(/The texts part|Both texts are the same/)).toBeVisible();
  await look("Steer, with two texts");
}

test("every lab, light and dark", async ({ page }) => {
  test.slow();
  await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
  const told: unknown[] = [];
  const grounds = new Set<string>();
  await visit(page, async (where) => {
    for (const colorScheme of ["dark", "light"] as const) {
      await page.emulateMedia({ colorScheme });
      const axe = new AxeBuilder({ page });
      // The dark theme differs in its colours alone.
      if (colorScheme === "light") axe.withTags(RULES);
      else axe.withRules(["color-contrast", "link-in-text-block"]);
      grounds.add(await page.evaluate(() => getComputedStyle(document.body).backgroundColor));
      const { violations } = await axe.analyze();
      for (const { id, nodes } of violations) {
        const found = nodes.map(
          ({ target, failureSummary }) => `${target.join(" ")}: ${failureSummary ?? ""}`,
        );
        told.push({ where, colorScheme, id, found });
      }
    }
  });
  expect(told).toEqual([]);
  expect(grounds.size).toBe(2);
});

test("views of Explore, comparing a run with an edited one", async ({ page }) => {
  await page.goto("./?head=2.1&neuron=1.7&edits=h2.1z");
  const tabs = page.getByRole("tablist", { name: "Views of the prompt" }).getByRole("tab");
  await expect(page.getByRole("region", { name: "Edits" })).toBeVisible({ timeout: 90_000 });
  const told: unknown[] = [];
  // One of each kind: small squares, matrices with texts, bars, a graph.
  for (const name of ["Logit lens", "Attribution", "Weights"]) {
    const tab = tabs.filter({ hasText: name });
    await tab.click();
    await expect(page.locator(".figure").first()).toBeVisible();
    await expect(page.getByText(/computing …|^Opening/)).toHaveCount(0);
    const { violations } = await new AxeBuilder({ page }).withTags(RULES).analyze();
    for (const { id, nodes } of violations) {
      told.push({ view: name, id, found: nodes.map(({ html }) => html) });
    }
  }
  expect(told).toEqual([]);
});

test("every lab is reached and left by keyboard, with a visible focus", async ({ page }) => {
  await page.goto("./");
  await untilReady(page);
  const seen = new Set<string>();
  for (let i = 0; i < 60; i++) {
    await page.keyboard.press("Tab");
    const focus = await page.evaluate(() => {
      const element = document.activeElement;
      if (!element || element === document.body) return null;
      const style = getComputedStyle(element);
      const ring = style.outlineStyle !== "none" || style.boxShadow !== "none";
      return { text: (element.textContent ?? "").trim(), ring, tag: element.tagName };
    });
    if (!focus) break; // past the end of the page
    expect(focus.ring, `${focus.tag} "${focus.text.slice(0, 40)}" shows its focus`).toBe(true);
    seen.add(focus.text);
  }
  for (const lab of LABS) expect([...seen].some((text) => text.includes(lab))).toBe(true);
});
