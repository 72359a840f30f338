/** Files with their folders, as a folder is chosen or dropped; of those, the ones of one model. */

export interface FolderEntry {
  /** With its folders: "my-model/config.json"; the bare name for a file that came alone. */
  path: string;
  file: File;
}

/** Whether a file is one of those that make a checkpoint. */
export const isOfModel = ({ name }: Pick<File, "name">): boolean =>
  /^(config\.json|merges\.txt|tokenizer.*\.json|vocab\.json|.*\.(safetensors|bin))$/.test(name);

const folderOf = (path: string) => path.replace(/[^/]*$/, "");

/**
 * The files beside the one config.json there is; all of them if there is none, or more than one: then whoever loads
 * them says what is wrong.
 * @returns the folder's name too, by which the model is called
 */
export function pickFolder(entries: readonly FolderEntry[]): {
  files: File[];
  name: string | undefined;
} {
  const configs = entries.filter(({ file }) => file.name === "config.json");
  const folder = configs.length === 1 ? folderOf(configs[0]!.path) : null;
  const mine = folder === null ? entries : entries.filter(({ path }) => folderOf(path) === folder);
  const name = /([^/]+)\/$/.exec(folder ?? "")?.[1];
  return { files: mine.map(({ file }) => file), name };
}

/** How deep a dropped folder is looked into, and how many files of it: a slip of the hand may drop a whole disk. */
const MAX_DEPTH = 4;
const MAX_FILES = 2000;

/** Everything that was dropped, folders included. Call it at once: the browser forgets the items after the event. */
export async function droppedEntries(transfer: DataTransfer): Promise<FolderEntry[]> {
  const items = [...transfer.items].filter(({ kind }) => kind === "file");
  const roots = items.map((item) => ({ entry: item.webkitGetAsEntry(), file: item.getAsFile() }));
  const found: FolderEntry[] = [];
  for (const { entry, file } of roots) {
    if (entry?.isDirectory) await walk(entry as FileSystemDirectoryEntry, 0, found);
    else if (file) found.push({ path: file.name, file });
  }
  return found;
}

async function walk(folder: FileSystemDirectoryEntry, depth: number, found: FolderEntry[]) {
  const reader = folder.createReader();
  for (;;) {
    // A reader gives at most 100 entries at a time, and none when it is done.
    const batch = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (batch.length === 0) return;
    for (const entry of batch) {
      if (found.length >= MAX_FILES) return;
      if (entry.isDirectory && depth < MAX_DEPTH) {
        await walk(entry as FileSystemDirectoryEntry, depth + 1, found);
      } else if (entry.isFile) {
        const file = await new Promise<File>((resolve, reject) =>
          (entry as FileSystemFileEntry).file(resolve, reject),
        );
        found.push({ path: entry.fullPath.replace(/^\//, ""), file });
      }
    }
  }
}
