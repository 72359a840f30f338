/** A checkpoint's files by button; dropping them anywhere on the page does the same. */
import { useRef } from "react";
import { useLab } from "../../state/context.ts";
import { Button } from "../../ui/button.tsx";

export function FilePicker() {
  const loadModel = useLab((s) => s.loadModel);
  const input = useRef<HTMLInputElement>(null);
  return (
    <div className="row">
      <Button icon="file" onClick={() => input.current?.click()}>
        Choose files
      </Button>
      <p className="quiet">
        or drop <code>config.json</code>, <code>model.safetensors</code> and{" "}
        <code>tokenizer.json</code> anywhere on the page.
      </p>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        aria-label="Files of a checkpoint"
        accept=".json,.safetensors"
        onChange={(e) => {
          const files = [...(e.target.files ?? [])];
          e.target.value = ""; // choosing the same files again is a change
          if (files.length > 0) void loadModel(files);
        }}
      />
    </div>
  );
}
