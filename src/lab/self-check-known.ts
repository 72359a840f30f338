/**
 * A file of known values that belongs to one file of weights: what PyTorch computed on it. It lies beside the embedded
 * model as `self-check.json` and is made by `scripts/make-self-check.mjs`.
 */
import { appUrl } from "../core/app-url.ts";
import { LabError } from "../core/lab-error.ts";
import type { CheckResult } from "../core/self-check.ts";
import type { ModelInfo } from "../core/model-info.ts";
import { largestMagnitude, type Pair } from "../math/deviation.ts";
import { logProbabilities } from "../math/identity-parts.ts";
import type { LoadedModel } from "../model/loaded-model.ts";
import { compared } from "./self-check-measure.ts";

export interface KnownValues {
  format: "glassroom-self-check-1";
  /** The file that the values belong to. */
  weights: { file: string; bytes: number; sha256: string };
  /** "PyTorch 1.13, float32" */
  computedWith: string;
  prompts: KnownPrompt[];
}
interface KnownPrompt {
  name: string;
  ids: number[];
  /** Mean over positions of −log p(next token), in nats. */
  loss: number;
  /** [position, token, logit] */
  logits: [number, number, number][];
  /** By hook name: the norm over all values, and some of them as [flat index, value]. */
  hooks: Record<string, { length: number; norm: number; samples: [number, number][] }>;
}

/** Relative to the largest known value of each hook: float32 in another order, on any device. */
const TOLERANCE = 2e-4;

const url = (id: string, file: string) => appUrl(`models/${encodeURIComponent(id)}/${file}`);

/**
 * The known values of the embedded model on the bench, if there are any and they belong to its weights.
 * @returns the values, or why there are none
 * @throws LabError "network" where the app's own files cannot be read
 */
export async function findKnown(
  { id, source }: Pick<ModelInfo, "id" | "source">,
  signal: AbortSignal,
): Promise<{ known: KnownValues; reason: string } | { known: null; reason: string }> {
  if (source !== "embedded") {
    return {
      known: null,
      reason: "no values are known for this model; what must hold in any is checked",
    };
  }
  const none = { known: null, reason: `the app has no reference file for ${id}` };
  const response = await get(url(id, "self-check.json"), signal);
  // Hosts of single-page apps answer a missing file with the page.
  if (!response.ok || response.headers.get("content-type")?.startsWith("text/html")) return none;
  const known = readKnown(await response.text());
  const bytes = await (await get(url(id, known.weights.file), signal)).arrayBuffer();
  const misfit = await misfitOf(bytes, known.weights);
  if (misfit !== null) {
    return {
      known: null,
      reason: `no reference for these weights: self-check.json is of others (${misfit})`,
    };
  }
  const { computedWith, weights } = known;
  return {
    known,
    reason: `${computedWith}, on these very weights (sha256 ${weights.sha256.slice(0, 12)}…)`,
  };
}

async function get(address: string, signal: AbortSignal): Promise<Response> {
  try {
    return await fetch(address, { signal });
  } catch (e) {
    if (signal.aborted) throw new LabError("cancelled", "cancelled");
    throw new LabError("network", `${address} could not be read`, { cause: e });
  }
}

/** What tells the bytes apart from those that the values belong to; null if they are the same. */
export async function misfitOf(
  bytes: ArrayBuffer,
  { bytes: expected, sha256 }: KnownValues["weights"],
): Promise<string | null> {
  if (bytes.byteLength !== expected) return `${expected} bytes, these are ${bytes.byteLength}`;
  const { subtle } = globalThis.crypto as Partial<Crypto>; // only on pages that were served securely
  if (!subtle) return null;
  const digest = new Uint8Array(await subtle.digest("SHA-256", bytes));
  const found = Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return found === sha256
    ? null
    : `sha256 ${sha256.slice(0, 12)}…, these have ${found.slice(0, 12)}…`;
}

/** @throws LabError "bad-file" for anything else than such a file */
export function readKnown(text: string): KnownValues {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (e) {
    throw new LabError("bad-file", "self-check.json is no JSON", { cause: e });
  }
  if ((value as Partial<KnownValues> | null)?.format !== "glassroom-self-check-1") {
    throw new LabError("bad-file", 'self-check.json is not of the format "glassroom-self-check-1"');
  }
  return value as KnownValues;
}

/** Runs the file's prompts and compares: loss, logits, and each site over all layers. */
export async function checkKnown(
  model: LoadedModel,
  known: KnownValues,
  signal: AbortSignal,
): Promise<CheckResult[]> {
  const loss: Pair[] = [];
  const logits: Pair[] = [];
  const sites = new Map<string, Pair[]>();
  for (const prompt of known.prompts) {
    const names = Object.keys(prompt.hooks);
    const run = await model.run({ ids: [prompt.ids], names, edits: [], logits: "all", signal });
    const V = model.info.config.vocab_size;
    const data = run.logits!.data;
    loss.push({
      where: prompt.name,
      expected: [prompt.loss],
      found: [meanLoss(data, V, prompt.ids)],
    });
    logits.push({
      where: prompt.name,
      expected: prompt.logits.map(([, , value]) => value),
      found: prompt.logits.map(([position, token]) => data[position * V + token]!),
    });
    for (const [hook, { length, norm, samples }] of Object.entries(prompt.hooks)) {
      const values = run.cache.get(hook)!.data;
      const site = hook.replace(/^blocks\.\d+\./, "blocks.*.");
      const where = `${hook}, ${prompt.name}`;
      const expected = samples.map(([, value]) => value);
      const found = samples.map(([index]) => values[index]!);
      const pairs = sites.get(site) ?? [];
      sites.set(site, pairs);
      pairs.push(
        { where: `${where}: number of values`, expected: [length], found: [values.length] },
        { where: `${where}: norm`, expected: [norm], found: [normOf(values)] },
        { where, expected, found, scale: largestMagnitude(expected) },
      );
    }
  }
  const group = "reference";
  return [
    compared({ id: "loss", group, what: "mean loss of the next token, in nats" }, loss, TOLERANCE),
    compared({ id: "logits", group, what: "logits" }, logits, TOLERANCE),
    ...[...sites].map(([site, pairs]) =>
      compared({ id: site, group, what: `${site}: norm and sampled values` }, pairs, TOLERANCE),
    ),
  ];
}

function normOf(values: Float32Array): number {
  let sum = 0;
  for (const x of values) sum += x * x;
  return Math.sqrt(sum);
}

/** Mean over positions but the last of −log softmax(logits)[next id]. @param logits [T, V] */
export function meanLoss(logits: Float32Array, V: number, ids: readonly number[]): number {
  const losses = ids.slice(1).map((id, t) => {
    const [logProbability] = logProbabilities(logits.subarray(t * V, (t + 1) * V), [id]);
    return -logProbability!;
  });
  return losses.reduce((a, b) => a + b, 0) / losses.length;
}
