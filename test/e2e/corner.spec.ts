/** The corner of a figure: its picture, its numbers, its Python and its link are those of what is on the screen. */
import { readFileSync } from "node:fs";
import type { Locator, Page } from "@playwright/test";
import { expect, test } from "./fixtures.ts";

const figure = (page: Page, heading: string) =>
  page.locator(".figure", { has: page.getByRole("heading", { name: heading }) });
const corner = (of: Locator) => of.getByRole("button", { name: "Take this figure with you" });

async function saved(page: Page, of: Locator, kind: string): Promise<Buffer> {
  const download = page.waitForEvent("download");
  await of.getByRole("group", { name: "Save as" }).getByRole("button", { name: kind }).click();
  return readFileSync(await (await download).path());
}

test("a figure is taken along as picture, numbers, Python and link", async ({ page, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.goto("./?view=residual&prompt=The%20cat%20%22sat%22,%20then");
  const norms = figure(page, "Length of the residual stream");
  await norms.getByRole("img").first().waitFor({ timeout: 90_000 });
  await corner(norms).click();

  const svg = (await saved(page, norms, "SVG")).toString();
  const drawn = await page.evaluate((text) => {
    const root = new DOMParser().parseFromString(text, "image/svg+xml").documentElement;
    return {
      name: root.nodeName,
      texts: [...root.querySelectorAll("text")].map((node) => node.textContent),
      images: root.querySelectorAll("image").length,
      foreign: root.querySelectorAll("foreignObject").length,
      size: [root.getAttribute("width"), root.getAttribute("height")].map(Number),
    };
  }, svg);
  expect(drawn.name).toBe("svg");
  expect(drawn.texts).toContain("final_post");
  expect(drawn.texts.some((text) => text?.includes("cat"))).toBe(true);
  expect(drawn.images).toBeGreaterThan(0);
  expect(drawn.foreign).toBe(0);

  const png = await saved(page, norms, "PNG");
  expect(png.subarray(1, 4).toString()).toBe("PNG");
  const [width, height] = [png.readUInt32BE(16), png.readUInt32BE(20)];
  expect(Math.abs(width - 2 * drawn.size[0]!)).toBeLessThanOrEqual(2);
  expect(Math.abs(height - 2 * drawn.size[1]!)).toBeLessThanOrEqual(2);

  const json = JSON.parse((await saved(page, norms, "JSON")).toString()) as {
    provenance: Record<string, unknown>;
    columns: string[];
    rows: (string | number)[][];
  };
  expect(JSON.stringify(json.provenance)).toContain("tinylab-gpt2-4l");
  const csv = (await saved(page, norms, "CSV")).toString().trim().split(/\r?\n/);
  expect(csv).toHaveLength(json.rows.length + 1);
  // The last row is the last state at the last token: what the console computes.
  const last = await page.evaluate(async () => {
    const facts = await window.lab.model!.figure("residual", 'The cat "sat", then', {});
    const T = facts.tokens.ids.length;
    return facts.stateNorms.data[facts.states.length * T - 1]!;
  });
  expect(json.rows.some((row) => row.some((v) => Math.abs(Number(v) - last) < 1e-4))).toBe(true);

  await norms.getByRole("button", { name: "Copy as Python" }).click();
  await expect(norms.getByRole("status")).toHaveText("Python copied.");
  const python = await page.evaluate(() => navigator.clipboard.readText());
  expect(python).toContain("transformer_lens");
  expect(python).toContain("accumulated_resid");
  await norms.getByRole("button", { name: "Copy link" }).click();
  await expect(norms.getByRole("status")).toHaveText(/Link copied/);
  // The address follows what is shown a moment later.
  await expect(page).toHaveURL(await page.evaluate(() => navigator.clipboard.readText()));
});
