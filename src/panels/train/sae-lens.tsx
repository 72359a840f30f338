/** Continue in SAELens: the Python that trains what the form asks for, on the GPUs that there are. */
import { useState } from "react";
import { useLab } from "../../state/context.ts";
import { planTraining } from "../../state/train-form.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { saveFiles } from "../../ui/save-files.ts";
import { Segmented } from "../../ui/segmented.tsx";
import { useTrainPython } from "./use-train-python.ts";

const GPUS = ["1", "2", "4", "8"];
const FILE = "train_sae.py";

export function SaeLens() {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button onClick={() => setOpen(true)}>Continue in SAELens</Button>
      {open && <SaeLensDialog onClose={() => setOpen(false)} />}
    </>
  );
}

function SaeLensDialog({ onClose }: { onClose: () => void }) {
  const [gpus, setGpus] = useState("1");
  const [told, setTold] = useState("");
  const texts = useLab((s) => s.trainRequest.texts);
  const members = useLab((s) =>
    s.model.status === "ready" ? planTraining(s.trainRequest, s.model.value.config).members : 1,
  );
  const python = useTrainPython("form", Number(gpus));
  const code = typeof python === "function" ? python() : null;
  const copy = async (text: string) => {
    try {
      await navigator.clipboard.writeText(text);
      setTold("Copied.");
    } catch {
      setTold("The browser does not let this page copy; download it, or select the text.");
    }
  };
  return (
    <Dialog title="Continue in SAELens" onClose={onClose}>
      {code === null && (
        <p role="alert">{typeof python === "function" ? "" : `There is none: ${python.none}`}</p>
      )}
      {code !== null && (
        <>
          <p>
            A Python program that trains the same: model, hook, width, variant, coefficients,
            warm-up and decay, batch, context, seed, and{" "}
            {texts === "" ? "the lab’s corpus" : "your texts"}. What SAELens does in another way is
            said in it.
            {members > 1 &&
              ` SAELens trains the ${members} autoencoders of this sweep one after another.`}
          </p>
          <Segmented
            label="GPUs that you have"
            value={gpus}
            onChange={setGpus}
            choices={GPUS.map((n) => ({ value: n, label: n === "1" ? "1 GPU" : `${n} GPUs` }))}
          />
          <p className="quiet">
            {gpus === "1"
              ? "Model and autoencoder share the GPU."
              : "SAELens trains one autoencoder on one GPU; the model can run on a second and fetch ahead. It does not split one training over more."}
          </p>
          <div className="row">
            <Button kind="primary" icon="copy" onClick={() => void copy(code)}>
              Copy
            </Button>
            <Button
              icon="download"
              onClick={() => {
                saveFiles([new File([code], FILE, { type: "text/x-python" })]);
                setTold(`Saved ${FILE}.`);
              }}
            >
              Download {FILE}
            </Button>
            <p role="status">{told}</p>
          </div>
          <pre className="saelens-code" tabIndex={0} role="region" aria-label="Python program">
            <code>{code}</code>
          </pre>
        </>
      )}
    </Dialog>
  );
}
