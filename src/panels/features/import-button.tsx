/** An SAE's files by button; dropping them anywhere on the page does the same. Or one of the Hub, by its address there. */
import { useRef, useState } from "react";
import { useLab } from "../../state/context.ts";
import { Button } from "../../ui/button.tsx";
import { HubImport } from "./hub-import.tsx";

export function ImportButton() {
  const importSae = useLab((s) => s.importSae);
  const busy = useLab((s) => s.shelf.status === "running");
  const [hub, setHub] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <Button
        icon="upload"
        disabled={busy}
        title="SAELens’s cfg.json and sae_weights.safetensors (and sparsity.safetensors), dictionary_learning’s ae.pt and config.json, or OpenAI’s .pt; or drop them on the page"
        onClick={() => input.current?.click()}
      >
        Import
      </Button>
      <Button icon="download" disabled={busy} onClick={() => setHub(true)}>
        From the Hub
      </Button>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        aria-label="Files of an autoencoder"
        accept=".json,.safetensors,.pt,.pth"
        onChange={(e) => {
          const files = [...(e.target.files ?? [])];
          e.target.value = ""; // choosing the same files again is a change
          if (files.length > 0) void importSae(files);
        }}
      />
      {hub && <HubImport onClose={() => setHub(false)} />}
    </>
  );
}
