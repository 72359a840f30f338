/** Checkpoints from the user's own files, or a folder of them. Nothing of them leaves the machine. */
import { LabError } from "../core/lab-error.ts";
import type { Gpt2Config } from "../core/types.ts";
import { headerEnd } from "../formats/safetensors.ts";
import { type Checkpoint, assemble } from "./checkpoint.ts";
import { freeMemory } from "./free-memory.ts";
import { Gathered } from "./gathered.ts";
import { type LoadContext, throwIfCancelled } from "./load-context.ts";
import { pickFiles } from "./local-files.ts";
import { refuseLargeFile } from "./memory-need.ts";
import { type FileStart, preview } from "./preview.ts";
import { createRateMeter } from "./rate-meter.ts";
import { checkShards } from "./shards.ts";
import { checkTokenizer } from "./tokenizer-files.ts";

/** @param name of the folder that they came in, where there was one */
export async function fromFiles(
  files: readonly File[],
  context: LoadContext,
  name?: string,
): Promise<Checkpoint> {
  const picked = await pickFiles(files);
  const { weights, index } = picked;
  const configJson = await picked.config.text();
  const starts = await Promise.all(weights.map(startOf));
  const look = preview(configJson, starts, context.maxTensorBytes);
  if (index) checkShards(index, look.files);
  const tokenizer = checkTokenizer(
    await picked.tokenizer(),
    picked.tokenizerConfig ? await picked.tokenizerConfig.text() : null,
    look.config.vocab_size,
  );
  return assemble({
    id: nameOf(weights, name, look.config),
    source: "files",
    revision: null,
    commit: null,
    hub: null,
    rounded: false,
    preview: look,
    tokenizer,
    weights: await readAll(weights, look.fileBytes, context),
    warnings: [],
    reread: (file, begin, end) => readSlice(weights[file]!, begin, end),
  });
}

async function startOf(file: File): Promise<FileStart> {
  refuseLargeFile(file);
  const end = headerEnd(await readSlice(file, 0, 8), file.size, file.name);
  return { name: file.name, start: await readSlice(file, 0, end), size: file.size };
}

async function readAll(files: readonly File[], totalBytes: number, context: LoadContext) {
  const bodies: Uint8Array<ArrayBuffer>[] = [];
  let before = 0;
  for (const file of files) {
    const label = { phase: "weights", file: file.name, fromCache: false } as const;
    const meter = createRateMeter(context.progress, label);
    bodies.push(await readFile(file, context, (at) => meter(before + at, totalBytes)));
    before += file.size;
  }
  return bodies;
}

async function readFile(
  file: File,
  { signal }: LoadContext,
  report: (loadedBytes: number) => void,
): Promise<Uint8Array<ArrayBuffer>> {
  const body = new Gathered(file.size, file.name);
  report(0);
  const piece = 2 ** 25;
  for (let at = 0; at < file.size; at += piece) {
    throwIfCancelled(signal);
    const bytes = await readSlice(file, at, Math.min(at + piece, file.size));
    body.push(bytes);
    freeMemory(bytes);
    report(body.length);
  }
  return body.whole();
}

async function readSlice(file: File, begin: number, end: number): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return new Uint8Array(await file.slice(begin, end).arrayBuffer());
  } catch (cause) {
    throw new LabError(
      "bad-file",
      `${file.name} can no longer be read: it was moved, changed or removed. Choose it again.`,
      { cause },
    );
  }
}

/** A file's own name says more than "model"; without one its folder's does, and else the model's size. */
function nameOf(
  weights: readonly File[],
  folder: string | undefined,
  { n_layer, n_embd }: Gpt2Config,
): string {
  const stem = weights.length === 1 ? weights[0]!.name.replace(/\.safetensors$/, "") : "model";
  return stem === "model" ? (folder ?? `local GPT-2, ${n_layer} × ${n_embd}`) : stem;
}
