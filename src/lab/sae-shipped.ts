/** SAEs that come with the app: `saes/index.json` lists their folders; each holds the SAE, its dashboards, its summary. */
import { appUrl } from "../core/app-url.ts";
import { LabError } from "../core/lab-error.ts";
import type { SaeSummary, SaeWeights } from "../core/sae.ts";
import { CONFIG_FILE, importSae, WEIGHTS_FILE } from "../formats/sae-lens.ts";

let list: Promise<SaeSummary[]> | null = null;

export function shippedSaes(): Promise<SaeSummary[]> {
  list ??= readList().catch((e: unknown) => {
    list = null; // the next call tries again
    throw e;
  });
  return list;
}

async function readList(): Promise<SaeSummary[]> {
  const ids = JSON.parse(await text("saes/index.json")) as string[];
  return Promise.all(
    ids.map(async (id) => JSON.parse(await text(`saes/${id}/summary.json`)) as SaeSummary),
  );
}

export async function shippedWeights(id: string): Promise<SaeWeights> {
  const [cfg, weights] = await Promise.all([
    bytes(`saes/${id}/${CONFIG_FILE}`),
    bytes(`saes/${id}/${WEIGHTS_FILE}`),
  ]);
  return importSae(cfg, weights).weights;
}

export const shippedDashboards = (id: string): Promise<Uint8Array> =>
  bytes(`saes/${id}/dashboards.safetensors`);

async function get(path: string): Promise<Response> {
  try {
    const response = await fetch(appUrl(path));
    if (response.ok) return response;
    throw new Error(`HTTP ${response.status}`);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new LabError("network", `${path} could not be fetched (${why}); reload the page`, {
      cause,
    });
  }
}
const text = async (path: string) => (await get(path)).text();
const bytes = async (path: string) => new Uint8Array(await (await get(path)).arrayBuffer());
