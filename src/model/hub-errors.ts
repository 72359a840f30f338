/** Why the Hugging Face Hub refuses a file, in words. Its codes: the header `X-Error-Code`. */
import { LabError } from "../core/lab-error.ts";
import { HUB } from "../core/hub-address.ts";
import { exists } from "./fetch.ts";
import { INDEX_FILE } from "./shards.ts";
import type { FetchOptions } from "./transfer.ts";

/** The Hub, or the mirror in its place, as a sentence calls it. */
const called = (hub: string) => (hub === HUB ? "the Hugging Face Hub" : new URL(hub).host);

/** What the Hub says of the model as a whole; undefined when it is about one file only. */
export function explainRefusal(
  id: string,
  revision: string,
  hub: string,
  { status, headers }: Pick<Response, "status" | "headers">,
  kind: "model" | "repository" = "model",
): LabError | undefined {
  const code = headers.get("x-error-code");
  if (code === "GatedRepo") {
    return new LabError(
      "not-found",
      `"${id}" is gated: its owner wants to know who takes it. Accept its terms on ${HUB}${id}, ` +
        "download its files there and drop them on the page.",
    );
  }
  if (code === "RevisionNotFound") {
    return new LabError("not-found", `"${id}" has no branch, tag or commit "${revision}"`);
  }
  // Asked without an account, the Hub answers 401 for a model that does not exist, too.
  if (code === "RepoNotFound" || status === 401 || status === 403) {
    return new LabError(
      "not-found",
      `there is no ${kind} "${id}" on ${called(hub)}, or it is private. ` +
        `Check its name ("owner/name", like "${kind === "model" ? "openai-community/gpt2" : "jbloom/GPT2-Small-SAEs-Reformatted"}").`,
    );
  }
  return undefined;
}

/** A model without model.safetensors: says in what form it has its weights instead. */
export async function noSafetensors(
  id: string,
  folder: URL,
  options: Omit<FetchOptions, "what">,
): Promise<LabError> {
  const has = (file: string) =>
    exists(new URL(file, folder), { ...options, what: `${file} of ${id}` });
  if (await has("pytorch_model.bin")) {
    return new LabError(
      "unsupported",
      `"${id}" has its weights only as pytorch_model.bin, which runs code when it is read. Convert it ` +
        "(in Python: model.save_pretrained(folder) of the transformers library) and drop the files on the page.",
    );
  }
  return new LabError("not-found", `"${id}" has no model.safetensors and no ${INDEX_FILE}`);
}
