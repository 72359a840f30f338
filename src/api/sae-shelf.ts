/**
 * `lab.sae`: every SAE there is, and what makes new ones. Training, resuming and importing give a handle that can encode, so
 * the weights come along; who needs none of them on the page, like the app itself, asks through `summaries`.
 */
import type { Basis } from "../core/basis.ts";
import type { TextRef } from "../core/kept-text.ts";
import { LabError } from "../core/lab-error.ts";
import type { ImportOutcome, SaidOfSae } from "../core/sae-import.ts";
import type { FeatureDashboard } from "../core/feature-dashboard.ts";
import type {
  FeatureExample,
  FeatureTable,
  HubSae,
  SaeSummary,
  TrainProgress,
  TrainRequest,
} from "../core/sae.ts";
import { REPORT_CONTEXTS, type SaeReport } from "../core/sae-report.ts";
import type { LoadProgress } from "../core/model-source.ts";
import type { ForkChange } from "../core/sae-fork.ts";
import type { TrainingRoom, TrialProgress, TrialResult } from "../core/sae-trial.ts";
import type { LabClient } from "../rpc/client.ts";
import { createNotes, type NotesOfSae } from "./feature-notes.ts";
import { createLabels, type LabelMaker } from "./labels.ts";
import { shownValue } from "./options.ts";
import { createSae, exportedFiles, type Sae } from "./sae.ts";

export interface TrainOptions {
  onProgress?: ((progress: TrainProgress) => void) | undefined;
  signal?: AbortSignal | undefined;
}
export interface ReportOptions {
  contexts?: number | undefined;
  onProgress?: ((progress: { done: number; total: number }) => void) | undefined;
  signal?: AbortSignal | undefined;
}
export interface FetchSaeOptions {
  /** A folder, or a `.pt` file. @default the repository's root */
  path?: string | undefined;
  /** @default "main" */
  revision?: string | undefined;
  said?: Partial<SaidOfSae> | undefined;
  onProgress?: ((progress: LoadProgress) => void) | undefined;
  signal?: AbortSignal | undefined;
}
interface Signal {
  signal?: AbortSignal | undefined;
}

/** What makes an SAE; `S` is what is given of it. */
interface SaeSources<S> {
  /** Harvest, train, measure, store. One at a time: another call is refused while one is under way. */
  train(request: TrainRequest, options?: TrainOptions): Promise<S>;
  /**
   * Several in one run, each batch harvested once for all; each comes out as it would alone. They must agree in what the
   * stream depends on: hooks, tokens, batch size, seed.
   */
  sweep(requests: readonly TrainRequest[], options?: TrainOptions): Promise<S[]>;
  /** Goes on with an unfinished run from its last checkpoint, of a sweep with all its members. */
  resume(id: string, options?: TrainOptions): Promise<S>;
  /** A new run from where an unfinished one stands (or a finished one that kept its state), with some settings changed. */
  fork(id: string, change: ForkChange, options?: TrainOptions): Promise<S>;
  /**
   * `cfg.json` and `sae_weights.safetensors` in SAELens's format (and `sparsity.safetensors`), or a `.pt` file of OpenAI or
   * dictionary_learning. `said`: what the files do not say, mostly which hook point they read.
   */
  import(files: readonly File[], said?: Partial<SaidOfSae>): Promise<S>;
  /** The same from the Hub: of a folder of a repository, or of a `.pt` file by its path. */
  fetch(repo: string, options?: FetchSaeOptions): Promise<S>;
}
/** The SAEs come with their weights, ready to encode. */
export interface SaeShelf extends SaeSources<Sae> {
  list(): Promise<SaeSummary[]>;
  load(id: string): Promise<Sae>;
  /** The same calls for who needs no weights: they stay in the worker. */
  readonly summaries: SaeSources<SaeSummary>;
  /** What is said of features: labels, notes, stars, tests, lists. */
  readonly notes: NotesOfSae;
  readonly labels: LabelMaker;
  /** What `import` and `fetch` do, but for files that do not say what they read: those are answered with a question. */
  take(
    from: readonly File[] | Pick<HubSae, "repo" | "path" | "revision">,
    said: SaidOfSae | null,
    /** `folder`: where files lie, if that is known. */
    options?: Pick<FetchSaeOptions, "onProgress" | "signal"> & { folder?: string | undefined },
  ): Promise<ImportOutcome>;
  setPaused(paused: boolean): Promise<void>;
  /** Whether a few features are looked at while a run is under way. @default true */
  setWatched(on: boolean): Promise<void>;
  /** A second of training, timed and thrown away: how long a run would take here. */
  trial(
    request: TrainRequest,
    options?: { onProgress?: (progress: TrialProgress) => void; signal?: AbortSignal },
  ): Promise<TrialResult>;
  /** What there is room for here, as far as the browser tells. */
  room(): Promise<TrainingRoom>;
  /**
   * Statistics and examples of every feature. `again`: also where there are some. @default false `texts`: kept texts to read,
   * and to judge and label it by from then on; none: the lab's corpus. @default those that it was trained on
   */
  measure(
    id: string,
    options?: TrainOptions & { again?: boolean; texts?: readonly TextRef[] },
  ): Promise<SaeSummary>;
  /**
   * The report card on held-out text: reconstruction, and what the model's predictions lose with x̂ in x's place. Kept in the
   * browser. `contexts`: how many are read. @default 16
   */
  report(id: string, options?: ReportOptions): Promise<SaeReport>;
  /** Every report card that is kept here. */
  reports(): Promise<SaeReport[]>;
  rename(id: string, name: string): Promise<SaeSummary>;
  delete(id: string): Promise<void>;
  export(id: string): Promise<File[]>;
  features(id: string, options?: Signal): Promise<FeatureTable>;
  /** `basis`: of the effects on tokens. @default "raw" */
  dashboard(
    id: string,
    feature: number,
    options?: Signal & { basis?: Basis },
  ): Promise<FeatureDashboard>;
  examples(id: string, feature: number, n: number): Promise<FeatureExample[]>;
}

/** @param hub address of the Hub, or of the mirror in its place */
export function createSaeShelf(client: LabClient, hub: () => string): SaeShelf {
  const take: SaeShelf["take"] = (from, said, { folder, ...options } = {}) =>
    "repo" in from
      ? client.call("sae.fetch", { place: { hub: hub(), ...from }, said }, options)
      : client.call("sae.import", { files: [...from], said, ...(folder && { folder }) });
  const summaries: SaeSources<SaeSummary> = {
    train: async (request, options = {}) => {
      if (typeof request !== "object" || (request as TrainRequest | null) === null) {
        throw new LabError(
          "bad-input",
          `training needs a request like { hook, dSae, variant, tokens, … }, not ${shownValue(request)}`,
        );
      }
      return client.call("sae.train", request, options);
    },
    sweep: async (requests, options = {}) => {
      let ids: string[] = [];
      const onProgress = (progress: TrainProgress) => {
        ids = progress.members?.map(({ id }) => id) ?? [progress.runId];
        options.onProgress?.(progress);
      };
      await client.call("sae.sweep", { requests: [...requests] }, { ...options, onProgress });
      const all = await client.call("sae.list", null);
      return ids.flatMap((id) => all.filter((sae) => sae.id === id));
    },
    resume: (id, options = {}) => client.call("sae.continue", { id }, options),
    fork: (id, change, options = {}) => client.call("sae.fork", { id, change }, options),
    import: async (files, said) => summaryOf(await take(files, complete(said))),
    fetch: async (repo, { path = "", revision = "main", said, ...options } = {}) =>
      summaryOf(await take({ repo, path, revision }, complete(said), options)),
  };
  const ready = async (summary: Promise<SaeSummary>) => createSae(client, await summary);
  const list = () => client.call("sae.list", null);
  return {
    list,
    load: async (id) => {
      const summary = (await list()).find((one) => one.id === id);
      if (!summary) throw new LabError("not-found", `no SAE with id "${id}" is stored here`);
      return createSae(client, summary);
    },
    summaries,
    notes: createNotes(client),
    labels: createLabels(client),
    train: (request, options) => ready(summaries.train(request, options)),
    sweep: async (requests, options) =>
      Promise.all((await summaries.sweep(requests, options)).map((sae) => createSae(client, sae))),
    resume: (id, options) => ready(summaries.resume(id, options)),
    fork: (id, change, options) => ready(summaries.fork(id, change, options)),
    import: (files, said) => ready(summaries.import(files, said)),
    fetch: (repo, options) => ready(summaries.fetch(repo, options)),
    take,
    trial: (request, options = {}) => client.call("sae.trial", request, options),
    room: () => client.call("sae.room", null),
    setWatched: async (on) => void (await client.call("sae.watch", { on })),
    setPaused: async (paused) => void (await client.call("sae.pause", { paused })),
    measure: (id, { again = false, texts, ...options } = {}) =>
      client.call("sae.measure", { id, again, ...(texts && { texts }) }, options),
    report: (id, { contexts = REPORT_CONTEXTS, ...options } = {}) =>
      client.call("report.make", { saeId: id, contexts }, options),
    reports: () => client.call("report.list", null),
    rename: (id, name) => client.call("sae.rename", { id, name }),
    delete: async (id) => void (await client.call("sae.delete", { id })),
    export: (id) => exportedFiles(client, id),
    features: (id, options = {}) => client.call("sae.features", { id }, options),
    dashboard: (id, feature, { basis = "raw", signal } = {}) =>
      client.call("sae.dashboard", { id, feature, basis }, { signal }),
    examples: (id, feature, n) => client.call("sae.examples", { id, feature, n }),
  };
}

const complete = (said: Partial<SaidOfSae> | undefined): SaidOfSae | null =>
  said?.hook === undefined ? null : { modelId: "unknown", ...said, hook: said.hook };

function summaryOf(outcome: ImportOutcome): SaeSummary {
  if ("summary" in outcome) return outcome.summary;
  const { file, dIn, dSae, kinds } = outcome.question;
  const kind = kinds.length > 0 ? `, kind: ${kinds.map((one) => `"${one}"`).join(" or ")}` : "";
  throw new LabError(
    "bad-input",
    `${file} (${dSae} features of ${dIn} numbers) does not say what it reads. Say it: { hook: "blocks.8.hook_resid_post", modelId: "…"${kind} }`,
  );
}
