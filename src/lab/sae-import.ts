/** Autoencoders that come as files, chosen by the user or fetched from the Hub, put on the shelf. */
import type { ImportOutcome, ReadSae, SaeQuestion, SaidOfSae } from "../core/sae-import.ts";
import type { HubSae, SaeSummary } from "../core/sae.ts";
import { unusedName } from "../core/unused-name.ts";
import { importSae } from "../formats/sae-lens.ts";
import { isNotesFile, readNotes } from "../formats/feature-notes.ts";
import { fetchSae } from "../model/hub-sae.ts";
import type { LoadContext } from "../model/load-context.ts";
import { saveNotes } from "../storage/notes-store.ts";
import { ownerOf } from "./notes-handlers.ts";
import { saeFiles } from "./sae-files.ts";
import { weightBytes } from "./sae-request.ts";
import { listAll, putSae } from "./sae-shelf.ts";
import { newId } from "../core/new-id.ts";

/** @throws LabError "bad-file" or "unsupported" saying which value is wrong; "quota" if it could not be stored */
export async function importFiles(
  files: readonly File[],
  said: SaidOfSae | null,
  from?: HubSae,
): Promise<ImportOutcome> {
  const read = await readFiles(
    files.filter(({ name }) => !isNotesFile(name)),
    said,
    from?.path,
  );
  if ("question" in read) return read;
  const { config, weights, densities } = read;
  const summary: SaeSummary = {
    id: newId(),
    name: unusedName(
      read.name ?? nameOf(config, from),
      (await listAll()).map(({ name }) => name),
    ),
    config,
    request: null,
    metrics: null,
    trainedTokens: null,
    status: "finished",
    origin: "imported",
    createdAt: new Date().toISOString(),
    bytes: weightBytes(config),
    hasDashboards: false,
    ...(read.notes.length > 0 && { notes: read.notes }),
    ...(densities && { trainedDensities: densities }),
    ...(from && { from }),
  };
  const sidecar = files.find(({ name }) => isNotesFile(name));
  const notes = sidecar && readNotes(await bytesOf(sidecar), ownerOf(summary));
  await putSae(summary, weights, null);
  if (notes) await saveNotes(summary.id, { ...notes, features: [...notes.features] });
  return { summary };
}

/** What was fetched last, while the user is asked what it reads: it is large. */
let fetched: { key: string; files: File[]; from: HubSae } | null = null;

export async function importFromHub(
  place: Omit<HubSae, "commit">,
  said: SaidOfSae | null,
  context: LoadContext,
): Promise<ImportOutcome> {
  const here = (await listAll()).find(({ from }) => from && keyOf(from) === keyOf(place));
  if (here) return { summary: here };
  const key = keyOf(place);
  if (fetched?.key !== key) {
    const { files, commit } = await fetchSae(place, context);
    fetched = { key, files, from: { ...place, commit } };
  }
  const outcome = await importFiles(fetched.files, said, fetched.from);
  if ("summary" in outcome) fetched = null;
  return outcome;
}
const bytesOf = async (file: Blob) => new Uint8Array(await file.arrayBuffer());
const keyOf = ({ hub, repo, revision, path }: Omit<HubSae, "commit">) =>
  [hub, repo, revision, path].join(" ");

function nameOf({ hook, dSae }: SaeSummary["config"], from: HubSae | undefined): string {
  if (from) return [from.repo.split("/").at(-1), from.path].filter(Boolean).join(" · ");
  return `${hook.replace(/hook_/, "")} · ${dSae} · imported`;
}

/** @throws LabError "bad-file" unless the files belong together */
async function readFiles(
  files: readonly File[],
  said: SaidOfSae | null,
  path: string | undefined,
): Promise<ReadSae | { question: SaeQuestion }> {
  const chosen = saeFiles(files);
  const { weights, cfg } = chosen;
  if (chosen.format === "torch") {
    const { importTorchSae } = await import("../formats/torch/sae-torch.ts");
    // Folders often say the layer; the name alone may be "8.pt".
    const file = path?.includes(weights.name) ? path : weights.webkitRelativePath || weights.name;
    const bytes = await bytesOf(weights);
    return importTorchSae({ bytes, file, cfg: cfg && (await bytesOf(cfg)) }, said);
  }
  const [a, b] = await Promise.all([bytesOf(chosen.cfg), bytesOf(weights)]);
  return importSae(a, b, chosen.sparsity && (await bytesOf(chosen.sparsity)));
}
