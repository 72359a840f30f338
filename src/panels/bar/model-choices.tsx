/** Models at one click: the one that comes with the page, GPT-2, and those used before. */
import { useLab } from "../../state/context.ts";
import { EMBEDDED_MODEL } from "../../state/model-slice.ts";

const GPT2 = "openai-community/gpt2";

export function ModelChoices() {
  const loadModel = useLab((s) => s.loadModel);
  const askForModel = useLab((s) => s.askForModel);
  const recent = useLab((s) => s.recent);
  const others = recent.filter(({ id, revision }) => id !== GPT2 || revision !== "main");
  return (
    <section className="stack">
      <h3>Put on the bench</h3>
      <ul className="choices">
        <li>
          <button type="button" className="choice" onClick={() => void loadModel(EMBEDDED_MODEL)}>
            <span className="mono">{EMBEDDED_MODEL}</span>
            <span className="quiet">comes with the page, works offline</span>
          </button>
        </li>
        <li>
          <button type="button" className="choice" onClick={() => void loadModel(GPT2)}>
            <span className="mono">{GPT2}</span>
            <span className="quiet">
              GPT-2 small, 124M parameters, 548 MB to fetch once, about 1.2 GB of memory
            </span>
          </button>
        </li>
        {others.map(({ id, revision }) => (
          <li key={`${id}@${revision}`}>
            <button type="button" className="choice" onClick={() => void askForModel(id, revision)}>
              <span className="mono">{id}</span>
              <span className="quiet">
                used before{revision === "main" ? "" : `, revision ${revision}`}
              </span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
