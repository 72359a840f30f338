/** The tensors of an SAE in a file, by SAELens's names; those of an import are refused if broken. */
import { LabError } from "../core/lab-error.ts";
import { quotedShape } from "../core/quoted.ts";
import { type SaeShape, type SaeWeights, type WeightName, weightShapes } from "../core/sae.ts";
import { entryOf, parseSafetensors, readFloats } from "./safetensors.ts";
import { writeSafetensors } from "./safetensors-write.ts";

export const WEIGHTS_FILE = "sae_weights.safetensors";

/** Ours are SAELens's names, but for the gate's bias: of all our variants it is what decides who is active. */
const nameInFile = (name: WeightName, { variant }: SaeShape): string =>
  variant === "gated" && name === "b_enc" ? "b_gate" : name;

export const writeWeights = (config: SaeShape, weights: SaeWeights): Uint8Array =>
  writeSafetensors(
    weightShapes(config).map(([name, shape]) => ({
      name: nameInFile(name, config),
      dtype: "F32",
      shape,
      data: weights[name]!, // checked when they came
    })),
  );

/** @throws LabError "bad-file" if a tensor is missing, of another shape, or holds NaN or infinity */
export function readWeights(config: SaeShape, bytes: Uint8Array): SaeWeights {
  refuseLfsPointer(bytes, WEIGHTS_FILE);
  const header = parseSafetensors(bytes, WEIGHTS_FILE);
  const read = weightShapes(config).map(([ours, shape]) => {
    const name = nameInFile(ours, config);
    const entry = entryOf(header, name, WEIGHTS_FILE);
    if (entry.shape.join() !== shape.join()) {
      const transposed = shape.length === 2 && entry.shape.join() === shape.toReversed().join();
      throw new LabError(
        "bad-file",
        `${WEIGHTS_FILE} cannot be read: ${name} ${transposed ? "is transposed: it has" : "has"} shape ${quotedShape(entry.shape)}, ` +
          `but d_in ${config.dIn}${config.out ? `, d_out ${config.out.width}` : ""} and d_sae ${config.dSae} of cfg.json need [${shape.join(", ")}]` +
          (transposed ? ". Transpose W_enc and W_dec, and save again." : ""),
      );
    }
    return [ours, checkFinite(name, readFloats(bytes, entry))] as const;
  });
  const weights = Object.fromEntries(read) as unknown as SaeWeights;
  const factor = finetuningFactor(header, bytes, config.dSae);
  return factor ? { ...weights, W_dec: scaledRows(weights.W_dec, factor) } : weights;
}

/** How such a note begins: "version", and the address of Git LFS's specification. */
const POINTER = /^version \S*git-lfs\S*spec/;

/** @throws LabError "bad-file" for the note that Git LFS leaves in a large file's place */
export function refuseLfsPointer(bytes: Uint8Array, file: string): void {
  if (!POINTER.test(new TextDecoder().decode(bytes.subarray(0, 100)))) return;
  throw new LabError(
    "bad-file",
    `${file} is only a pointer of Git LFS to the real file. Fetch that one (git lfs pull, or the Hub’s download button).`,
  );
}

/** What f is multiplied with before it is decoded (SAELens: finetuning_scaling_factor), [F]; null where there is none. */
function finetuningFactor(
  header: ReturnType<typeof parseSafetensors>,
  bytes: Uint8Array,
  dSae: number,
): Float32Array | null {
  const name = ["finetuning_scaling_factor", "scaling_factor"].find((n) => header.tensors.has(n));
  if (name === undefined) return null;
  const factor = checkFinite(name, readFloats(bytes, entryOf(header, name, WEIGHTS_FILE)));
  if (factor.length === dSae) return factor;
  throw new LabError(
    "bad-file",
    `${WEIGHTS_FILE} cannot be read: ${name} has ${factor.length} values, d_sae is ${dSae}`,
  );
}

/** Rows of [F, D], each times its factor. */
const scaledRows = (x_FD: Float32Array, factor_F: Float32Array): Float32Array =>
  x_FD.map((v, i) => v * factor_F[Math.floor((i * factor_F.length) / x_FD.length)]!);

function checkFinite(name: string, values: Float32Array): Float32Array {
  const at = values.findIndex((v) => !Number.isFinite(v));
  if (at === -1) return values;
  throw new LabError(
    "bad-file",
    `${WEIGHTS_FILE} cannot be used: value ${at} of ${name} is ${values[at]}. Get or train the SAE again.`,
  );
}
