/** Before a large download: what it is, what comes over the network, what memory it needs, and in which form it is kept. */
import { useEffect, useRef, useState } from "react";
import type { ModelLook } from "../../core/model-source.ts";
import { useLab } from "../../state/context.ts";
import { Button } from "../../ui/button.tsx";
import { ErrorCard } from "../../ui/error-card.tsx";
import { Checkbox } from "../../ui/field.tsx";
import { formatBytes, formatCount } from "../../ui/format.ts";
import { Progress } from "../../ui/progress.tsx";
import { memoryWarning } from "./load-facts.ts";
import { revisionName, shortCommit, siteName } from "./model-words.ts";

export function LookCard() {
  const look = useLab((s) => s.look);
  const name = useLab((s) => s.lookName);
  const dismiss = useLab((s) => s.dismissLook);
  const onBench = useLab((s) => (s.model.status === "ready" ? s.model.value.id : null));
  const askAgain = useLab((s) => s.askAgain);
  if (look.status === "running") {
    return (
      <div className="card" role="status">
        <strong className="mono">{name}</strong>
        <Progress label="Looking at the model" share={null} onCancel={dismiss} />
      </div>
    );
  }
  if (look.status === "failed") {
    return (
      <ErrorCard
        title={`${name ?? "The model"} cannot be loaded${onBench ? `; ${onBench} stays on the bench` : ""}`}
        error={look.error}
        onDismiss={dismiss}
        actions={<Button onClick={askAgain}>Try again</Button>}
      />
    );
  }
  return look.status === "ready" ? <Question look={look.value} /> : null;
}

function Question({ look }: { look: ModelLook }) {
  const accept = useLab((s) => s.acceptLook);
  const dismiss = useLab((s) => s.dismissLook);
  const [half, setHalf] = useState(false);
  const box = useRef<HTMLElement>(null);
  useEffect(() => box.current?.focus(), []);
  const storedBytes = half && look.halfBytes !== null ? look.halfBytes : look.fileBytes;
  const peakBytes = look.memoryBytes + storedBytes;
  const version = look.commit === null ? "" : `, commit ${shortCommit(look.commit)}`;
  const facts: [string, string][] = [
    ["from", `${siteName(look.hub)}${version}`],
    ["parameters", `${formatCount(look.parameters)}, stored as ${look.dtype}`],
    ["to fetch", toFetch(look)],
    ["kept here", half ? `${formatBytes(storedBytes)}, as float16` : formatBytes(storedBytes)],
    [
      "memory",
      `about ${formatBytes(look.memoryBytes)} at work, ${formatBytes(peakBytes)} while it is loaded`,
    ],
  ];
  const warning = memoryWarning(peakBytes, look.deviceBytes);
  return (
    <section ref={box} tabIndex={-1} className="card" aria-label={`Load ${look.id}?`}>
      <h3 className="mono">
        {look.id}
        {revisionName(look.revision)}
      </h3>
      <dl className="facts">
        {facts.map(([name, value]) => (
          <div key={name} className="fact">
            <dt>{name}</dt>
            <dd className="mono">{value}</dd>
          </div>
        ))}
      </dl>
      {warning && <p className="warn">{warning}</p>}
      {look.halfBytes !== null && (
        <div>
          <Checkbox
            label="Keep it as float16, in half the room"
            checked={half}
            onChange={setHalf}
          />
          <p className="quiet">
            Each weight is rounded to the nearest float16, by at most 0.05 % (very small ones by
            more), and the model runs with the rounded weights: figures differ slightly from those
            of the original.
          </p>
        </div>
      )}
      <div className="row">
        <Button kind="primary" onClick={() => accept(half ? "float16" : "as-is")}>
          Fetch and load
        </Button>
        <Button onClick={dismiss}>Cancel</Button>
      </div>
    </section>
  );
}

function toFetch({ fileBytes, keptBytes }: ModelLook): string {
  if (keptBytes === 0) return formatBytes(fileBytes);
  return `${formatBytes(fileBytes)}, of which ${formatBytes(keptBytes)} are here from an earlier attempt`;
}
