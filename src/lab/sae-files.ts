/** Which of the files that were chosen or dropped are an autoencoder's, and in which format. Pure. */
import { LabError } from "../core/lab-error.ts";
import { SPARSITY_FILE } from "../formats/sae-lens-sparsity.ts";
import { CONFIG_FILE, WEIGHTS_FILE } from "../formats/sae-lens.ts";

export type SaeFiles<F> =
  | { format: "torch"; weights: F; cfg: F | null }
  | { format: "sae-lens"; weights: F; cfg: F; sparsity: F | null };

/** @throws LabError "bad-file" unless they are the files of one autoencoder */
export function saeFiles<F extends Pick<File, "name">>(files: readonly F[]): SaeFiles<F> {
  const json = files.filter(({ name }) => name.endsWith(".json"));
  const cfgNamed = (wanted: string) => json.find(({ name }) => name === wanted) ?? json[0] ?? null;
  const tensors = files.filter(({ name }) => name.endsWith(".safetensors"));
  const named = tensors.filter(({ name }) => name === WEIGHTS_FILE);
  // A checkpoint of SAELens's training has its trainer's state beside them, in files of either kind.
  const torch = files.filter(({ name }) => named.length === 0 && /\.(pt|pth|bin)$/.test(name));
  const others = tensors.filter(({ name }) => name !== SPARSITY_FILE);
  const found = [named, torch, others].find(({ length }) => length > 0) ?? [];
  if (found.length > 1) {
    const some = found.slice(0, 4).map(({ name }) => name);
    throw new LabError(
      "bad-file",
      `these are ${found.length} autoencoders (${some.join(", ")}${found.length > 4 ? ", …" : ""}): import them one at a time`,
    );
  }
  const [weights] = found;
  if (weights && found === torch) return { format: "torch", weights, cfg: cfgNamed("config.json") };
  const cfg = cfgNamed(CONFIG_FILE);
  if (weights && cfg) {
    const sparsity = tensors.find(({ name }) => name === SPARSITY_FILE) ?? null;
    return { format: "sae-lens", weights, cfg, sparsity };
  }
  const given = files.map(({ name }) => name).join(", ") || "nothing";
  throw new LabError(
    "bad-file",
    `an SAE is cfg.json and sae_weights.safetensors together, or a .pt file of OpenAI or dictionary_learning (with its config.json); got ${given}`,
  );
}
