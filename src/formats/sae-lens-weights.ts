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
  const header = parseSafetensors(bytes, WEIGHTS_FILE);
  const read = weightShapes(config).map(([ours, shape]) => {
    const name = nameInFile(ours, config);
    const entry = entryOf(header, name, WEIGHTS_FILE);
    if (entry.shape.join() !== shape.join()) {
      throw new LabError(
        "bad-file",
        `${WEIGHTS_FILE} cannot be read: ${name} has shape ${quotedShape(entry.shape)}, ` +
          `but d_in ${config.dIn}${config.out ? `, d_out ${config.out.width}` : ""} and d_sae ${config.dSae} of cfg.json need [${shape.join(", ")}]`,
      );
    }
    return [ours, checkFinite(name, readFloats(bytes, entry))] as const;
  });
  return Object.fromEntries(read) as unknown as SaeWeights;
}

function checkFinite(name: string, values: Float32Array): Float32Array {
  const at = values.findIndex((v) => !Number.isFinite(v));
  if (at === -1) return values;
  throw new LabError(
    "bad-file",
    `${WEIGHTS_FILE} cannot be used: value ${at} of ${name} is ${values[at]}. Get or train the SAE again.`,
  );
}
