/**
 * What is said of an SAE's features, as one JSON file: beside cfg.json when an SAE is exported, or alone. Version 1.
 * { format, version, model_name, hook_name, d_sae, sae_name, features: { "412": note }, lists: [list] }, notes and lists in
 * the words of `core/feature-notes.ts`; a score has its `value` beside its counts, for readers, and it is not read back.
 */
import type { FeatureLabel, FeatureList, FeatureNote, SaeNotes } from "../core/feature-notes.ts";
import { isEmptyNote } from "../core/feature-notes.ts";
import { LabError } from "../core/lab-error.ts";
import { quoted } from "../core/quoted.ts";
import { balancedAccuracy } from "../math/detection.ts";
import { NoteReader } from "./note-reader.ts";

export const NOTES_FILE = "feature_notes.json";
const FORMAT = "glassroom-feature-notes";
const VERSION = 1;

/** The SAE that notes belong to. */
export interface NotesOwner {
  modelId: string;
  hook: string;
  dSae: number;
  name: string;
}

/** Whether a file of this name is one of notes, however a browser has numbered it. */
export const isNotesFile = (name: string): boolean => /^feature_notes.*\.json$/i.test(name);

export function writeNotes({ features, lists }: SaeNotes, owner: NotesOwner): Uint8Array {
  const told = [...features].filter(([, note]) => !isEmptyNote(note)).sort(([a], [b]) => a - b);
  const file = {
    ...{ format: FORMAT, version: VERSION },
    ...{ model_name: owner.modelId, hook_name: owner.hook },
    ...{ d_sae: owner.dSae, sae_name: owner.name },
    features: Object.fromEntries(told.map(([feature, note]) => [feature, withValues(note)])),
    lists,
  };
  return new TextEncoder().encode(`${JSON.stringify(file, null, 2)}\n`);
}

function withValues(note: FeatureNote) {
  const valued = (label: FeatureLabel) => ({
    ...label,
    scores: label.scores.map((score) => ({
      ...score,
      value: score.kind === "simulation" ? score.correlation : balancedAccuracy(score.counts),
    })),
  });
  return {
    ...note,
    label: note.label && valued(note.label),
    others: note.others.map(valued),
  };
}

/**
 * @param name the file's
 * @throws LabError "bad-file" that names the file and what is wrong, and where
 */
export function readNotes(bytes: Uint8Array, owner: NotesOwner, name = NOTES_FILE): SaeNotes {
  const read = new NoteReader(name);
  const refuse = refusal(name);
  const file = read.object(parse(bytes, refuse), "it");
  if (file["format"] !== FORMAT) {
    throw refuse(`its "format" is not "${FORMAT}": choose a file that this lab has exported`);
  }
  if (file["version"] !== VERSION) {
    throw refuse(
      `it is of version ${quoted(file["version"])}, this lab reads version ${VERSION}: choose one of that version`,
    );
  }
  checkOwner(read, file, owner, refuse);
  const features = new Map<number, FeatureNote>();
  for (const [key, value] of Object.entries(read.object(file["features"], "features"))) {
    const feature = read.feature(key, owner.dSae, "features");
    const note = read.note(value, `features["${feature}"]`);
    if (!isEmptyNote(note)) features.set(feature, note);
  }
  const lists = read
    .list(file["lists"] ?? [], "lists", 1000)
    .map((value, i): FeatureList => read.featureList(value, owner.dSae, `lists[${i}]`));
  return { features, lists };
}

function checkOwner(
  read: NoteReader,
  file: Record<string, unknown>,
  owner: NotesOwner,
  refuse: Refuse,
): void {
  const dSae = read.count(file["d_sae"], "d_sae");
  const model = read.text(file["model_name"], "model_name", 300);
  const hook = read.text(file["hook_name"], "hook_name", 300);
  const bare = (id: string) => id.split("/").at(-1);
  if (dSae === owner.dSae && hook === owner.hook && bare(model) === bare(owner.modelId)) return;
  throw refuse(
    `it is about an autoencoder of ${dSae} features at ${hook} of ${model}; “${owner.name}” has ${owner.dSae} ` +
      `at ${owner.hook} of ${owner.modelId}. Choose the file that belongs to it`,
  );
}

function parse(bytes: Uint8Array, refuse: Refuse): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw refuse("it is no JSON: choose a file that this lab has exported", cause);
  }
}

type Refuse = (why: string, cause?: unknown) => LabError;
const refusal =
  (name: string): Refuse =>
  (why, cause) =>
    new LabError("bad-file", `${name} cannot be used: ${why}`, { cause });
