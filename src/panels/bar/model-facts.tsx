/** The model on the bench: what it is, where it came from, and whether its branch has moved on since. */
import type { ModelInfo } from "../../core/model-info.ts";
import { useLab } from "../../state/context.ts";
import { asSentence } from "../../ui/advice.ts";
import { Button } from "../../ui/button.tsx";
import { formatBytes } from "../../ui/format.ts";
import { shortCommit, siteName, deviceName, revisionName } from "./model-words.ts";

export function ModelFacts({ info }: { info: ModelInfo }) {
  const { config, commit } = info;
  const facts: [string, string][] = [
    ["parameters", info.parameters.toLocaleString("en")],
    ["layers × heads", `${config.n_layer} × ${config.n_head}`],
    ["d_model, d_head", `${config.n_embd}, ${config.n_embd / config.n_head}`],
    [
      "context, vocabulary",
      `${config.n_positions}, ${config.vocab_size.toLocaleString("en")} tokens`,
    ],
    ["runs on", `${deviceName(info)}: ${info.deviceReason}`],
    ["weights", formatBytes(info.weightBytes) + (info.rounded ? ", stored as float16 here" : "")],
  ];
  if (info.hub !== null) {
    const version = commit === null ? "" : `, commit ${shortCommit(commit)}`;
    facts.push(["from", `${siteName(info.hub)}${version}`]);
  }
  return (
    <section className="stack">
      <h3 className="mono">
        {info.id}
        {revisionName(info.revision)}
      </h3>
      <dl className="facts">
        {facts.map(([name, value]) => (
          <div key={name} className="fact">
            <dt>{name}</dt>
            <dd className="mono">{value}</dd>
          </div>
        ))}
      </dl>
      {info.rounded && (
        <p className="quiet">
          Each float32 weight was rounded to the nearest float16 when it was stored in this browser.
        </p>
      )}
      {info.warnings.map((warning) => (
        <p key={warning} role="status">
          {asSentence(warning)}
        </p>
      ))}
      {info.commit !== null && info.revision !== info.commit && <NewerVersion info={info} />}
    </section>
  );
}

function NewerVersion({ info }: { info: ModelInfo }) {
  const newest = useLab((s) => s.newest);
  const checkNewest = useLab((s) => s.checkNewest);
  const loadNewest = useLab((s) => s.loadNewest);
  const busy = useLab((s) => s.loading.status === "running");
  const revision = info.revision ?? "main";
  if (newest.status === "ready" && newest.value.newest !== info.commit) {
    const { newest: commit } = newest.value;
    return (
      <div className="row" role="status">
        <p>
          {commit === null
            ? `${siteName(info.hub)} does not say which version it has now.`
            : `“${revision}” has moved on to commit ${shortCommit(commit)}.`}
        </p>
        <Button disabled={busy} onClick={loadNewest}>
          Load it anew
        </Button>
      </div>
    );
  }
  return (
    <div className="row">
      <Button disabled={newest.status === "running"} onClick={() => void checkNewest()}>
        Check for a newer version
      </Button>
      <p role="status" className="quiet">
        {newest.status === "running" && `Asking ${siteName(info.hub)} …`}
        {newest.status === "ready" && `This is the newest version of “${revision}”.`}
        {newest.status === "failed" && asSentence(newest.error.message)}
      </p>
    </div>
  );
}
