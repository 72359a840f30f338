/**
 * SAELens's `sparsity.safetensors`: how often each feature fired in training, as log₁₀ of its share of tokens, under the
 * key "sparsity". A share itself, of which any is above 0 where a logarithm cannot be, is taken as well.
 */
import { LabError } from "../core/lab-error.ts";
import type { Densities } from "../core/sae.ts";
import { densityHistogram } from "../math/density.ts";
import { entryOf, parseSafetensors, readFloats } from "./safetensors.ts";

export const SPARSITY_FILE = "sparsity.safetensors";

/** SAELens adds 10⁻¹⁰ before it takes the logarithm: a feature that never fired is told as −10. */
const SILENT = -9.5;

/** @throws LabError "bad-file" if it is no such file, or of another number of features */
export function readSparsity(bytes: Uint8Array, dSae: number): Densities {
  const entry = entryOf(parseSafetensors(bytes, SPARSITY_FILE), "sparsity", SPARSITY_FILE);
  const values = readFloats(bytes, entry);
  if (values.length !== dSae) throw bad(`it has ${values.length} values, d_sae is ${dSae}`);
  const shares = values.some((v) => v > 1e-6);
  const at = values.findIndex(
    (v) => Number.isNaN(v) || v === Infinity || v > 1 || (shares && v < 0),
  );
  if (at >= 0)
    throw bad(`value ${at} is ${values[at]}, no share of tokens and no logarithm of one`);
  return densityHistogram(
    shares ? values : values.map((log) => (log < SILENT ? 0 : Math.min(1, 10 ** log))),
  );
}

const bad = (why: string) => new LabError("bad-file", `${SPARSITY_FILE} cannot be read: ${why}.`);
