/**
 * Which folder of src/ may import which: the map in ARCHITECTURE.md, for the linter and for test/architecture.test.ts.
 * A folder may always import itself.
 */
export const ARROWS = {
  core: [],
  math: ["core"],
  formats: ["core", "math"],
  text: ["core"],
  model: ["core", "math", "formats", "text"],
  train: ["core", "math"],
  storage: ["core", "formats"],
  rpc: ["core"],
  writer: ["rpc", "core"],
  lab: ["model", "train", "storage", "formats", "text", "math", "rpc", "core"],
  api: ["core", "rpc", "math", "text"],
  python: ["core"],
  state: ["core", "api", "python"],
  ui: ["core"],
  charts: ["core", "math", "ui"],
  panels: ["state", "charts", "ui", "core", "api", "python"],
};

/** Runs only in the worker: no code of the page may import these, not even lazily. */
export const WORKER_ONLY = ["model", "train", "storage", "lab", "writer"];
