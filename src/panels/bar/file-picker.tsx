/** A checkpoint's files, or their folder, by button; dropping them anywhere on the page does the same. */
import { useRef, type ChangeEvent } from "react";
import { useLab } from "../../state/context.ts";
import { Button } from "../../ui/button.tsx";
import { pickFolder } from "./folder-files.ts";

export function FilePicker() {
  const loadModel = useLab((s) => s.loadModel);
  const files = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);
  const take = (e: ChangeEvent<HTMLInputElement>) => {
    const given = [...(e.target.files ?? [])];
    e.target.value = ""; // choosing the same files again is a change
    if (given.length === 0) return;
    const entries = given.map((file) => ({ path: file.webkitRelativePath || file.name, file }));
    const { files: picked, name } = pickFolder(entries);
    void loadModel(picked, { name });
  };
  return (
    <div className="row">
      <Button icon="file" onClick={() => files.current?.click()}>
        Choose files
      </Button>
      <Button icon="file" onClick={() => folder.current?.click()}>
        Choose a folder
      </Button>
      <p className="quiet">
        or drop them anywhere on the page: <code>config.json</code>, <code>tokenizer.json</code> and{" "}
        <code>model.safetensors</code>, in one file or in several with their index.
      </p>
      <input
        ref={files}
        type="file"
        multiple
        hidden
        aria-label="Files of a checkpoint"
        accept=".json,.safetensors,.txt"
        onChange={take}
      />
      <input
        ref={folder}
        type="file"
        hidden
        aria-label="Folder of a checkpoint"
        {...{ webkitdirectory: "" }} // not yet a standard, and in every browser
        onChange={take}
      />
    </div>
  );
}
