/** Downloads the weight files of a model, each from where an earlier download of it ended. */
import { downloadTo } from "./fetch.ts";
import type { HubLook, HubModel } from "./hub-look.ts";
import type { LoadContext } from "./load-context.ts";
import { memoryNeed } from "./memory-need.ts";
import { type CachedRecord, partCount } from "./model-cache.ts";
import { createRateMeter } from "./rate-meter.ts";
import type { WeightPlan } from "./weight-plan.ts";
import { WeightSink } from "./weight-sink.ts";

export interface WeightFetch {
  model: HubModel;
  look: HubLook;
  plans: readonly WeightPlan[];
  record: CachedRecord;
  context: LoadContext;
  /** A part of an earlier download of the same file; null if there is none. */
  readKept: (file: number, part: number) => Promise<Blob | null>;
  /** Told, before the first request, how many parts of each file are there. */
  onBegin: (parts: number[]) => void;
  onBytes: (file: number, bytes: Uint8Array<ArrayBuffer>, filled: number) => void;
}

/** @returns what is kept of each file, in the record's order */
export async function fetchWeights(fetch: WeightFetch): Promise<Uint8Array<ArrayBuffer>[]> {
  const { model, look, plans, record, context } = fetch;
  const begun: { sink: WeightSink; parts: number }[] = [];
  for (let file = 0; file < plans.length; file++) begun.push(await restore(fetch, file));
  fetch.onBegin(begun.map(({ parts }) => parts));
  const { fileBytes } = look.preview;
  const { peakBytes: memoryBytes } = memoryNeed(look.preview, sum(plans, "outBytes"));
  for (const [file, { sink }] of begun.entries()) {
    const { name, tag } = record.files[file]!;
    const label = { phase: "weights", file: name, fromCache: false, memoryBytes } as const;
    const meter = createRateMeter(context.progress, label);
    const others = begun.reduce((n, other, i) => (i === file ? n : n + other.sink.length), 0);
    await downloadTo(new URL(name, look.folder), sink, {
      ...model.options(name),
      expectedBytes: plans[file]!.inBytes,
      expectedTag: tag,
      report: (loaded) => {
        meter(others + loaded, fileBytes);
        fetch.onBytes(file, sink.bytes, sink.filled);
      },
    });
  }
  return begun.map(({ sink }) => sink.bytes);
}

async function restore({ plans, record, readKept }: WeightFetch, file: number) {
  const sink = new WeightSink(plans[file]!, record.files[file]!.name);
  const pieces: Uint8Array[] = [];
  for (let part = 0; part < partCount(record, file); part++) {
    const blob = await readKept(file, part);
    if (!blob) break;
    pieces.push(new Uint8Array(await blob.arrayBuffer()));
  }
  sink.restore(pieces);
  return { sink, parts: pieces.length };
}

const sum = (plans: readonly WeightPlan[], key: "outBytes") =>
  plans.reduce((n, plan) => n + plan[key], 0);
