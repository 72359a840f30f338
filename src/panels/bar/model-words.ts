/** Models, devices and sites in the words of the bar and its dialog. */
import { HUB } from "../../core/hub-address.ts";
import type { ModelInfo } from "../../core/model-info.ts";
import type { KeptModel } from "../../core/storage-report.ts";

/** "WASM, 2 threads" or "WebGPU". */
export const deviceName = ({ device, threads }: Pick<ModelInfo, "device" | "threads">): string =>
  device === "webgpu" ? "WebGPU" : `WASM, ${threads === 1 ? "1 thread" : `${threads} threads`}`;

/** "the Hugging Face Hub", or the host (and folder) of a mirror. */
export function siteName(address: string | null): string {
  if (address === null || address === HUB) return "the Hugging Face Hub";
  const { host, pathname } = new URL(address);
  return host + (pathname === "/" ? "" : pathname.replace(/\/$/, ""));
}

/** " @ v2"; nothing for the main branch. */
export const revisionName = (revision: string | null): string =>
  revision === null || revision === "main" ? "" : ` @ ${revision}`;

/** As git shortens it. */
export const shortCommit = (commit: string): string =>
  /^[0-9a-f]{40}$/.test(commit) ? commit.slice(0, 7) : commit;

/** What there is to say of a kept model, apart from its name. */
export function keptFacts(kept: KeptModel, bytes: (n: number) => string): string[] {
  const { commit, hub, savedAt, rounded, complete, totalBytes } = kept;
  const date = new Date(savedAt);
  const known = !Number.isNaN(date.getTime());
  return [
    complete ? bytes(kept.bytes) : `${bytes(kept.bytes)} of ${bytes(totalBytes)}, unfinished`,
    ...(rounded ? ["stored as float16 here"] : []),
    ...(commit === null ? [] : [`commit ${shortCommit(commit)}`]),
    ...(hub === HUB ? [] : [`from ${siteName(hub)}`]),
    ...(known
      ? [date.toLocaleDateString("en", { day: "numeric", month: "short", year: "numeric" })]
      : []),
  ];
}
