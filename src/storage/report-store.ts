/** Report cards of SAEs in the browser's IndexedDB, one an SAE: the shipped ones have theirs too. */
import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import type { SaeReport } from "../core/sae-report.ts";

interface Schema extends DBSchema {
  reports: { key: string; value: SaeReport };
}
const NAME = "glassroom-reports";

/** Opened for each use: a report is small and rarely written. */
async function withReports<T>(work: (db: IDBPDatabase<Schema>) => Promise<T>): Promise<T> {
  const db = await openDB<Schema>(NAME, 1, {
    upgrade: (made) => void made.createObjectStore("reports"),
  });
  try {
    return await work(db);
  } finally {
    db.close();
  }
}

/** A report that was made by another version, and lacks what this one shows, is left out. */
export const listReports = (): Promise<SaeReport[]> =>
  withReports(async (db) => {
    const all: unknown[] = await db.getAll("reports");
    return all.filter(isReport);
  });

export const saveReport = (report: SaeReport): Promise<string> =>
  withReports((db) => db.put("reports", report, report.saeId));

export const deleteReport = (saeId: string): Promise<void> =>
  withReports((db) => db.delete("reports", saeId));

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null;

export function isReport(value: unknown): value is SaeReport {
  if (!isObject(value)) return false;
  const { reconstruction, loss } = value;
  if (!isObject(reconstruction) || !isObject(loss)) return false;
  const replacements = [loss["sae"], loss["zero"], loss["mean"]];
  const scores = [loss["ceScore"], loss["klScore"]];
  return (
    [value["saeId"], value["modelId"], value["createdAt"]].every((v) => typeof v === "string") &&
    [value["contexts"], value["contextSize"], loss["cleanCe"], loss["predictions"]].every(
      Number.isFinite,
    ) &&
    RECONSTRUCTION.every((key) => Number.isFinite(reconstruction[key])) &&
    (value["features"] === undefined || isFeatures(value["features"])) &&
    replacements.every((r) => isObject(r) && [r["ce"], r["kl"]].every(Number.isFinite)) &&
    scores.every(
      (s) => isObject(s) && [s["zero"], s["mean"]].every((v) => v === null || Number.isFinite(v)),
    )
  );
}
const RECONSTRUCTION = [
  ...["explainedVariance", "explainedVarianceLegacy", "cosine", "normRatio"],
  ...["reconstructionBias", "l0", "l1", "tokens"],
];

function isFeatures(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { densities, entropy, probes, labels } = value;
  return (
    [value["aliveShare"], value["tokens"], value["probeTokens"]].every(Number.isFinite) &&
    isObject(densities) &&
    Array.isArray(densities["counts"]) &&
    isObject(entropy) &&
    isObject(labels) &&
    Array.isArray(probes) &&
    probes.every(
      (probe) => isObject(probe) && isObject(probe["features"]) && isObject(probe["numbers"]),
    )
  );
}
