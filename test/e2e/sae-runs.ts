/** Runs of SAE training through `window.lab`, as the browser tests start and watch them. */
import type { Page } from "@playwright/test";
import type { SaeSummary, TrainProgress, TrainRequest } from "../../src/core/sae.ts";

export const HOOK = "blocks.1.hook_resid_post";
export const TINY: TrainRequest = {
  ...{ name: "tiny", hook: HOOK, dSae: 64, variant: "topk", k: 4 },
  ...{ batchSize: 64, tokens: 64 * 40, seed: 3 },
};

export async function open(page: Page, query = ""): Promise<void> {
  await page.goto(`./${query}`);
  await page.waitForFunction(() => Boolean(window.lab?.model), null, { timeout: 90_000 });
}

interface Outcome {
  summary?: SaeSummary;
  error?: { code: string; message: string };
}

declare global {
  interface Window {
    /** Of the run under way, kept across the calls of a test. */
    run: { progress: TrainProgress[]; abort: AbortController; outcome: Promise<Outcome> };
  }
}

/** Starts (or continues) a run without waiting for it. */
export const start = (page: Page, what: TrainRequest | { resume: string }) =>
  page.evaluate((what) => {
    const progress: TrainProgress[] = [];
    const abort = new AbortController();
    const options = {
      onProgress: (p: TrainProgress) => void progress.push(p),
      signal: abort.signal,
    };
    const sae =
      "resume" in what
        ? window.lab.sae.resume(what.resume, options)
        : window.lab.sae.train(what, options);
    const outcome = sae.then(
      ({ summary }) => ({ summary }),
      (e: unknown) => {
        const { code, message } = e as { code: string; message: string };
        return { error: { code, message } };
      },
    );
    window.run = { progress, abort, outcome };
  }, what);

export const outcome = (page: Page): Promise<Outcome> => page.evaluate(() => window.run.outcome);
export const list = (page: Page) => page.evaluate(() => window.lab.sae.list());
export const untilStep = (page: Page, step: number) =>
  page.waitForFunction((step) => window.run.progress.some((p) => p.step >= step), step);
/** Waits until a run that was interrupted has been taken up again, and has made steps since. */
export const goesOn = (page: Page) =>
  page.waitForFunction(
    () => {
      const { progress } = window.run;
      const cut = progress.findLastIndex((p) => p.status === "preparing");
      const before = progress.slice(0, Math.max(0, cut)).some((p) => p.points.length > 0);
      return before && progress.slice(cut).some((p) => p.points.length > 0);
    },
    null,
    { timeout: 240_000 },
  );
/** Whether an interrupted run was taken up from a checkpoint, and not from the beginning. */
export const wentOn = (page: Page) =>
  page.evaluate(() =>
    window.run.progress.some(({ preparation }) => preparation?.what === "activations"),
  );
/** The one SAE that does not ship with the app. */
export const own = async (page: Page) =>
  (await list(page)).filter(({ origin }) => origin !== "shipped");
