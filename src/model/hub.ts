/**
 * Checkpoints from the Hugging Face Hub: small files first, then the weights' header alone, so that a model that cannot
 * run is refused before its download; then the weights, streamed into memory and into the browser's cache.
 * A cached model is loaded without any request, also when its branch has moved on since.
 */
import { LabError } from "../core/lab-error.ts";
import type { ModelSource } from "../core/types.ts";
import { headerEnd } from "../formats/safetensors.ts";
import {
  type Checkpoint,
  type Preview,
  type ReadBytes,
  assemble,
  preview,
  refuseTooLarge,
} from "./checkpoint.ts";
import { parseConfig } from "./config.ts";
import { download, downloadRange, downloadText } from "./fetch.ts";
import { explainRefusal, noSafetensors } from "./hub-errors.ts";
import type { LoadContext } from "./load-context.ts";
import {
  CacheGap,
  type CacheWriter,
  type CachedRecord,
  forgetCached,
  openCached,
  writeCached,
} from "./model-cache.ts";
import { createRateMeter } from "./rate-meter.ts";
import { checkTokenizer, tokenizerFromBpe } from "./tokenizer-files.ts";
import type { FetchOptions } from "./transfer.ts";

type HubSource = Extract<ModelSource, { kind: "hub" }>;

export const HUB = new URL("https://huggingface.co/");
const WEIGHTS = "model.safetensors";
/** Enough for the header of any GPT-2 up to 1.5B. */
const FIRST_BYTES = 2 ** 16;

export async function fromHub(
  source: HubSource,
  context: LoadContext,
  hub = HUB,
): Promise<Checkpoint> {
  const folder = folderOf(source.id, source.revision, hub);
  try {
    const cached = await fromCache(source, folder, context);
    if (cached) return cached;
  } catch (e) {
    // The browser has dropped a part, or what it kept is damaged: the Hub has the original.
    if (!(e instanceof CacheGap) && !(e instanceof LabError && e.code === "bad-file")) throw e;
    await forgetCached(folder);
  }
  return fromNetwork(source, folder, context, hub);
}

const folderOf = (id: string, revision: string, hub: URL) =>
  new URL(`${id}/resolve/${encodeURIComponent(revision)}/`, hub);

async function fromCache({ id, revision }: HubSource, folder: URL, context: LoadContext) {
  const cached = await openCached(folder);
  if (!cached) return null;
  const { record } = cached;
  const label = { phase: "weights", file: record.weightFile, fromCache: true } as const;
  const report = createRateMeter(context.progress, label);
  const weights = await cached.weights(report, context.signal);
  const look = preview(record.configJson, record.weightFile, weights, weights.length);
  return assemble({
    id,
    source: "hub",
    revision,
    commit: record.commit,
    preview: look,
    tokenizer: checkTokenizer(record.tokenizerJson, record.tokenizerConfig, look.config.vocab_size),
    weights,
    warnings: [],
    reread: (begin, end) => cached.read(begin, end),
  });
}

async function fromNetwork(
  source: HubSource,
  branch: URL,
  context: LoadContext,
  hub: URL,
): Promise<Checkpoint> {
  const { id, revision } = source;
  const { progress, signal, stallMs, retryMs } = context;
  const options = (file: string) => ({
    signal,
    stallMs,
    retryMs,
    what: `${file} of "${id}"`,
    explain: (response: Response) => explainRefusal(id, revision, response),
  });
  const meter = (phase: "config" | "weights", file: string) =>
    createRateMeter(progress, { phase, file, fromCache: false });

  let commit = null as string | null;
  const configJson = await downloadText(new URL("config.json", branch), {
    ...options("config.json"),
    report: meter("config", "config.json"),
    onResponse: ({ headers }) => {
      commit = headers.get("x-repo-commit");
    },
  });
  const { config } = parseConfig(configJson);
  // From here on one commit, even if someone pushes to the branch meanwhile.
  const folder = folderOf(id, commit ?? revision, hub);

  const text = (file: string) =>
    downloadText(new URL(file, folder), { ...options(file), report: meter("config", file) });
  const [tokenizerJson, tokenizerConfig, look] = await Promise.all([
    optional(text("tokenizer.json")).then((json) => json ?? fromOriginalFiles(id, text)),
    optional(text("tokenizer_config.json")),
    lookAtWeights(id, folder, configJson, options(WEIGHTS)),
  ]);
  const tokenizer = checkTokenizer(tokenizerJson, tokenizerConfig, config.vocab_size);

  const writer = await writeCached(branch);
  let weights: Uint8Array<ArrayBuffer>;
  let checkpoint: Checkpoint;
  const warnings: string[] = [];
  try {
    weights = await download(new URL(WEIGHTS, folder), {
      ...options(WEIGHTS),
      report: meter("weights", WEIGHTS),
      expectedBytes: look.fileSize,
      onBytes: (bytes, filled) => writer?.offer(bytes, filled),
    });
    checkpoint = assemble({
      id,
      source: "hub",
      revision,
      commit,
      preview: look,
      tokenizer,
      weights,
      warnings,
      reread: rereadLater(branch, folder, options(WEIGHTS)),
    });
  } catch (e) {
    await writer?.discard();
    throw e;
  }
  warnings.push(
    ...(await keep(writer, weights, {
      configJson,
      tokenizerJson,
      tokenizerConfig,
      commit,
      weightFile: WEIGHTS,
      weightBytes: weights.length,
    })),
  );
  return checkpoint;
}

/** Null for a file that is not there. */
const optional = (text: Promise<string>): Promise<string | null> =>
  text.catch((e: unknown) => {
    if (e instanceof LabError && e.code === "not-found") return null;
    throw e;
  });

async function fromOriginalFiles(id: string, text: (file: string) => Promise<string>) {
  const [vocab, merges] = await Promise.all([
    optional(text("vocab.json")),
    optional(text("merges.txt")),
  ]);
  if (vocab !== null && merges !== null) return tokenizerFromBpe(vocab, merges);
  throw new LabError(
    "not-found",
    `"${id}" has neither a tokenizer.json nor vocab.json and merges.txt`,
  );
}

/** Reads the header and refuses what cannot run. */
async function lookAtWeights(
  id: string,
  folder: URL,
  configJson: string,
  options: FetchOptions,
): Promise<Preview> {
  const url = new URL(WEIGHTS, folder);
  let missing = false;
  const explain = (response: Response) => {
    missing = response.status === 404;
    return options.explain?.(response);
  };
  const first = await downloadRange(url, 0, FIRST_BYTES, { ...options, explain }).catch(
    async (e: unknown) => {
      throw missing ? await noSafetensors(id, folder, options) : e;
    },
  );
  if (first.totalBytes === null) {
    throw new LabError("network", `the server does not say how large ${options.what} is`);
  }
  refuseTooLarge(WEIGHTS, first.totalBytes);
  const end = headerEnd(first.bytes, first.totalBytes, WEIGHTS);
  const start =
    end <= first.bytes.length ? first.bytes : (await downloadRange(url, 0, end, options)).bytes;
  return preview(configJson, WEIGHTS, start, first.totalBytes);
}

/** Tensors read after the weights were released come from the cache, or else from the Hub again. */
function rereadLater(branch: URL, folder: URL, options: FetchOptions): ReadBytes {
  return async (begin, end, signal) => {
    const cached = await openCached(branch);
    if (cached) return cached.read(begin, end);
    const url = new URL(WEIGHTS, folder);
    const own = { ...options, signal: signal ?? new AbortController().signal };
    return (await downloadRange(url, begin, end, own)).bytes;
  };
}

/** Completes the cached copy. A model that cannot be kept still runs; the answer says what the user should know. */
async function keep(
  writer: CacheWriter | null,
  weights: Uint8Array<ArrayBuffer>,
  record: Omit<CachedRecord, "partBytes">,
): Promise<string[]> {
  const again = "so the model will be downloaded again next time";
  if (!writer) return [`this browser keeps no files for this page, ${again}`];
  try {
    await writer.commit(weights, record);
    return [];
  } catch (e) {
    await writer.discard();
    const full = e instanceof DOMException && e.name === "QuotaExceededError";
    return [
      full
        ? `the browser has no storage left for this page, ${again}; free some space on the disk`
        : `the browser could not keep the model (${e instanceof Error ? e.message : String(e)}), ${again}`,
    ];
  }
}
