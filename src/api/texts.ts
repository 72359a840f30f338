/** The user's texts that this browser keeps to train and measure on, as a programmer sees them. */
import type { KeptText, TextProgress } from "../core/kept-text.ts";
import { LabError } from "../core/lab-error.ts";
import type { LabClient } from "../rpc/client.ts";
import { shownValue } from "./options.ts";

export interface LabTexts {
  list(): Promise<KeptText[]>;
  /** Reads a text file through and keeps it; `{ texts: [it] }` in a training request trains on it. */
  add(
    file: File,
    options?: { onProgress?: (progress: TextProgress) => void; signal?: AbortSignal },
  ): Promise<KeptText>;
  delete(id: string): Promise<void>;
}

export const createTexts = (client: LabClient): LabTexts => ({
  list: () => client.call("text.list", null),
  add: async (file, options = {}) => {
    if (!((file as unknown) instanceof Blob)) {
      throw new LabError("bad-input", `a text is added as a File, not ${shownValue(file)}`);
    }
    return client.call("text.add", { file }, options);
  },
  delete: async (id) => void (await client.call("text.delete", { id })),
});
