/** No accessibility rule of WCAG 2.1 A and AA is broken on any lab, in either theme, at desk and phone size. */
import AxeBuilder from "@axe-core/playwright";
import { expect, test } from "./fixtures.ts";
import { untilReady } from "./lab.ts";

const LABS = ["Explore", "Features", "Train", "Steer"] as const;
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"];

for (const scheme of ["light", "dark"] as const) {
  test(`every lab, ${scheme}`, async ({ page }) => {
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: "reduce" });
    await page.goto("./");
    await untilReady(page);
    const told = [];
    for (const lab of LABS) {
      await page.getByRole("navigation").getByText(lab, { exact: true }).click();
      await page.waitForTimeout(1500);
      const { violations } = await new AxeBuilder({ page }).withTags(RULES).analyze();
      for (const { id, nodes } of violations) {
        const where = nodes.map(
          ({ target, failureSummary }) => `${target.join(" ")}: ${failureSummary ?? ""}`,
        );
        told.push({ lab, id, where });
      }
    }
    expect(told).toEqual([]);
  });
}

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
