/** Worker methods of what is said of features, and of the feature on texts of the user's. */
import type { FeatureList, FeatureNote, SaeNotes } from "../core/feature-notes.ts";
import type { Procedure } from "./procedure.ts";

export interface NotesApi {
  "notes.read": Procedure<{ saeId: string }, SaeNotes>;
  /** What changed, and nothing else. A note that is null is deleted; lists that are null stay as they are. */
  "notes.write": Procedure<
    {
      saeId: string;
      features: (readonly [feature: number, note: FeatureNote | null])[];
      lists: readonly FeatureList[] | null;
    },
    null
  >;
  "notes.export": Procedure<
    { saeId: string; notes: SaeNotes },
    { name: string; bytes: Uint8Array }
  >;
  /** A file of notes, checked against the SAE. It changes nothing. */
  "notes.parse": Procedure<{ saeId: string; file: File }, SaeNotes>;
}
