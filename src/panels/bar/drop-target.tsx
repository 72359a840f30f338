/** Files dropped anywhere on the page: a checkpoint goes to the bench, an autoencoder to the shelf, a text is searched, or trained on; what the part on the screen takes goes there. */
import { useEffect, useState } from "react";
import { useLab } from "../../state/context.ts";
import { fileTakers, takerOf } from "../../ui/file-takers.ts";
import { droppedEntries, isOfModel, pickFolder } from "./folder-files.ts";

const carriesFiles = (e: DragEvent) => e.dataTransfer?.types.includes("Files") ?? false;
const isSae = (files: readonly File[]) =>
  files.some(({ name }) => /^(cfg\.json|sae_weights\.safetensors|.*\.pt)$/.test(name));

/** Of its kind, and no part of a checkpoint. */
const isText = (file: File) =>
  file.name !== "merges.txt" &&
  (/\.(txt|md|csv|tsv|log|jsonl|srt|html?)$/i.test(file.name) || file.type.startsWith("text/"));

export function DropTarget() {
  const setSearchFile = useLab((s) => s.setSearchFile);
  const setExploreView = useLab((s) => s.setExploreView);
  const loadModel = useLab((s) => s.loadModel);
  const importSae = useLab((s) => s.importSae);
  const setLab = useLab((s) => s.setLab);
  const lab = useLab((s) => s.labTab);
  const addTexts = useLab((s) => s.addTexts);
  const [over, setOver] = useState(false);
  useEffect(() => {
    const take = async (dropped: ReturnType<typeof droppedEntries>) => {
      const entries = await dropped.catch(() => []); // a folder that cannot be read is as good as none
      const all = entries.map(({ file }) => file);
      if (all.length === 0) return;
      if (isSae(all)) {
        setLab("features");
        const weights = entries.find(({ file }) => /\.(safetensors|pth?|bin)$/.test(file.name));
        await importSae(all, weights?.path.replace(/\/?[^/]*$/, ""));
        return;
      }
      const taker = all.length === 1 ? takerOf(all[0]!.name) : null;
      if (taker) {
        taker.take(all);
        return;
      }
      // What is no text among them is refused by its name.
      if (lab === "train" && all.some(isText) && !all.some(isOfModel)) {
        await addTexts(all);
        return;
      }
      if (all.length === 1 && isText(all[0]!)) {
        setSearchFile(all[0]!);
        setExploreView("examples");
        return;
      }
      const { files, name } = pickFolder(entries);
      await loadModel(files, { name });
    };
    const onOver = (e: DragEvent) => {
      if (!carriesFiles(e)) return;
      e.preventDefault();
      setOver(true);
    };
    const onLeave = (e: DragEvent) => {
      if (e.relatedTarget === null) setOver(false); // left the window, not just an element
    };
    const onEnd = () => setOver(false); // of a drop that a dialog takes, too
    const onDrop = (e: DragEvent) => {
      if (!carriesFiles(e)) return;
      e.preventDefault();
      void take(droppedEntries(e.dataTransfer!));
    };
    addEventListener("dragover", onOver);
    addEventListener("dragleave", onLeave);
    addEventListener("drop", onEnd, true);
    addEventListener("drop", onDrop);
    return () => {
      removeEventListener("dragover", onOver);
      removeEventListener("dragleave", onLeave);
      removeEventListener("drop", onEnd, true);
      removeEventListener("drop", onDrop);
    };
  }, [loadModel, importSae, setLab, setSearchFile, setExploreView, lab, addTexts]);
  if (!over) return null;
  return (
    <div className="drop-target" role="status">
      <div>
        <strong>Drop files to load them</strong>
        <p>
          a model: its folder, or <code>config.json</code>, <code>model.safetensors</code>,{" "}
          <code>tokenizer.json</code>
        </p>
        <p>
          an autoencoder: <code>cfg.json</code>, <code>sae_weights.safetensors</code>; or a{" "}
          <code>.pt</code> file
        </p>
        {fileTakers().map(({ what }) => (
          <p key={what}>{what}</p>
        ))}
        <p>
          {lab === "train" ? "text files, to train on" : "a text file, to be searched for examples"}
        </p>
      </div>
    </div>
  );
}
