/** An SAE's files by button; dropping them anywhere on the page does the same. Or one of the Hub, by its address there. */
import { useState } from "react";
import { useLab } from "../../state/context.ts";
import { Button } from "../../ui/button.tsx";
import { HubImport } from "./hub-import.tsx";
import { FileButton } from "../../ui/file-button.tsx";

export function ImportButton() {
  const importSae = useLab((s) => s.importSae);
  const busy = useLab((s) => s.shelf.status === "running");
  const [hub, setHub] = useState(false);
  return (
    <>
      <FileButton
        icon="upload"
        many
        files="Files of an autoencoder"
        accept=".json,.safetensors,.pt,.pth"
        disabled={busy}
        title="SAELens’s cfg.json and sae_weights.safetensors (and sparsity.safetensors), dictionary_learning’s ae.pt and config.json, or OpenAI’s .pt; or drop them on the page"
        onFiles={(files) => void importSae(files)}
      >
        Import
      </FileButton>
      <Button icon="download" disabled={busy} onClick={() => setHub(true)}>
        From the Hub
      </Button>
      {hub && <HubImport onClose={() => setHub(false)} />}
    </>
  );
}
