/** A handle on one stored SAE, with its weights: encode, decode, examples, export. */
import { LabError } from "../core/lab-error.ts";
import {
  type FeatureExample,
  outputOf,
  type SaeConfig,
  type SaeMetrics,
  type SaeSummary,
  type SaeWeights,
} from "../core/sae.ts";
import type { TensorData } from "../core/types.ts";
import { decode, encode } from "../math/sae.ts";
import type { LabClient } from "../rpc/client.ts";

export interface Sae {
  readonly id: string;
  readonly name: string;
  readonly cfg: SaeConfig;
  readonly metrics: SaeMetrics | null;
  readonly summary: SaeSummary;
  readonly weights: SaeWeights;
  /** Activations [B, d_in] in the model's own scale → features [B, d_sae]. */
  encode(x: TensorData | Float32Array): TensorData;
  /**
   * Features [B, d_sae] → reconstruction [B, d_in], of a transcoder [B, d_out]. One with a skip connection needs what it read,
   * x [B, d_in], too.
   */
  decode(f: TensorData | Float32Array, x?: TensorData | Float32Array): TensorData;
  /** `cfg.json` and `sae_weights.safetensors`, as SAELens reads them. */
  export(): Promise<File[]>;
  topExamples(feature: number, n?: number): Promise<FeatureExample[]>;
}

const rows = (x: TensorData | Float32Array, width: number): Float32Array => {
  const data = x instanceof Float32Array ? x : x.data;
  if (data.length === 0 || data.length % width !== 0) {
    throw new LabError("shape", `expected [B, ${width}], got ${data.length} values`);
  }
  return data;
};

export async function createSae(client: LabClient, summary: SaeSummary): Promise<Sae> {
  const { id } = summary;
  const { config, weights } = await client.call("sae.weights", { id });
  return {
    id,
    name: summary.name,
    cfg: config,
    metrics: summary.metrics,
    summary,
    weights,
    encode: (x) => {
      const x_BD = rows(x, config.dIn);
      return {
        data: encode(x_BD, weights, config),
        dims: [x_BD.length / config.dIn, config.dSae],
      };
    },
    decode: (f, x) => {
      const f_BF = rows(f, config.dSae);
      return {
        data: decode(f_BF, weights, config, x && rows(x, config.dIn)),
        dims: [f_BF.length / config.dSae, outputOf(config).width],
      };
    },
    export: () => exportedFiles(client, id),
    topExamples: (feature, n = 10) => client.call("sae.examples", { id, feature, n }),
  };
}

/** `cfg.json` and `sae_weights.safetensors`, as SAELens reads them. */
export const exportedFiles = async (client: LabClient, id: string): Promise<File[]> =>
  (await client.call("sae.export", { id })).map(
    ({ name, bytes }) => new File([bytes as Uint8Array<ArrayBuffer>], name),
  );
