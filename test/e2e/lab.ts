/** What browser tests ask of `window.lab`, without importing the app. */
import { expect, type Page } from "@playwright/test";
import { readdirSync } from "node:fs";
import { resolve } from "node:path";

/** The folder of the built app that the tests run against. */
export const DIST = resolve(process.env["GLASSROOM_DIST"] ?? "dist");

interface BenchModel {
  id: string;
  threads: number;
  device: string;
  isolated: boolean;
}

/** Waits until a model is on the bench and the attention of the first prompt is drawn. */
export async function untilReady(page: Page): Promise<BenchModel> {
  await page.waitForFunction(() => Boolean(window.lab?.model), null, { timeout: 90_000 });
  await expect(page.getByRole("img", { name: /attention/i }).first()).toBeVisible();
  return page.evaluate(() => {
    const { id, threads, device } = window.lab.model!.info;
    return { id, threads, device, isolated: window.crossOriginIsolated };
  });
}

/** Waits until every file of the app is kept for offline use: all but the service worker itself. */
export async function untilKept(page: Page): Promise<void> {
  const files = readdirSync(DIST, { recursive: true, withFileTypes: true }).filter((file) =>
    file.isFile(),
  );
  const kept = () =>
    page.evaluate(async () => (await (await caches.open("glassroom-app")).keys()).length);
  await expect.poll(kept, { timeout: 90_000, intervals: [200] }).toBe(files.length - 1);
}
