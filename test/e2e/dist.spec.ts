/** What the build writes: each runtime once, under a name that its library finds, and a list of files that is complete. */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { expect, test } from "./fixtures.ts";
import { DIST } from "./lab.ts";

const files = readdirSync(DIST, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => relative(DIST, join(entry.parentPath, entry.name)).replaceAll("\\", "/"))
  .sort();

test("holds one copy of each WebAssembly runtime", () => {
  expect(files.filter((path) => path.endsWith(".wasm"))).toEqual([
    "ort/ort-wasm-simd-threaded.asyncify.wasm",
    "tfjs/tfjs-backend-wasm-simd.wasm",
    "tfjs/tfjs-backend-wasm-threaded-simd.wasm",
    "tfjs/tfjs-backend-wasm.wasm",
  ]);
});

test("each worker that runs models holds one ONNX Runtime", () => {
  // A message of the runtime's own, which no other code has.
  const holders = files
    .filter((path) => path.startsWith("assets/") && path.endsWith(".js"))
    .filter((path) =>
      readFileSync(join(DIST, path), "utf8").includes("cannot determine the script source URL"),
    );
  // A hash may hold a hyphen itself.
  expect(holders.map((path) => path.replace(/-.{8}\.js$/, ""))).toEqual([
    "assets/hub-writer",
    "assets/worker",
  ]);
});

test("the service worker's list has every file, with its hash", () => {
  const script = readFileSync(join(DIST, "sw.js"), "utf8");
  for (const path of files.filter((path) => path !== "sw.js")) {
    const hash = createHash("sha256")
      .update(readFileSync(join(DIST, path)))
      .digest("hex");
    expect(script).toContain(path);
    expect(script).toContain(hash);
  }
});
