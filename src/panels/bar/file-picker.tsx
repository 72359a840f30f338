/** A checkpoint's files, or their folder, by button; dropping them anywhere on the page does the same. */
import { useLab } from "../../state/context.ts";
import { pickFolder } from "./folder-files.ts";
import { FileButton } from "../../ui/file-button.tsx";

export function FilePicker() {
  const loadModel = useLab((s) => s.loadModel);
  const take = (given: File[]) => {
    const entries = given.map((file) => ({ path: file.webkitRelativePath || file.name, file }));
    const { files: picked, name } = pickFolder(entries);
    void loadModel(picked, { name });
  };
  return (
    <div className="row">
      <FileButton
        many
        files="Files of a checkpoint"
        accept=".json,.safetensors,.txt"
        onFiles={take}
      >
        Choose files
      </FileButton>
      <FileButton many="folder" files="Folder of a checkpoint" onFiles={take}>
        Choose a folder
      </FileButton>
      <p className="quiet">
        or drop them anywhere on the page: <code>config.json</code>, <code>tokenizer.json</code> and{" "}
        <code>model.safetensors</code>, in one file or in several with their index.
      </p>
    </div>
  );
}
