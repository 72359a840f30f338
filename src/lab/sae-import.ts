/** Autoencoders that come as files, chosen by the user or fetched from the Hub, put on the shelf. */
import type { ImportOutcome, ReadSae, SaeQuestion, SaidOfSae } from "../core/sae-import.ts";
import type { HubSae, SaeSummary } from "../core/sae.ts";
import { importedName, tellingName } from "../core/sae-name.ts";
import { importSae } from "../formats/sae-lens.ts";
import { transposedLook } from "../math/transposed.ts";
import { isNotesFile, readNotes } from "../formats/feature-notes.ts";
import { fetchSae } from "../model/hub-sae.ts";
import type { LoadContext } from "../model/load-context.ts";
import { saveNotes } from "../storage/notes-store.ts";
import { ownerOf } from "./notes-handlers.ts";
import { saeFiles } from "./sae-files.ts";
import { weightBytes } from "./sae-request.ts";
import { listAll, putSae } from "./sae-shelf.ts";
import { newId } from "../core/new-id.ts";

/** Where files came from: a folder of this machine, as far as it is known, or the Hub. */
type Place = { folder?: string | undefined } | { from: HubSae };

/** @throws LabError "bad-file" or "unsupported" saying which value is wrong; "quota" if it could not be stored */
export async function importFiles(
  files: readonly File[],
  said: SaidOfSae | null,
  place: Place,
): Promise<ImportOutcome> {
  const own = files.filter(({ name }) => !isNotesFile(name));
  const from = "from" in place ? place.from : null;
  const path = "from" in place ? place.from.path : place.folder;
  const read = await readFiles(own, said, path);
  if ("question" in read) return read;
  const { config, weights, densities } = read;
  const notesOfRead = [...read.notes, ...transposedNote(read)];
  const createdAt = new Date().toISOString();
  const summary: SaeSummary = {
    id: newId(),
    name: tellingName(
      read.name ??
        (from ? hubName(from) : importedName([path, saeFiles(own).weights.name], config)),
      config,
      await listAll(),
      new Date(createdAt).toLocaleString("sv"), // the user's own time, as ISO writes it
    ),
    config,
    request: null,
    metrics: null,
    trainedTokens: null,
    status: "finished",
    origin: "imported",
    createdAt,
    bytes: weightBytes(config),
    hasDashboards: false,
    ...(notesOfRead.length > 0 && { notes: notesOfRead }),
    ...(densities && { trainedDensities: densities }),
    ...(from && { from }),
  };
  const sidecar = files.find(({ name }) => isNotesFile(name));
  const notes = sidecar && readNotes(await bytesOf(sidecar), ownerOf(summary));
  await putSae(summary, weights, null);
  if (notes) await saveNotes(summary.id, { ...notes, features: [...notes.features] });
  return { summary };
}

/** Of a square one, whose shapes do not tell. */
function transposedNote({ config: { dIn, dSae, out }, weights }: ReadSae): string[] {
  const look = dIn === dSae && !out && transposedLook(weights.W_enc, weights.W_dec, dIn);
  if (!look) return [];
  const end = "If so, transpose, save, and import again.";
  return look.which === "both"
    ? [`W_enc and W_dec seem to be transposed: the columns of W_dec are equally long, and not its rows, the features. ${end}`] // prettier-ignore
    : [
        `One of W_enc and W_dec seems to be transposed: the mean cosine of a feature’s encoder with its decoder is ${look.asTheyAre.toFixed(2)}; with one of them turned it is ${look.turned.toFixed(2)}. ${end}`,
      ];
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
  const { files, from } = fetched;
  fetched = null; // what is broken is fetched anew
  const outcome = await importFiles(files, said, { from });
  if ("question" in outcome) fetched = { key, files, from };
  return outcome;
}
const bytesOf = async (file: Blob) => new Uint8Array(await file.arrayBuffer());
const keyOf = ({ hub, repo, revision, path }: Omit<HubSae, "commit">) =>
  [hub, repo, revision, path].join(" ");

const hubName = ({ repo, path }: HubSae): string =>
  [repo.split("/").at(-1), path].filter(Boolean).join(" · ");

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
    const file = path?.includes(weights.name) ? path : fileIn(path, weights);
    const bytes = await bytesOf(weights);
    return importTorchSae({ bytes, file, cfg: cfg && (await bytesOf(cfg)) }, said);
  }
  const [a, b] = await Promise.all([bytesOf(chosen.cfg), bytesOf(weights)]);
  return importSae(a, b, chosen.sparsity && (await bytesOf(chosen.sparsity)));
}

const fileIn = (folder: string | undefined, { name, webkitRelativePath }: File) =>
  folder ? `${folder.replace(/\/$/, "")}/${name}` : webkitRelativePath || name;
