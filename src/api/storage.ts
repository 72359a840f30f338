/** What this browser keeps for the lab, as a programmer sees it; and the address of a mirror. */
import { HUB, readHubAddress } from "../core/hub-address.ts";
import { LabError } from "../core/lab-error.ts";
import type { StorageReport } from "../core/storage-report.ts";
import type { LabClient } from "../rpc/client.ts";
import { shownValue } from "./options.ts";

export interface LabStorage {
  report(): Promise<StorageReport>;
  /** Deletes the models with these keys (of the report), and tells what is left. */
  delete(keys: readonly string[]): Promise<StorageReport>;
  /** Asks the browser not to clear this site's storage by itself. Some browsers ask the user; some decide alone. */
  persist(): Promise<boolean>;
}

export const createStorage = (client: LabClient): LabStorage => ({
  report: () => client.call("storage.report", null),
  delete: (keys) => client.call("storage.delete", { keys: [...keys] }),
  persist: async () => {
    const storage = typeof navigator === "undefined" ? undefined : navigator.storage;
    return (await storage?.persist().catch(() => false)) ?? false;
  },
});

/** @throws LabError "bad-input" for what cannot be a mirror's address; undefined if it is the Hub's own */
export function readMirror(text: string): string | undefined {
  if (typeof text !== "string") {
    throw new LabError("bad-input", `a mirror's address is text, not ${shownValue(text)}`);
  }
  const base = typeof document === "undefined" ? HUB : document.baseURI;
  const address = readHubAddress(text, base);
  return address === HUB ? undefined : address;
}
