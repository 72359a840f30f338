/** Which of the user's files make up a checkpoint. They are known by their names; others are passed over. */
import { LabError } from "../core/lab-error.ts";
import { INDEX_FILE, parseShardIndex, type ShardIndex } from "./shards.ts";
import { tokenizerFromBpe } from "./tokenizer-files.ts";

export interface PickedFiles {
  config: File;
  /** One file, or all shards in the index's order. */
  weights: File[];
  index: ShardIndex | null;
  tokenizer: () => Promise<string>;
  tokenizerConfig: File | undefined;
}

/** @throws LabError "bad-input" naming what is missing */
export async function pickFiles(files: readonly File[]): Promise<PickedFiles> {
  const configs = files.filter(({ name }) => name === "config.json").length;
  if (configs > 1) {
    throw new LabError(
      "bad-input",
      `there are ${configs} files named config.json: choose the files, or the folder, of one model`,
    );
  }
  const named = (name: string) => files.find((file) => file.name === name);
  const config = named("config.json");
  const index = await readIndex(files);
  const weights = index ? index.files.map((name) => named(name)!) : pickWeights(files);
  const tokenizer = pickTokenizer(named);
  if (config && weights && tokenizer) {
    const tokenizerConfig = named("tokenizer_config.json");
    return { config, weights, index, tokenizer, tokenizerConfig };
  }
  const missing = [
    ...(config ? [] : ["config.json"]),
    ...(weights ? [] : ["model.safetensors"]),
    ...(tokenizer ? [] : ["tokenizer.json"]),
  ];
  throw new LabError(
    "bad-input",
    `${missing.join(" and ")} ${missing.length === 1 ? "is" : "are"} missing (given: ${listed(files)}). ` +
      "Drop config.json, model.safetensors and tokenizer.json of one model together, or their folder.",
  );
}

function pickTokenizer(named: (name: string) => File | undefined) {
  const json = named("tokenizer.json");
  if (json) return () => json.text();
  const vocab = named("vocab.json");
  const merges = named("merges.txt");
  if (!vocab || !merges) return null;
  return async () => tokenizerFromBpe(await vocab.text(), await merges.text());
}

/** The index, if the weights are in several files; a single model.safetensors goes before it. */
async function readIndex(files: readonly File[]): Promise<ShardIndex | null> {
  const file = files.find(({ name }) => name === INDEX_FILE);
  if (!file || files.some(({ name }) => name === "model.safetensors")) return null;
  const index = parseShardIndex(await file.text());
  const there = new Set(files.map(({ name }) => name));
  const missing = index.files.filter((name) => !there.has(name));
  if (missing.length === 0) return index;
  throw new LabError(
    "bad-input",
    `${missing.slice(0, 4).join(" and ")}${missing.length > 4 ? " and more" : ""} ` +
      `of the ${index.files.length} files named in ${INDEX_FILE} ${missing.length === 1 ? "is" : "are"} missing. ` +
      "Choose the whole folder of the model.",
  );
}

function pickWeights(files: readonly File[]): File[] | undefined {
  const all = files.filter(({ name }) => name.endsWith(".safetensors"));
  const usual = all.find(({ name }) => name === "model.safetensors");
  const [only] = usual ? [usual] : all;
  if (usual || all.length <= 1) return only && [only];
  throw new LabError(
    "bad-input",
    `there are ${all.length} weight files (${listed(all)}) and no ${INDEX_FILE} to say how they belong together. ` +
      "Choose the whole folder of the model, or one file named model.safetensors.",
  );
}

function listed(files: readonly File[]): string {
  if (files.length === 0) return "nothing";
  const names = files.slice(0, 8).map(({ name }) => name);
  return names.join(", ") + (files.length > 8 ? `, … (${files.length - 8} more)` : "");
}
