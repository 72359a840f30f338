/** Every SAE there is: those that ship with the app, those stored in the browser, and one that could not be stored. */
import { LabError, toLabError } from "../core/lab-error.ts";
import type { SaeConfig, SaeSummary, SaeWeights } from "../core/sae.ts";
import * as store from "../storage/sae-store.ts";
import { readDashboards } from "./dashboards-file.ts";
import type { Dashboards } from "./stored-dashboards.ts";
import { shippedDashboards, shippedSaes, shippedWeights } from "./sae-shipped.ts";

export interface OpenSae {
  summary: SaeSummary;
  config: SaeConfig;
  weights: SaeWeights;
}
interface Unsaved {
  summary: SaeSummary;
  weights: SaeWeights;
  dashboards: Uint8Array | null;
}

/** SAEs kept open: those one works with. */
const OPEN = 4;
const open = new Map<string, Promise<OpenSae>>();
const openDashboards = new Map<string, Promise<Dashboards>>();
/** Finished, but the browser had no room: here until the page closes, so that it can still be exported. */
const unsaved = new Map<string, Unsaved>();

/** A browser without storage still has those that ship, and those stored are there when the others cannot be fetched. */
export async function listAll(): Promise<SaeSummary[]> {
  const [storedSaes, shippedOnes] = await Promise.allSettled([store.listSaes(), shippedSaes()]);
  if (storedSaes.status === "rejected" && shippedOnes.status === "rejected") {
    throw storedSaes.reason;
  }
  const stored = storedSaes.status === "fulfilled" ? storedSaes.value : [];
  const shipped = shippedOnes.status === "fulfilled" ? shippedOnes.value : [];
  const here = [...unsaved.values()].map(({ summary }) => summary);
  const rest = stored.filter(({ id }) => !unsaved.has(id));
  return [...here, ...rest, ...shipped];
}

/** @throws LabError "not-found"; "bad-file" if what is stored is broken */
export const openSae = (id: string): Promise<OpenSae> => remember(open, id, () => read(id));

/** @throws LabError "not-found" if the SAE has not been measured */
export const openSaeDashboards = (id: string): Promise<Dashboards> =>
  remember(openDashboards, id, async () => {
    const { summary } = await openSae(id);
    const bytes = await dashboardBytes(summary);
    if (bytes) return readDashboards(bytes, summary.config.dSae);
    throw new LabError(
      "not-found",
      `"${summary.name}" has no statistics and examples yet; measure it on the corpus first`,
    );
  });

/** What was kept open of an SAE is not it any more. */
export function forgetSae(id: string): void {
  open.delete(id);
  openDashboards.delete(id);
}

/**
 * Stores a finished or imported SAE.
 * @param keepState keep its last checkpoint too, to be forked
 * @throws LabError, mostly "quota", if the browser does not take it; the SAE then stays on the shelf until the page closes
 */
export async function putSae(
  summary: SaeSummary,
  weights: SaeWeights,
  dashboards: Uint8Array | null,
  keepState = false,
): Promise<void> {
  forgetSae(summary.id);
  try {
    await store.saveSae(summary, weights, dashboards, keepState);
    unsaved.delete(summary.id);
  } catch (e) {
    unsaved.set(summary.id, { summary, weights, dashboards });
    const { code, message } = toLabError(e);
    throw new LabError(
      code,
      `"${summary.name}" is complete, but could not be stored: ${message} It stays on the list until this page closes: export it before.`,
      { cause: e },
    );
  }
}

/** @throws LabError "bad-input" for an SAE that ships with the app; "not-found" */
export async function removeSae(id: string): Promise<void> {
  await refuseShipped(id, "deleted");
  forgetSae(id);
  const wasUnsaved = unsaved.delete(id);
  await store.deleteSae(id).catch((e: unknown) => {
    if (!wasUnsaved) throw e;
  });
}

/** @throws LabError "bad-input" for an SAE that ships with the app or an empty name; "not-found" */
export async function renameSae(id: string, name: string): Promise<SaeSummary> {
  const clean = name.trim();
  if (clean === "" || clean.length > 200) {
    throw new LabError("bad-input", `a name has 1 to 200 characters, this one has ${clean.length}`);
  }
  await refuseShipped(id, "renamed");
  forgetSae(id);
  const held = unsaved.get(id);
  if (!held) return store.renameSae(id, clean);
  const summary = { ...held.summary, name: clean };
  unsaved.set(id, { ...held, summary });
  return summary;
}

async function read(id: string): Promise<OpenSae> {
  const held = unsaved.get(id);
  if (held) return { summary: held.summary, config: held.summary.config, weights: held.weights };
  const shipped = (await shippedSaes()).find((summary) => summary.id === id);
  if (!shipped) return store.loadSae(id);
  return { summary: shipped, config: shipped.config, weights: await shippedWeights(id) };
}

function dashboardBytes({ id, origin }: SaeSummary): Promise<Uint8Array | null> {
  const held = unsaved.get(id);
  if (held) return Promise.resolve(held.dashboards);
  return origin === "shipped" ? shippedDashboards(id) : store.loadDashboards(id);
}

async function refuseShipped(id: string, what: string): Promise<void> {
  const shipped = (await shippedSaes()).find((summary) => summary.id === id);
  if (shipped) {
    throw new LabError("bad-input", `"${shipped.name}" ships with the app and cannot be ${what}`);
  }
}

function remember<T>(
  cache: Map<string, Promise<T>>,
  id: string,
  make: () => Promise<T>,
): Promise<T> {
  const value = cache.get(id) ?? make();
  cache.delete(id);
  cache.set(id, value); // newest last
  value.catch(() => {
    if (cache.get(id) === value) cache.delete(id);
  });
  for (const old of cache.keys()) {
    if (cache.size <= OPEN) break;
    cache.delete(old);
  }
  return value;
}
