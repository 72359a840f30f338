/**
 * The `page` of every browser test. A test fails if its page (or a worker of it) logs an error or a warning, throws,
 * has a request fail, or breaks the Content-Security-Policy, unless the test has said beforehand that it expects so:
 *
 *   import { expect, test } from "./fixtures.ts";
 *   test("…", async ({ page, expected }) => { expected(/404/); … });
 */
import { test as base, expect, type BrowserContext, type Page } from "@playwright/test";

export interface Fixtures {
  /** From now on, complaints that match are no failure. */
  expected: (pattern: RegExp) => void;
  complaints: Complaints;
}

/** What went wrong on any page of a context, in order. */
export class Complaints {
  private readonly seen: string[] = [];
  private readonly patterns: RegExp[] = [
    /Service Worker registration blocked by Playwright/, // our own setting, see playwright.config.ts
  ];
  expect(pattern: RegExp): void {
    this.patterns.push(pattern);
  }
  add(complaint: string): void {
    this.seen.push(complaint);
  }
  unexpected(): string[] {
    return this.seen.filter((text) => !this.patterns.some((pattern) => pattern.test(text)));
  }
  watch(page: Page): void {
    page.on("console", (message) => {
      if (!["error", "warning"].includes(message.type())) return;
      this.add(`console ${message.type()}: ${message.text()} (${message.location().url})`);
    });
    page.on("pageerror", (error) => this.add(`page error: ${error.stack ?? error.message}`));
    page.on("crash", () => this.add("the page crashed"));
    page.on("requestfailed", (request) => {
      const why = request.failure()?.errorText ?? "";
      // A request that the app itself gave up (or that a navigation cut short) is no failure.
      if (why !== "net::ERR_ABORTED") this.add(`request failed: ${request.url()} ${why}`);
    });
  }
  watchContext(context: BrowserContext): void {
    for (const page of context.pages()) this.watch(page);
    context.on("page", (page) => this.watch(page));
  }
}

export const test = base.extend<Fixtures>({
  complaints: async ({}, use) => {
    const complaints = new Complaints();
    await use(complaints);
    expect(complaints.unexpected(), "nothing went wrong unseen").toEqual([]);
  },
  expected: async ({ complaints }, use) => {
    await use((pattern) => complaints.expect(pattern));
  },
  context: async ({ context, complaints }, use) => {
    complaints.watchContext(context);
    await use(context);
  },
});

export { expect };
