/** Activations for the cases of a set: at their token, or of a whole text its last token or the mean of all but BOS. */
import { breathe } from "../core/breathe.ts";
import { parseHook } from "../core/hooks.ts";
import { HEAD_SITES, placeHook, type ProbePlace, type ProbeRead } from "../core/probe.ts";
import { LabError, toLabError } from "../core/lab-error.ts";
import type { Gpt2Config } from "../core/types.ts";
import { axisSizes } from "../model/edit-check.ts";
import type { LoadedModel } from "../model/loaded-model.ts";
import { ChunkSize } from "./chunk-size.ts";
import type { ProbeSet } from "./probe-set.ts";
import { rowBudget, rowBytes } from "./row-bytes.ts";

type Model = Pick<LoadedModel, "info" | "run">;

/** Of one place, in the set's order of cases: [cases, width]. */
export interface Harvested {
  place: ProbePlace;
  width: number;
  x: Float32Array;
}
interface Context {
  signal: AbortSignal;
  /** Texts that were run. */
  progress: (done: number) => void;
}

/** Numbers that a place has for one case. @throws LabError "bad-input" for a place that the model does not have */
export function widthOf(place: ProbePlace, config: Gpt2Config): number {
  const { axes } = parseHook(placeHook(place), config);
  const sizes = axisSizes(axes.slice(1), config, 1);
  if (place.head === null) return sizes.reduce((a, b) => a * b, 1);
  const isHead = place.head >= 0 && place.head < config.n_head;
  if (!isHead || !HEAD_SITES.includes(place.site)) {
    throw new LabError("bad-input", `head ${place.head} of ${placeHook(place)} is not there`);
  }
  return sizes.at(-1)!;
}

/** Parts of the places whose activations fit in so much memory together; each needs a run of all texts. */
export function passesOf(
  places: readonly ProbePlace[],
  cases: number,
  config: Gpt2Config,
  bytes: number,
): ProbePlace[][] {
  const passes: ProbePlace[][] = [];
  let left = 0;
  for (const place of places) {
    const size = 4 * cases * widthOf(place, config);
    if (passes.length === 0 || size > left) {
      passes.push([]);
      left = bytes;
    }
    passes.at(-1)!.push(place);
    left -= size;
  }
  return passes;
}

/**
 * Each text that has a case is run once, without edits, as far as the last of the hooks; texts of like length together. Values in
 * the raw basis, the checkpoint's own.
 */
export async function harvestCases(
  model: Model,
  { texts, cases }: Pick<ProbeSet, "texts" | "cases">,
  places: readonly ProbePlace[],
  read: ProbeRead,
  { signal, progress }: Context,
): Promise<Harvested[]> {
  const { config } = model.info;
  const found = places.map((place): Harvested => {
    const width = widthOf(place, config);
    return { place, width, x: new Float32Array(cases.length * width) };
  });
  const casesOf = new Map<number, number[]>();
  cases.forEach(({ text }, n) => casesOf.set(text, [...(casesOf.get(text) ?? []), n]));
  const order = [...casesOf.keys()].sort((a, b) => texts[a]!.length - texts[b]!.length || a - b);
  const names = [...new Set(places.map(placeHook))];
  const points = names.map((name) => parseHook(name, config));
  const longest = texts[order.at(-1)!]!.length;
  const size = new ChunkSize(
    rowBudget(model.info) / rowBytes(config, { T: longest, names: points, edited: [], logits: 0 }),
  );
  for (let done = 0; done < order.length;) {
    const chunk = order.slice(done, done + size.size);
    const began = performance.now();
    try {
      const ids = chunk.map((text) => texts[text]!);
      const { cache } = await model.run({ ids, names, edits: [], logits: "none", signal });
      chunk.forEach((text, row) => {
        for (const { place, width, x } of found) {
          const { data, dims } = cache.get(placeHook(place))!;
          const stride = dims.slice(2).reduce((a, b) => a * b, 1);
          const tokenAt = (t: number) =>
            (row * dims[1]! + t) * stride + (place.head === null ? 0 : place.head * width);
          for (const n of casesOf.get(text)!) {
            const own = x.subarray(n * width, (n + 1) * width);
            put(own, data, tokenAt, cases[n]!.at, texts[text]!.length, read);
          }
        }
      });
      size.took(chunk.length, performance.now() - began);
      done += chunk.length;
      progress(done);
    } catch (e) {
      if (toLabError(e).code !== "out-of-memory" || !size.tooLarge(chunk.length)) throw e;
    }
    await breathe();
    signal.throwIfAborted();
  }
  return found;
}

function put(
  own: Float32Array,
  data: Float32Array,
  tokenAt: (t: number) => number,
  at: number | null,
  length: number,
  read: ProbeRead,
): void {
  const width = own.length;
  if (at !== null || read === "last") {
    const from = tokenAt(at ?? length - 1);
    own.set(data.subarray(from, from + width));
    return;
  }
  const sum = new Float64Array(width);
  for (let t = 1; t < length; t++) {
    const from = tokenAt(t);
    for (let d = 0; d < width; d++) sum[d]! += data[from + d]!;
  }
  own.set(sum.map((v) => v / (length - 1)));
}
