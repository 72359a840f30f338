/** Checkpoints from the user's own files, dropped on the page. Nothing of them leaves the machine. */
import { LabError } from "../core/lab-error.ts";
import type { Gpt2Config } from "../core/types.ts";
import { headerEnd } from "../formats/safetensors.ts";
import { type Checkpoint, type Preview, assemble, preview, refuseTooLarge } from "./checkpoint.ts";
import { freeMemory } from "./free-memory.ts";
import { Gathered } from "./gathered.ts";
import { type LoadContext, throwIfCancelled } from "./load-context.ts";
import { createRateMeter } from "./rate-meter.ts";
import { checkTokenizer, tokenizerFromBpe } from "./tokenizer-files.ts";

export async function fromFiles(files: readonly File[], context: LoadContext): Promise<Checkpoint> {
  const picked = pick(files);
  const configJson = await picked.config.text();
  const look = await lookAt(picked.weights, configJson);
  const tokenizer = checkTokenizer(
    await picked.tokenizer(),
    picked.tokenizerConfig ? await picked.tokenizerConfig.text() : null,
    look.config.vocab_size,
  );
  const file = picked.weights;
  return assemble({
    id: nameOf(file, look.config),
    source: "files",
    revision: null,
    commit: null,
    preview: look,
    tokenizer,
    weights: await readAll(file, context),
    warnings: [],
    reread: (begin, end) => readSlice(file, begin, end),
  });
}

interface Picked {
  config: File;
  weights: File;
  tokenizer: () => Promise<string>;
  tokenizerConfig: File | undefined;
}

/** Finds the files by name; others are passed over. @throws LabError "bad-input" naming what is missing */
function pick(files: readonly File[]): Picked {
  const named = (name: string) => files.find((file) => file.name === name);
  const config = named("config.json");
  const weights = pickWeights(files);
  const json = named("tokenizer.json");
  const vocab = named("vocab.json");
  const merges = named("merges.txt");
  const tokenizer = json
    ? () => json.text()
    : vocab && merges
      ? async () => tokenizerFromBpe(await vocab.text(), await merges.text())
      : null;
  if (config && weights && tokenizer) {
    return { config, weights, tokenizer, tokenizerConfig: named("tokenizer_config.json") };
  }
  const missing = [
    ...(config ? [] : ["config.json"]),
    ...(weights ? [] : ["model.safetensors"]),
    ...(tokenizer ? [] : ["tokenizer.json"]),
  ];
  const given = files.map(({ name }) => name).join(", ") || "nothing";
  throw new LabError(
    "bad-input",
    `${missing.join(" and ")} ${missing.length === 1 ? "is" : "are"} missing (given: ${given}). ` +
      "Drop config.json, model.safetensors and tokenizer.json of one model together.",
  );
}

function pickWeights(files: readonly File[]): File | undefined {
  const all = files.filter(({ name }) => name.endsWith(".safetensors"));
  const usual = all.find(({ name }) => name === "model.safetensors");
  if (usual || all.length <= 1) return usual ?? all[0];
  throw new LabError(
    "bad-input",
    `there are ${all.length} weight files (${all.map(({ name }) => name).join(", ")}); ` +
      "Glassroom loads a model from one, named model.safetensors",
  );
}

async function lookAt(file: File, configJson: string): Promise<Preview> {
  refuseTooLarge(file.name, file.size);
  const end = headerEnd(await readSlice(file, 0, 8), file.size, file.name);
  return preview(configJson, file.name, await readSlice(file, 0, end), file.size);
}

async function readAll(file: File, { signal, progress }: LoadContext) {
  const label = { phase: "weights", file: file.name, fromCache: false } as const;
  const report = createRateMeter(progress, label);
  const body = new Gathered(file.size, file.name);
  report(0, file.size);
  const piece = 2 ** 25;
  for (let at = 0; at < file.size; at += piece) {
    throwIfCancelled(signal);
    const bytes = await readSlice(file, at, Math.min(at + piece, file.size));
    body.push(bytes);
    freeMemory(bytes);
    report(body.length, file.size);
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

/** A file's own name says more than "model"; without one, the model's size does. */
function nameOf({ name }: File, { n_layer, n_embd }: Gpt2Config): string {
  const stem = name.replace(/\.safetensors$/, "");
  return stem === "model" ? `local GPT-2, ${n_layer} × ${n_embd}` : stem;
}
