/** A model of the Hub by its id; and the mirror that may take the Hub's place. */
import { useState, type SubmitEvent } from "react";
import { useLab } from "../../state/context.ts";
import { useDraft } from "../../state/drafts-slice.ts";
import { TextField } from "../../ui/field.tsx";
import { siteName } from "./model-words.ts";

export function HubForm() {
  const askForModel = useLab((s) => s.askForModel);
  const mirror = useLab((s) => s.mirror);
  const [typed, setTyped] = useDraft("hubModel", { id: "", revision: "" });
  const { id, revision } = typed;
  const submit = (e: SubmitEvent) => {
    e.preventDefault();
    if (id.trim() === "") return;
    void askForModel(id, revision.trim() === "" ? undefined : revision.trim());
  };
  return (
    <section className="stack">
      <form className="stack" onSubmit={submit}>
        <h3>From {mirror === null ? "the Hugging Face Hub" : siteName(mirror)}</h3>
        <div className="hub-form">
          <TextField
            label="Model id"
            mono
            placeholder="distilbert/distilgpt2"
            value={id}
            onChange={(text) => setTyped({ ...typed, id: text })}
          />
          <TextField
            label="Revision"
            mono
            placeholder="main"
            value={revision}
            onChange={(text) => setTyped({ ...typed, revision: text })}
          />
          <button type="submit" className="button" disabled={id.trim() === ""}>
            Load
          </button>
        </div>
        <p className="quiet">
          Any model of the GPT-2 architecture stored as safetensors. What it needs is shown before
          anything large is fetched.
        </p>
      </form>
      <MirrorForm />
    </section>
  );
}

function MirrorForm() {
  const mirror = useLab((s) => s.mirror);
  const chosen = useLab((s) => s.chosenMirror);
  const chooseMirror = useLab((s) => s.chooseMirror);
  const [text, setText] = useState(mirror ?? "");
  const [problem, setProblem] = useState<string | null>(null);
  const take = (address: string) => setProblem(chooseMirror(address)?.message ?? null);
  const submit = (e: SubmitEvent) => {
    e.preventDefault();
    take(text);
  };
  return (
    <details className="mirror" open={mirror !== null}>
      <summary>
        {mirror === null ? "Use a mirror in the Hub’s place" : `Mirror: ${siteName(mirror)}`}
      </summary>
      <form className="stack" onSubmit={submit}>
        {mirror !== null && (
          <p role="status">
            Models come from <span className="mono">{mirror}</span>, not from the Hugging Face Hub
            {mirror === chosen ? "" : ", because the link that opened this page says so"}. A mirror
            can serve anything under a model’s name: use only one that you trust.
          </p>
        )}
        <div className="mirror-form">
          <TextField
            label="Address of the mirror"
            mono
            placeholder="https://hub.school.example/"
            value={text}
            onChange={setText}
            error={problem}
            hint="A server with the Hub’s paths: {id}/resolve/{revision}/{file}. The page is loaded anew, for only a page opened with a mirror may reach it; links to it carry the mirror."
          />
          <button type="submit" className="button" disabled={text.trim() === (mirror ?? "")}>
            Use it
          </button>
          {mirror !== null && (
            <button type="button" className="button" onClick={() => take("")}>
              Back to the Hub
            </button>
          )}
        </div>
      </form>
    </details>
  );
}
