/**
 * `npm test`: everything that must hold: types, lint and format side by side, then unit tests, build, browser tests. A step that
 * fails does not stop the others, so one run shows all; the last line says how many checks and tests passed and failed.
 *
 *   npm test            all of it
 *   npm test -- types unit     only these steps
 */
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findChromium, NO_CHROMIUM } from "./find-chromium.mjs";

const reports = mkdtempSync(join(tmpdir(), "glassroom-test-"));
const report = (name) => join(reports, `${name}.json`);
const read = (name) =>
  existsSync(report(name)) ? JSON.parse(readFileSync(report(name), "utf8")) : null;

/** Runs one tool of node_modules/.bin with its output shown, or kept and added to `told`. Resolves to whether it succeeded. */
const run = (command, args, env = {}, told = null) =>
  new Promise((resolve) => {
    const child = spawn("npx", ["--no-install", command, ...args], {
      stdio: told ? ["ignore", "pipe", "pipe"] : "inherit",
      env: { ...process.env, ...env },
      shell: process.platform === "win32",
    });
    child.stdout?.on("data", (text) => told.push(text));
    child.stderr?.on("data", (text) => told.push(text));
    child.on("error", () => resolve(false));
    child.on("close", (code) => resolve(code === 0));
  });

/** A step without tests of its own counts as one check. */
const check = async (command, args, told) => {
  const ok = await run(command, args, {}, told);
  return { passed: ok ? 1 : 0, failed: ok ? 0 : 1 };
};

async function unit() {
  const ok = await run("vitest", [
    "run",
    "--reporter=default",
    "--reporter=json",
    `--outputFile.json=${report("unit")}`,
  ]);
  const found = read("unit");
  const passed = found?.numPassedTests ?? 0;
  const failed = found ? found.numTotalTests - passed : 0; // a skipped test is not a passed one
  return { passed, failed: Math.max(failed, ok ? 0 : 1) };
}

async function browser() {
  if (!built) {
    console.error("Not run: the build has failed.");
    return { passed: 0, failed: 1 };
  }
  if (!findChromium()) {
    console.log("No Chromium found; trying to install Playwright's …");
    await run("playwright", ["install", "chromium"]);
  }
  if (!findChromium()) {
    console.error(NO_CHROMIUM);
    return { passed: 0, failed: 1 };
  }
  const ok = await run("playwright", ["test", "--reporter=list,json"], {
    PLAYWRIGHT_JSON_OUTPUT_NAME: report("e2e"),
    ...(chosen("build") ? { GLASSROOM_DIST: "dist" } : {}),
  });
  const stats = read("e2e")?.stats;
  const passed = stats?.expected ?? 0;
  const failed = stats ? stats.unexpected + stats.flaky + stats.skipped : 0;
  return { passed, failed: Math.max(failed, ok ? 0 : 1) };
}

let built = true;
/** Each keeps to one core, and they run side by side: what they have to say is kept until all have ended. */
const STATIC = {
  types: (told) => check("tsc", ["--build"], told),
  lint: (told) => check("eslint", [".", "--max-warnings", "0"], told),
  format: (told) => check("prettier", ["--check", "--log-level", "warn", "."], told),
};
const STEPS = {
  unit,
  build: async () => {
    const result = await check("vite", ["build", "--logLevel", "warn"]);
    built = result.failed === 0;
    return result;
  },
  e2e: browser,
};

const wanted = process.argv.slice(2);
const chosen = (name) => wanted.length === 0 || wanted.includes(name);
const names = [...Object.keys(STATIC), ...Object.keys(STEPS)];
const unknown = wanted.filter((name) => !names.includes(name));
if (unknown.length > 0) {
  console.error(`no step "${unknown.join(" ")}"; there are ${names.join(", ")}`);
  process.exit(2);
}

const lines = [];
let passed = 0;
let failed = 0;
const heading = (name) => console.log(`\n── ${name} ${"─".repeat(70 - name.length)}`);
async function count(name, step) {
  const start = performance.now();
  const result = await step();
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  passed += result.passed;
  failed += result.failed;
  lines.push(
    `${result.failed ? "✗" : "✓"} ${name.padEnd(8)}${String(result.passed).padStart(5)} passed${String(result.failed).padStart(5)} failed ${seconds.padStart(8)} s`,
  );
}

const tools = Object.keys(STATIC).filter(chosen);
if (tools.length > 0) {
  heading(tools.join(", "));
  const told = tools.map(() => []);
  await Promise.all(tools.map((name, i) => count(name, () => STATIC[name](told[i]))));
  for (const text of told.flat()) process.stdout.write(text);
}
for (const [name, step] of Object.entries(STEPS)) {
  if (!chosen(name)) continue;
  heading(name);
  await count(name, step);
}
rmSync(reports, { recursive: true, force: true });
console.log(`\n${lines.join("\n")}\n${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
