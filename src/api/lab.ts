/**
 * The lab as a programmer sees it: `window.lab` in the console, and the only way the app itself reaches the worker.
 * A thin, typed face of the worker's methods; what must be synchronous (tokenising, an SAE's encode and decode) runs here.
 */
import { HUB } from "../core/hub-address.ts";
import { LabError } from "../core/lab-error.ts";
import { type EditedSpec, modelStamp } from "../core/model-edit.ts";
import type { SelfCheckProgress, SelfCheckReport } from "../core/self-check.ts";
import type { ModelInfo } from "../core/model-info.ts";
import type { HubSource, LoadProgress, ModelLook, ModelSource } from "../core/model-source.ts";
import type { PromptView } from "../core/prompt-view.ts";
import type {
  Device,
  DevicePreference,
  Gpt2Config,
  Prediction,
  TensorData,
} from "../core/types.ts";
import type { LabClient } from "../rpc/client.ts";
import type { PromptInput } from "../rpc/procedure.ts";
import type { Recovers, RecoveryEvent } from "../rpc/recover.ts";
import { type CircuitShelf, createCircuitShelf } from "./circuit-shelf.ts";
import { createEdited, type LabEdited } from "./edited.ts";
import { createModel, type LabModel } from "./model.ts";
import { whileOnBench } from "./on-bench.ts";
import { checkChoice, checkOptions, shownValue } from "./options.ts";
import type { Sae } from "./sae.ts";
import { createSaeShelf, type SaeShelf, type TrainOptions } from "./sae-shelf.ts";
import { createWriter, type SpawnWriter, type Writer } from "./writer.ts";
import { createStorage, readMirror, type LabStorage } from "./storage.ts";
import { createTexts, type LabTexts } from "./texts.ts";

export const EMBEDDED_MODEL = "tinylab-gpt2-4l";

export interface LoadOptions {
  device?: DevicePreference | undefined;
  /** Branch, tag or commit on the Hub. @default "main" */
  revision?: string | undefined;
  /** Address of a mirror in place of the Hub. @default `lab.hub` */
  hub?: string | null | undefined;
  /** Keep float32 weights rounded to float16, if the model is not kept yet: half the storage. @default "as-is" */
  keepAs?: "as-is" | "float16" | undefined;
  /** Load the branch's newest commit, also when an older one is kept. */
  refresh?: boolean | undefined;
  /** Of the folder that files came in. */
  name?: string | undefined;
  /** Edits of its weights (`lab.edited`). */
  edited?: EditedSpec | null | undefined;
  onProgress?: ((progress: LoadProgress) => void) | undefined;
  signal?: AbortSignal | undefined;
}
export type LoadListener = (
  info: ModelInfo,
  what: string | readonly File[],
  options: LoadOptions,
) => void;

export interface SelfCheckOptions {
  onProgress?: ((progress: SelfCheckProgress) => void) | undefined;
  signal?: AbortSignal | undefined;
}
export interface Lab {
  /** The model on the bench; null until the first one has loaded. */
  readonly model: LabModel | null;
  readonly sae: SaeShelf;
  /** A language model that is asked about features. */
  readonly writer: Writer;
  /** The circuits that this browser keeps. */
  readonly circuits: CircuitShelf;
  /** The user's texts to train and measure on. */
  readonly texts: LabTexts;
  /** Models with edited weights. */
  readonly edited: LabEdited;
  /** What this browser keeps, and its deletion. */
  readonly storage: LabStorage;
  /** Address of a mirror in place of the Hugging Face Hub; null: the Hub itself. */
  hub: string | null;
  /** What a model of the Hub is and needs, before it is fetched. Fails like `load` for one that cannot run here. */
  look(id: string, options?: LoadOptions): Promise<ModelLook>;
  /** The commit that a branch is at now, and the one that is kept for it here. */
  newest(
    id: string,
    options?: LoadOptions,
  ): Promise<{ kept: string | null; newest: string | null }>;
  /** A Hub id, the embedded model's name, or the checkpoint's own files. The model on the bench stays if this fails. */
  load(what: string | readonly File[], options?: LoadOptions): Promise<LabModel>;
  /** Starts another worker and puts the model back on the bench. Happens by itself when the worker or its GPU is lost. */
  restart(): Promise<void>;
  onRecovery(listener: (event: RecoveryEvent) => void): void;
  /** Told of every model that arrives, whoever asked for it, with what `load` was given. */
  onLoad(listener: LoadListener): void;
  /** Runs what is known of the model on the bench, and what must hold in any: expected, found, difference, verdict. */
  selfCheck(options?: SelfCheckOptions): Promise<SelfCheckReport>;
}
export type {
  FigureName,
  FigureOptions,
  FigureProgress,
  FigureValue,
  StudyName,
  StudyOptions,
  StudyProgress,
  StudyValue,
} from "../rpc/figure-contract.ts";
export type {
  Device,
  Gpt2Config,
  LabModel,
  ModelInfo,
  Prediction,
  PromptInput,
  PromptView,
  RecoveryEvent,
  Sae,
  SaeShelf,
  TensorData,
  TrainOptions,
};

type SourceOptions = Pick<LoadOptions, "revision" | "hub" | "keepAs" | "refresh" | "name">;

const LOAD_OPTIONS: Record<keyof LoadOptions, true> = {
  device: true,
  revision: true,
  hub: true,
  keepAs: true,
  refresh: true,
  name: true,
  edited: true,
  onProgress: true,
  signal: true,
};

function checkLoadOptions(of: string, options: LoadOptions): void {
  checkOptions<LoadOptions>(of, options, LOAD_OPTIONS);
  checkChoice('"device"', options.device ?? "auto", ["auto", "webgpu", "wasm"]);
  checkChoice('"keepAs"', options.keepAs ?? "as-is", ["as-is", "float16"]);
}

/** Reads what `lab.load` was given. @throws LabError "bad-input" for something that cannot be a model id */
export function toModelSource(
  what: string | readonly File[],
  { name, ...options }: SourceOptions = {},
): ModelSource {
  if (typeof what !== "string") return { kind: "files", files: readFiles(what), name };
  const id = what.trim();
  if (id === EMBEDDED_MODEL) return { kind: "embedded", id };
  return toHubSource(id, options);
}

function readFiles(what: unknown): File[] {
  const files: unknown[] = Symbol.iterator in new Object(what) ? [...(what as File[])] : [null];
  if (files.every((file) => file instanceof Blob)) return files as File[];
  throw new LabError(
    "bad-input",
    `a model is an id like "openai-community/gpt2", or a list of a checkpoint's files, not ${shownValue(what)}`,
  );
}

/** The address of a model's page, as people copy it. */
const PAGE_OF_HUB = /^(?:https?:\/\/)?(?:huggingface|hf)\.co\/([\w.-]+\/[\w.-]+)\/?$/;

/** @throws LabError "bad-input" */
export function toHubSource(what: string, options: SourceOptions = {}): HubSource {
  if (typeof what !== "string") {
    throw new LabError(
      "bad-input",
      `a model id is text like "openai-community/gpt2", not ${shownValue(what)}`,
    );
  }
  const { revision = "main", hub, keepAs, refresh } = options;
  const id = what.trim().replace(PAGE_OF_HUB, "$1");
  if (!/^[\w.-]+(\/[\w.-]+)?$/.test(id) || id.includes("..")) {
    throw new LabError(
      "bad-input",
      `"${what}" is no model id; write one like "openai-community/gpt2"`,
    );
  }
  const mirror = hub === null || hub === undefined ? undefined : readMirror(hub);
  return {
    kind: "hub",
    id,
    revision,
    hub: mirror,
    half: keepAs === "float16" || undefined,
    refresh,
  };
}

/** The first byte of a download is when a browser is asked not to clear this site's storage by itself. */
function keepingIt(storage: LabStorage, tell: LoadOptions["onProgress"]) {
  let asked = false;
  return (progress: LoadProgress) => {
    if (!asked && progress.phase === "weights" && !progress.fromCache) {
      asked = true;
      void storage.persist();
    }
    tell?.(progress);
  };
}

/** @param spawnWriter starts the second worker; without it no language model can be asked */
export function createLab(client: LabClient & Partial<Recovers>, spawnWriter?: SpawnWriter): Lab {
  let model: LabModel | null = null;
  let onBench: { info: ModelInfo } | null = null;
  client.onRecovery?.((event) => {
    // The same model, perhaps on another device.
    if (event.kind === "running" && event.info && onBench) onBench.info = event.info;
  });
  const hearLoads: LoadListener[] = [];
  let mirror: string | null = null;
  const storage = createStorage(client);
  return {
    get model() {
      return model;
    },
    sae: createSaeShelf(client, () => mirror ?? HUB),
    circuits: createCircuitShelf(client),
    texts: createTexts(client),
    edited: createEdited(client),
    writer: createWriter(spawnWriter),
    storage,
    get hub() {
      return mirror;
    },
    set hub(address) {
      mirror = address === null ? null : (readMirror(address) ?? null);
    },
    look: async (id, given = {}) => {
      checkLoadOptions("look", given);
      const { device = "auto", onProgress, signal, ...options } = given;
      const source = toHubSource(id, { hub: mirror, ...options });
      return client.call("model.look", { source, device }, { onProgress, signal });
    },
    newest: async (id, given = {}) => {
      checkLoadOptions("newest", given);
      const { signal, ...options } = given;
      return client.call("model.newest", toHubSource(id, { hub: mirror, ...options }), { signal });
    },
    load: async (what, given = {}) => {
      checkLoadOptions("load", given);
      const { device = "auto", onProgress: tell, signal, edited: edits, ...options } = given;
      const edited = edits ? { id: edits.id, name: edits.name, edits: edits.edits } : undefined;
      const source = toModelSource(what, { hub: mirror, ...options });
      const onProgress = source.kind === "hub" ? keepingIt(storage, tell) : tell;
      void import("../text/tokenizer.ts").catch(() => {}); // fetched meanwhile; `createModel` reports what is wrong
      const asked = { source, device, edited };
      const loaded = await client.call("model.load", asked, { onProgress, signal });
      const mine = { info: loaded.info, stamp: modelStamp(loaded.info, edited?.edits ?? []) };
      onBench = mine;
      const own = whileOnBench(client, mine.info.id, () => onBench === mine);
      model = await createModel(own, mine, loaded.tokenizer);
      hearLoads.forEach((tell) => tell(mine.info, what, given));
      return model;
    },
    restart: async () => client.restart?.(),
    onRecovery: (listener) => client.onRecovery?.(listener),
    onLoad: (listener) => void hearLoads.push(listener),
    selfCheck: (options = {}) => client.call("lab.selfCheck", null, options),
  };
}
