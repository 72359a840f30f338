/** Worker methods of what is said of features. */
import type { SaeSummary } from "../core/sae.ts";
import { NOTES_FILE, type NotesOwner, readNotes, writeNotes } from "../formats/feature-notes.ts";
import type { Handlers } from "../rpc/serve.ts";
import { loadNotes, saveNotes } from "../storage/notes-store.ts";
import { listAll } from "./sae-shelf.ts";
import { LabError } from "../core/lab-error.ts";

export const notesHandlers: Pick<Handlers, Extract<keyof Handlers, `notes.${string}`>> = {
  "notes.read": async ({ saeId }) => ({ value: await storedNotes(await summaryOf(saeId)) }),
  "notes.write": async ({ saeId, features, lists }) => {
    await saveNotes(saeId, { features, lists });
    return { value: null };
  },
  "notes.export": async ({ saeId, notes }) => {
    const bytes = writeNotes(notes, ownerOf(await summaryOf(saeId)));
    return { value: { name: NOTES_FILE, bytes } };
  },
  "notes.parse": async ({ saeId, file }) => {
    const owner = ownerOf(await summaryOf(saeId));
    return { value: readNotes(new Uint8Array(await file.arrayBuffer()), owner, file.name) };
  },
};

export const ownerOf = ({ config, name }: Pick<SaeSummary, "config" | "name">): NotesOwner => ({
  ...{ modelId: config.modelId, hook: config.hook, dSae: config.dSae, name },
});

export const storedNotes = ({ id, config }: Pick<SaeSummary, "id" | "config">) =>
  loadNotes(id, config.dSae);

async function summaryOf(id: string): Promise<SaeSummary> {
  const found = (await listAll()).find((summary) => summary.id === id);
  if (found) return found;
  throw new LabError("not-found", `no SAE with id "${id}" is stored here`);
}
