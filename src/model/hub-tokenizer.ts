/** The tokenizer's files of a model of the Hub. */
import { LabError } from "../core/lab-error.ts";
import { downloadText } from "./fetch.ts";
import type { HubModel } from "./hub-look.ts";
import type { LoadContext } from "./load-context.ts";
import { createRateMeter } from "./rate-meter.ts";
import { tokenizerFromBpe } from "./tokenizer-files.ts";

export async function hubTokenizer(
  { id, options }: HubModel,
  folder: URL,
  { progress }: LoadContext,
): Promise<{ tokenizerJson: string; tokenizerConfig: string | null }> {
  const text = (file: string) =>
    downloadText(new URL(file, folder), {
      ...options(file),
      report: createRateMeter(progress, { phase: "config", file, fromCache: false }),
    });
  const [tokenizerJson, tokenizerConfig] = await Promise.all([
    optional(text("tokenizer.json")).then((json) => json ?? fromOriginalFiles(id, text)),
    optional(text("tokenizer_config.json")),
  ]);
  return { tokenizerJson, tokenizerConfig };
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
