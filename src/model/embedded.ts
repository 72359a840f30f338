/** Checkpoints that come with the app, under `models/<id>/` beside it. The service worker keeps them for offline use. */
import { LabError } from "../core/lab-error.ts";
import { type Checkpoint, assemble } from "./checkpoint.ts";
import { parseConfig } from "./config.ts";
import { download, downloadRange, downloadText } from "./fetch.ts";
import type { LoadContext } from "./load-context.ts";
import { preview } from "./preview.ts";
import { createRateMeter } from "./rate-meter.ts";
import { checkTokenizer } from "./tokenizer-files.ts";

const WEIGHTS = "model.safetensors";

export async function fromApp(id: string, context: LoadContext): Promise<Checkpoint> {
  const { baseUrl, progress, signal, stallMs } = context;
  const folder = new URL(`models/${encodeURIComponent(id)}/`, baseUrl);
  const url = (file: string) => new URL(file, folder);
  const options = (file: string) => ({
    signal,
    stallMs,
    what: `${file} of the built-in model "${id}"`,
    onResponse: (response: Response) => refusePage(response, id, file),
  });
  const meter = (phase: "config" | "weights", file: string) =>
    createRateMeter(progress, { phase, file, fromCache: false });
  const text = (file: string) =>
    downloadText(url(file), { ...options(file), report: meter("config", file) });

  const configJson = await text("config.json");
  const { config } = parseConfig(configJson);
  const [tokenizerJson, tokenizerConfig, weights] = await Promise.all([
    text("tokenizer.json"),
    text("tokenizer_config.json"),
    download(url(WEIGHTS), { ...options(WEIGHTS), report: meter("weights", WEIGHTS) }),
  ]);
  return assemble({
    id,
    source: "embedded",
    revision: null,
    commit: null,
    hub: null,
    rounded: false,
    preview: preview(configJson, [{ name: WEIGHTS, start: weights, size: weights.length }]),
    tokenizer: checkTokenizer(tokenizerJson, tokenizerConfig, config.vocab_size),
    weights: [weights],
    warnings: [],
    reread: async (_, begin, end, reader) => {
      const own = { ...options(WEIGHTS), signal: reader ?? new AbortController().signal };
      return (await downloadRange(url(WEIGHTS), begin, end, own)).bytes;
    },
  });
}

/** Hosts of single-page apps answer a missing file with the page itself and status 200. */
function refusePage({ headers, url }: Response, id: string, file: string): void {
  if (!headers.get("content-type")?.startsWith("text/html")) return;
  throw new LabError("not-found", `the app was installed without ${file} of "${id}" (${url})`);
}
