/**
 * One forward and one backward pass: gradients of a metric at hook points, with the values there if wanted. Of a metric that
 * is read at a hook point, both go no further than that and what is asked for.
 */
import { parseHook } from "../core/hooks.ts";
import { LabError } from "../core/lab-error.ts";
import type { Gpt2Config, TensorData } from "../core/types.ts";
import { checkIds, createFeeds } from "./feeds.ts";
import type { MetricSeed } from "./gradient-feeds.ts";
import { gradName } from "./graph-sites.ts";
import type { LoadedModel } from "./loaded-model.ts";
import { type Runtime, toTensorData } from "./runtime.ts";
import { unmask } from "./scores.ts";

export function createDifferentiate(
  { session, Tensor }: Runtime,
  config: Gpt2Config,
): LoadedModel["differentiate"] {
  const prepare = createFeeds(Tensor, config);

  return async ({ ids, gradients, values, edits, seed }) => {
    const T = checkIds(ids, config, 0);
    checkPlaces(seed, ids);
    const hooks = gradients.map((name) => parseHook(name, config));
    const { feeds } = prepare({
      ids,
      window: { start: 0, count: T, lengths: ids.map((row) => row.length), limit: 0 },
      edits,
      names: values,
      through: [...gradients, ...(seed.kind === "hook" ? [seed.hook] : [])],
      toTheEnd: seed.kind === "logits",
      share: false,
      logitRows: () => (seed.kind === "logits" ? seed.at.map(({ row, pos }) => row * T + pos) : []),
      seed,
    });
    const wanted = [
      ...hooks.map(({ name }) => gradName(name)),
      ...values,
      ...(seed.kind === "logits" ? ["logits"] : []),
    ];
    if (wanted.length === 0) throw new LabError("bad-input", "no gradient was asked for");
    const out = await session.run(feeds, wanted);
    return {
      gradients: new Map(
        hooks.map(({ name, site }) => {
          const grad = toTensorData(out[gradName(name)]!);
          return [name, site === "attn.hook_result" ? perHead(grad, config.n_head) : grad];
        }),
      ),
      values: new Map(values.map((name) => [name, unmask(name, toTensorData(out[name]!))])),
      logits: seed.kind === "logits" ? toTensorData(out["logits"]!) : null,
    };
  };
}

function checkPlaces(seed: MetricSeed, ids: readonly (readonly number[])[]): void {
  if (seed.kind !== "logits") return;
  for (const { row, pos } of seed.at) {
    const length = ids[row]?.length;
    if (length === undefined || !Number.isInteger(pos) || pos < 0 || pos >= length) {
      throw new LabError("bad-input", `row ${row} has no position ${pos} for a metric to read`);
    }
  }
}

/** [B, T, d], the gradient of the heads' sum → [B, T, H, d], that of each. */
function perHead({ data, dims }: TensorData, heads: number): TensorData {
  const [B, T, d] = dims as [number, number, number];
  const out = new Float32Array(heads * data.length);
  for (let i = 0; i < B * T * heads; i++) {
    const at = Math.floor(i / heads) * d;
    out.set(data.subarray(at, at + d), i * d);
  }
  return { data: out, dims: [B, T, heads, d] };
}
