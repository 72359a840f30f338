/** Unit tests: in Node, mirroring src/. What needs a browser is in test/e2e, under Playwright. */
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    environment: "node",
    include: ["test/**/*.test.ts", "test/**/*.test.tsx"],
    exclude: ["test/e2e/**", "node_modules/**"],
    maxWorkers: "100%", // its own measure leaves a core idle: one of the two that a build machine has
    testTimeout: 30_000,
    hookTimeout: 60_000,
    restoreMocks: true,
  },
});
