/** The files of a checkpoint's tokenizer, checked so far as to know that they belong to the model. */
import { LabError } from "../core/lab-error.ts";
import { quoted } from "../core/quoted.ts";
import type { TokenizerFiles } from "../core/types.ts";

/** What `tokenizer_config.json` says when a checkpoint has none. */
export const DEFAULT_TOKENIZER_CONFIG = '{"tokenizer_class":"GPT2Tokenizer"}';

/**
 * @param json content of tokenizer.json
 * @param config content of tokenizer_config.json, null if there is none
 * @param vocabSize of the model
 * @throws LabError "bad-file"
 */
export function checkTokenizer(
  json: string,
  config: string | null,
  vocabSize: number,
): TokenizerFiles {
  const tokenizer = parse(json, "tokenizer.json");
  checkAddedTokens(tokenizer["added_tokens"] ?? []);
  const largest = largestId(field(field(tokenizer, "model"), "vocab"));
  if (largest < 0) throw new LabError("bad-file", "tokenizer.json has an empty vocabulary");
  if (largest >= vocabSize) {
    throw new LabError(
      "bad-file",
      `tokenizer.json has token ids up to ${largest}, but the model only ${vocabSize} tokens: ` +
        "it belongs to another model",
    );
  }
  if (config !== null) parse(config, "tokenizer_config.json");
  return { json, config: config ?? DEFAULT_TOKENIZER_CONFIG };
}

/**
 * A tokenizer.json out of GPT-2's original two files, for checkpoints from before it existed.
 * The byte-level BPE that they mean is the same for all of them; `<|endoftext|>` is its one special token.
 */
export function tokenizerFromBpe(vocabJson: string, mergesTxt: string): string {
  const vocab = parse(vocabJson, "vocab.json");
  largestId(vocab, "vocab.json");
  const merges = mergesTxt
    .split(/\r?\n/)
    .filter((line, i) => line !== "" && !(i === 0 && line.startsWith("#version")));
  const endOfText = "<|endoftext|>";
  const id = field(vocab, endOfText);
  const special = { special: true, normalized: false, lstrip: false, rstrip: false };
  const byteLevel = { type: "ByteLevel", add_prefix_space: false, trim_offsets: true };
  return JSON.stringify({
    version: "1.0",
    added_tokens:
      typeof id === "number" ? [{ id, content: endOfText, single_word: false, ...special }] : [],
    normalizer: null,
    pre_tokenizer: { ...byteLevel, use_regex: true },
    post_processor: null,
    decoder: { ...byteLevel, use_regex: true },
    model: { type: "BPE", unk_token: null, fuse_unk: false, vocab, merges },
  });
}

/** Most kinds of tokenizer map token → id; Unigram lists its tokens in the order of their ids. */
function largestId(vocab: unknown, file = "tokenizer.json"): number {
  if (Array.isArray(vocab)) return vocab.length - 1;
  if (!isObject(vocab)) {
    throw new LabError("bad-file", `${file} has no model.vocab; get the file again`);
  }
  let largest = -1;
  for (const [token, id] of Object.entries(vocab)) {
    if (!isId(id)) {
      throw new LabError(
        "bad-file",
        `${file} gives ${quoted(token)} the id ${quoted(id)}, which is no token id`,
      );
    }
    if (id > largest) largest = id;
  }
  return largest;
}

/** The tokenizer's library takes these as they come, and runs out of memory on a content that is no text. */
function checkAddedTokens(added: unknown) {
  const wrong = Array.isArray(added)
    ? (added as unknown[]).find(
        (token) => !isId(field(token, "id")) || typeof field(token, "content") !== "string",
      )
    : added;
  if (wrong === undefined) return;
  throw new LabError(
    "bad-file",
    `tokenizer.json has the added token ${quoted(wrong)}, which is none; get the file again`,
  );
}

const isId = (value: unknown): value is number =>
  typeof value === "number" && Number.isSafeInteger(value) && value >= 0;

function parse(text: string, file: string): Record<string, unknown> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new LabError("bad-file", `${file} is no JSON; get the file again`, { cause });
  }
  if (isObject(json)) return json;
  throw new LabError("bad-file", `${file} is no JSON object; get the file again`);
}

const field = (value: unknown, key: string): unknown =>
  isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
