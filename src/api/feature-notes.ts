/** `lab.sae.notes`: labels, notes, stars, tests and lists of an SAE's features, as they are kept in this browser. */
import type { FeatureList, FeatureNote, SaeNotes } from "../core/feature-notes.ts";
import type { LabClient } from "../rpc/client.ts";

export interface NotesOfSae {
  read(saeId: string): Promise<SaeNotes>;
  /** What changed, and nothing else. */
  write(
    saeId: string,
    change: {
      features: (readonly [number, FeatureNote | null])[];
      lists: readonly FeatureList[] | null;
    },
  ): Promise<void>;
  /** As one JSON file, the same that stands beside cfg.json when the SAE is exported. */
  export(saeId: string, notes: SaeNotes): Promise<File>;
  /** Reads such a file; it changes nothing. */
  parse(saeId: string, file: File): Promise<SaeNotes>;
}

export const createNotes = (client: LabClient): NotesOfSae => ({
  read: (saeId) => client.call("notes.read", { saeId }),
  write: async (saeId, change) => void (await client.call("notes.write", { saeId, ...change })),
  export: async (saeId, notes) => {
    const { name, bytes } = await client.call("notes.export", { saeId, notes });
    return new File([bytes as Uint8Array<ArrayBuffer>], name, { type: "application/json" });
  },
  parse: (saeId, file) => client.call("notes.parse", { saeId, file }),
});
