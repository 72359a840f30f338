/**
 * A text-generation model of the Hub in this worker, by transformers.js: any that has an ONNX export there. Its files are kept
 * in the browser's cache by the library. It is apart from the model on the bench: another worker, another memory.
 */
import {
  AutoModelForCausalLM,
  AutoTokenizer,
  env,
  InterruptableStoppingCriteria,
  LogLevel,
  type PreTrainedModel,
  type PreTrainedTokenizer,
  type ProgressInfo,
  type Tensor,
} from "@huggingface/transformers";
import * as ort from "onnxruntime-web/webgpu";
import { appUrl } from "../core/app-url.ts";
import { HUB } from "../core/hub-address.ts";
import { LabError } from "../core/lab-error.ts";
import {
  type Answer,
  type Message,
  type Question,
  type WriterProgress,
  type WriterSource,
} from "../core/writer.ts";

type HubWriter = Extract<WriterSource, { kind: "hub" }>;
interface Opened {
  name: string;
  tokenizer: PreTrainedTokenizer;
  model: PreTrainedModel;
}
let opened: Opened | null = null;
const nameOf = ({ hub, id, dtype }: HubWriter) => `${hub ?? HUB} ${id} ${dtype}`;

/** @throws LabError "not-found", "network" or "unsupported" */
export async function openWriter(
  source: HubWriter,
  progress: (progress: WriterProgress) => void,
): Promise<void> {
  if (opened?.name === nameOf(source)) return;
  const { id, dtype, hub } = source;
  env.allowLocalModels = false;
  env.remoteHost = hub ?? HUB;
  env.useWasmCache = false;
  env.logLevel = LogLevel.ERROR;
  ort.env.wasm.wasmPaths = appUrl("ort/");
  ort.env.wasm.numThreads = self.crossOriginIsolated
    ? Math.min(4, navigator.hardwareConcurrency)
    : 1;
  const progress_callback = (info: ProgressInfo) => {
    if (info.status !== "progress") return;
    const { file, loaded, total } = info;
    progress({ file, loadedBytes: loaded, totalBytes: total > 0 ? total : null });
  };
  try {
    await opened?.model.dispose();
    opened = null;
    const tokenizer = await AutoTokenizer.from_pretrained(id, { progress_callback });
    const model = await AutoModelForCausalLM.from_pretrained(id, {
      ...{ dtype, progress_callback, device: (await hasGpu()) ? "webgpu" : "wasm" },
    });
    opened = { name: nameOf(source), tokenizer, model };
  } catch (e) {
    throw explained(e, source);
  }
}

/** Greedy, as a judge should be. */
export async function askWriter(
  source: HubWriter,
  { messages, most }: Question,
  signal: AbortSignal,
): Promise<Answer> {
  if (opened?.name !== nameOf(source)) {
    throw new LabError("not-found", `“${source.id}” is not loaded; load it again`);
  }
  const { tokenizer, model } = opened;
  const inputs = tokenizer(promptOf(tokenizer, messages)) as { input_ids: Tensor };
  const asked = inputs.input_ids.dims.at(-1) ?? 0;
  const stop = new InterruptableStoppingCriteria();
  const interrupt = () => stop.interrupt();
  signal.addEventListener("abort", interrupt, { once: true });
  try {
    const output = (await model.generate({
      ...inputs,
      ...{ max_new_tokens: most, do_sample: false, stopping_criteria: stop },
    })) as Tensor;
    if (signal.aborted) throw new LabError("cancelled", "cancelled");
    const ids = Array.from(output.data as BigInt64Array, Number).slice(asked);
    const text = tokenizer.decode(ids, { skip_special_tokens: true });
    return { text, tokens: { asked, answered: ids.length, estimated: false } };
  } catch (e) {
    throw explained(e, source);
  } finally {
    signal.removeEventListener("abort", interrupt);
  }
}

/** In the form that the model was trained on, where its tokenizer has one. */
function promptOf(tokenizer: PreTrainedTokenizer, messages: readonly Message[]): string {
  if (tokenizer.chat_template === null) {
    return `${messages.map(({ content }) => content).join("\n\n")}\n\nAnswer:`;
  }
  return tokenizer.apply_chat_template([...messages], {
    tokenize: false,
    add_generation_prompt: true,
  });
}

/** Software WebGPU is far slower than WebAssembly. */
async function hasGpu(): Promise<boolean> {
  const { gpu } = navigator as { gpu?: GPU };
  const adapter = await gpu?.requestAdapter().catch(() => null);
  return adapter ? !/swiftshader|llvmpipe/i.test(Object.values(adapter.info).join(" ")) : false;
}

function explained(e: unknown, { id, dtype, hub }: HubWriter): LabError {
  if (e instanceof LabError) return e;
  const why = e instanceof Error ? e.message : String(e);
  const from = new URL(hub ?? HUB).host;
  if (/Unauthorized|Forbidden|40[13]/i.test(why)) {
    return new LabError(
      "not-found",
      `${from} has no model “${id}” that everyone may read; check its name, or accept its terms there`,
      { cause: e },
    );
  }
  if (why.includes("Cannot read properties")) {
    // The library passes over a tokenizer that is missing, and trips over it later.
    return new LabError(
      "not-found",
      `${from} has no text-generation model “${id}” that everyone may read; check its name`,
      { cause: e },
    );
  }
  if (/Could not locate|404|not found/i.test(why)) {
    return new LabError(
      "not-found",
      `“${id}” lacks a file that a text-generation model in ${dtype} needs (${why}); choose a model with ONNX files, or another precision`,
      { cause: e },
    );
  }
  if (/fetch|network|load failed|Failed to/i.test(why)) {
    return new LabError(
      "network",
      `${from} could not be reached (${why}); check the connection, and try again`,
      { cause: e },
    );
  }
  return new LabError(
    "unsupported",
    `“${id}” cannot write text here (${why}); choose another text-generation model`,
    { cause: e },
  );
}
