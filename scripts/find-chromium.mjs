/**
 * Finds the Chromium that the browser tests and the bench run in: the one named by PLAYWRIGHT_CHROMIUM, else one on the
 * PATH, else Playwright's own if it has been installed. Returns null when there is none.
 */
import { accessSync, constants, existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { chromium } from "@playwright/test";

const NAMES = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];

const runs = (path) => {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

export function findChromium() {
  const named = process.env.PLAYWRIGHT_CHROMIUM;
  if (named) {
    if (!runs(named)) throw new Error(`PLAYWRIGHT_CHROMIUM is "${named}", which cannot be run`);
    return named;
  }
  const folders = (process.env.PATH ?? "").split(delimiter).filter(Boolean);
  const onPath = NAMES.flatMap((name) => folders.map((folder) => join(folder, name))).find(runs);
  const own = chromium.executablePath();
  return onPath ?? (own && existsSync(own) ? own : null);
}

/**
 * Software WebGPU is there for the tests that ask for it; without a GPU the app itself chooses WebAssembly. The rest
 * keeps the browser from calling home.
 */
export const CHROMIUM_FLAGS = [
  "--no-sandbox",
  "--enable-unsafe-webgpu",
  "--use-webgpu-adapter=swiftshader",
  "--disable-background-networking",
  "--disable-component-update",
  "--no-first-run",
];

export const NO_CHROMIUM =
  "No Chromium was found. Install one (Debian: apt-get install chromium; or: npx playwright install chromium), " +
  "or set PLAYWRIGHT_CHROMIUM to the path of a Chromium or Chrome.";
