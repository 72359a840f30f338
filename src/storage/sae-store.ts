/**
 * SAEs in the browser's IndexedDB: what is listed (`summaries`), and apart from it, because it is large, `weights`,
 * `dashboards` and the last `checkpoints` of unfinished runs. Whatever belongs together is written in one transaction:
 * when the browser gives no more room, the whole write fails and what was there before stays.
 */
import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import { LabError } from "../core/lab-error.ts";
import type { SaeSummary, SaeWeights } from "../core/sae.ts";
import { abort } from "./abort.ts";
import {
  checkStoredCheckpoint,
  checkStoredWeights,
  isSummary,
  type StoredCheckpoint,
} from "./records.ts";
import { storageError } from "./storage-error.ts";

interface Schema extends DBSchema {
  summaries: { key: string; value: SaeSummary };
  weights: { key: string; value: SaeWeights };
  dashboards: { key: string; value: Uint8Array };
  checkpoints: { key: string; value: StoredCheckpoint };
}
const STORES = ["summaries", "weights", "dashboards", "checkpoints"] as const;
const NAME = "glassroom-saes";
const VERSION = 1;

let database: Promise<IDBPDatabase<Schema>> | null = null;

function open(): Promise<IDBPDatabase<Schema>> {
  const forget = () => {
    database = null;
  };
  database ??= openDB<Schema>(NAME, VERSION, {
    upgrade: (db) => STORES.forEach((name) => db.createObjectStore(name)),
    // Another tab wants a newer version, or the browser closed the database: the next call opens it anew.
    blocking: (_current, _wanted, event) => {
      (event.target as IDBDatabase).close();
      forget();
    },
    terminated: forget,
  }).catch((e: unknown) => {
    forget();
    throw storageError(e, 0);
  });
  return database;
}

/** Newest first. A record that is not a summary any more is left out. */
export async function listSaes(): Promise<SaeSummary[]> {
  const db = await open();
  const all: unknown[] = await db.getAll("summaries");
  return all.filter(isSummary).sort((a, b) => b.createdAt.localeCompare(a.createdAt));
}

/** @throws LabError "not-found" */
export async function getSummary(id: string): Promise<SaeSummary> {
  const summary: unknown = await (await open()).get("summaries", id);
  if (isSummary(summary)) return summary;
  throw new LabError("not-found", `no SAE with id "${id}" is stored here`);
}

/** @throws LabError "not-found"; "bad-file" if what is stored is broken */
export async function loadSae(
  id: string,
): Promise<{ config: SaeSummary["config"]; weights: SaeWeights; summary: SaeSummary }> {
  const summary = await getSummary(id);
  const stored = await (await open()).get("weights", id);
  if (stored === undefined && summary.status === "unfinished") {
    throw new LabError(
      "not-found",
      `"${summary.name}" was stopped before its first step and has no weights yet; go on with its training`,
    );
  }
  const weights = checkStoredWeights(stored, summary);
  return { config: summary.config, weights, summary };
}

export async function loadDashboards(id: string): Promise<Uint8Array | null> {
  return (await (await open()).get("dashboards", id)) ?? null;
}

/** @throws LabError "not-found" if there is none; "bad-file" if it is broken */
export async function loadCheckpoint(
  id: string,
): Promise<{ summary: SaeSummary; checkpoint: StoredCheckpoint }> {
  const summary = await getSummary(id);
  if (summary.status === "finished") {
    throw new LabError(
      "not-found",
      `"${summary.name}" is finished; there is nothing to go on with`,
    );
  }
  return { summary, checkpoint: await checkpointOf(summary) };
}

/** The last checkpoint of a run, or of a finished one that kept it. @throws LabError "not-found" if there is none */
export async function loadForkPoint(
  id: string,
): Promise<{ summary: SaeSummary; checkpoint: StoredCheckpoint; weights: SaeWeights }> {
  const { summary, weights } = await loadSae(id);
  if (summary.status === "finished" && !summary.request?.keepState) {
    throw new LabError(
      "not-found",
      `"${summary.name}" is finished, and what it takes to go on from it was not kept; ask for that before a run`,
    );
  }
  return { summary, weights, checkpoint: await checkpointOf(summary) };
}

const checkpointOf = async (summary: SaeSummary): Promise<StoredCheckpoint> =>
  checkStoredCheckpoint(await (await open()).get("checkpoints", summary.id), summary);

/** Puts a finished or imported SAE away; its checkpoint, if any, has done its duty, unless it is kept. @throws LabError "quota" */
export const saveSae = (
  summary: SaeSummary,
  weights: SaeWeights,
  dashboards: Uint8Array | null,
  keepCheckpoint = false,
): Promise<void> =>
  write(summary.bytes + (dashboards?.length ?? 0), (put, remove) => {
    if (!keepCheckpoint) remove("checkpoints", summary.id);
    put("summaries", summary.id, summary);
    put("weights", summary.id, weights);
    if (dashboards) put("dashboards", summary.id, dashboards);
  });

/** An SAE that is being trained, as far as it has come. */
export interface Reached {
  summary: SaeSummary;
  weights: SaeWeights;
  checkpoint: StoredCheckpoint;
}

/** Puts a run away that has not made a step yet, so that it is not lost should the page close before it has. */
export const saveStarts = (members: readonly Omit<Reached, "weights">[]): Promise<void> =>
  write(0, (put) => {
    for (const { summary, checkpoint } of members) {
      put("summaries", summary.id, summary);
      put("checkpoints", summary.id, checkpoint);
    }
  });

/**
 * Puts an unfinished run away in place of its last checkpoint: weights as they are, and all that is needed to go on. Of a
 * sweep all members, or, where there is no room for one, none.
 */
export const saveCheckpoints = (members: readonly Reached[]): Promise<void> =>
  write(
    members.reduce((bytes, { summary }) => bytes + 4 * summary.bytes, 0),
    (put) => {
      for (const { summary, weights, checkpoint } of members) {
        put("summaries", summary.id, summary);
        put("weights", summary.id, weights);
        put("checkpoints", summary.id, checkpoint);
      }
    },
  );

export async function renameSae(id: string, name: string): Promise<SaeSummary> {
  const summary = { ...(await getSummary(id)), name };
  await write(0, (put) => put("summaries", id, summary));
  return summary;
}

/** @throws LabError "not-found" */
export async function deleteSae(id: string): Promise<void> {
  const found = await (await open()).getKey("summaries", id);
  if (found === undefined) {
    throw new LabError("not-found", `no SAE with id "${id}" is stored here`);
  }
  await write(0, (_put, remove) => STORES.forEach((store) => remove(store, id)));
}

type StoreName = (typeof STORES)[number];
type Put = <S extends StoreName>(store: S, key: string, value: Schema[S]["value"]) => void;
type Remove = (store: StoreName, key: string) => void;

async function write(bytes: number, work: (put: Put, remove: Remove) => void): Promise<void> {
  const db = await open();
  const transaction = db.transaction(STORES, "readwrite");
  const requests: Promise<unknown>[] = [transaction.done];
  try {
    work(
      (store, key, value) => requests.push(transaction.objectStore(store).put(value, key)),
      (store, key) => requests.push(transaction.objectStore(store).delete(key)),
    );
    await Promise.all(requests);
  } catch (e) {
    abort(transaction);
    await Promise.allSettled(requests); // each of them fails with the transaction: none may go unheard
    throw storageError(e, bytes);
  }
}
