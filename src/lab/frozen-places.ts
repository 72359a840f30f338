/** Which SAEs can stand in a feature circuit together: one a place, and transcoders of a whole MLP. */
import { LabError } from "../core/lab-error.ts";
import type { Gpt2Config } from "../core/types.ts";
import type { Sae } from "../math/feature-change.ts";
import { placeKey, placeOf } from "./frozen-sae.ts";
import { checkFits } from "./sae-edit.ts";

/** @throws LabError "unsupported" for SAEs of another model, or of a place that makes no sense; "bad-input" for two at one place */
export function checkPlaces(saes: readonly { id: string; sae: Sae }[], config: Gpt2Config): void {
  const taken = new Map<string, string>();
  const replaced = new Set<number>();
  for (const { id, sae } of saes) {
    checkFits(sae.config, config);
    const { hook, out } = sae.config;
    const writes = placeOf(out?.hook ?? hook, config);
    const key = out ? `the MLP of ${hook.split(".")[1]}` : placeKey(writes);
    if (taken.has(key)) {
      throw new LabError(
        "bad-input",
        `"${id}" stands where "${taken.get(key)!}" does (${key}); choose one of them`,
      );
    }
    taken.set(key, id);
    if (!out) continue;
    const reads = placeOf(hook, config);
    const layer = writes.at === "mlp" ? writes.layer : -1;
    const isOwn =
      (reads.at === "norm2" && reads.layer === layer) ||
      (reads.at === "stream" && reads.point === 2 * layer + 1);
    if (!isOwn) {
      throw new LabError(
        "unsupported",
        `the transcoder "${id}" goes from ${hook} to ${out.hook}; a feature circuit takes those of one MLP, from its input to its output`,
      );
    }
    replaced.add(layer);
  }
  for (const layer of replaced) {
    const hidden = taken.get(`post ${layer}`);
    if (hidden === undefined) continue;
    throw new LabError(
      "bad-input",
      `"${hidden}" reads the neurons of MLP ${layer}, which a transcoder replaces; choose one of them`,
    );
  }
}
