/** An SAE's two files by button; dropping them anywhere on the page does the same. */
import { useRef } from "react";
import { useLab } from "../../state/context.ts";
import { Button } from "../../ui/button.tsx";

export function ImportButton() {
  const importSae = useLab((s) => s.importSae);
  const busy = useLab((s) => s.shelf.status === "running");
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <Button
        icon="upload"
        disabled={busy}
        title="cfg.json and sae_weights.safetensors, as SAELens writes them, or dictionary_learning’s config.json and ae.pt; or drop them on the page"
        onClick={() => input.current?.click()}
      >
        Import
      </Button>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        aria-label="Files of an autoencoder"
        accept=".json,.safetensors,.pt"
        onChange={(e) => {
          const files = [...(e.target.files ?? [])];
          e.target.value = ""; // choosing the same files again is a change
          if (files.length > 0) void importSae(files);
        }}
      />
    </>
  );
}
