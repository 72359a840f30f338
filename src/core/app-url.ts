/**
 * Where the app's own files lie: it may be served under any path, so every address is made from one base.
 * The page names its worker after `new URL("./", document.baseURI)`, and `worker.ts` passes that on before it serves.
 */
import { LabError } from "./lab-error.ts";

let base: string | undefined;

export function setAppBase(url: string): void {
  base = new URL(url).href;
}

/** Absolute address of a file of the app, e.g. `appUrl("models/index.json")`. */
export function appUrl(path: string): string {
  if (base === undefined) throw new LabError("internal", "the app's address was not set");
  return new URL(path, base).href;
}
