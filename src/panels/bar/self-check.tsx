/** The self-check of the model on the bench: a button in the model dialog, and the dialog that it opens. */
import { useState } from "react";
import type { SelfCheckReport } from "../../core/self-check.ts";
import { useLab } from "../../state/context.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { ErrorCard } from "../../ui/error-card.tsx";
import { formatDuration } from "../../ui/format.ts";
import { Progress } from "../../ui/progress.tsx";
import { SelfCheckTable } from "./self-check-table.tsx";
import { reportText, verdictOf } from "./self-check-text.ts";
import "./self-check.css";

export function SelfCheck() {
  const [open, setOpen] = useState(false);
  const run = useLab((s) => s.runSelfCheck);
  const idle = useLab((s) => s.selfCheck.status === "idle");
  const show = () => {
    setOpen(true);
    if (idle) void run();
  };
  return (
    <section className="stack">
      <div className="row">
        <Button onClick={show}>Self-check</Button>
        <p className="quiet">Runs known values again and shows them beside the expected ones.</p>
      </div>
      {open && <SelfCheckDialog onClose={() => setOpen(false)} />}
    </section>
  );
}

function SelfCheckDialog({ onClose }: { onClose: () => void }) {
  const id = useLab((s) => (s.model.status === "ready" ? s.model.value.id : null));
  return (
    <Dialog title={`Self-check of ${id ?? "the model"}`} onClose={onClose}>
      <div className="self-check">
        <Content />
      </div>
    </Dialog>
  );
}

function Content() {
  const task = useLab((s) => s.selfCheck);
  const run = useLab((s) => s.runSelfCheck);
  const cancel = useLab((s) => s.cancelSelfCheck);
  switch (task.status) {
    case "idle":
      return (
        <div className="row">
          <Button kind="primary" onClick={() => void run()}>
            Run the self-check
          </Button>
          <p className="quiet">It takes some forward passes and changes nothing.</p>
        </div>
      );
    case "running": {
      const { done = 0, total = 0, what = "", results = [] } = task.progress ?? {};
      const label = what === "" ? "Starting" : what;
      const facts = total === 0 ? [] : [`${done} of ${total}`];
      return (
        <>
          <Progress
            label={label}
            share={total === 0 ? null : done / total}
            facts={facts}
            onCancel={cancel}
          />
          <SelfCheckTable results={results} />
        </>
      );
    }
    case "failed":
      return (
        <ErrorCard
          title="The self-check could not be finished"
          error={task.error}
          actions={<Button onClick={() => void run()}>Run it again</Button>}
        />
      );
    case "ready":
      return <Report report={task.value} />;
  }
}

function Report({ report }: { report: SelfCheckReport }) {
  const run = useLab((s) => s.runSelfCheck);
  const { device, deviceReason, milliseconds, reference, failed, results } = report;
  return (
    <>
      <div className="stack">
        <p role="status" className={failed === 0 ? "check-verdict" : "check-verdict failed"}>
          {verdictOf(report)}.
        </p>
        <p className="quiet">
          On {device === "wasm" ? "WASM" : "WebGPU"} ({deviceReason}), in{" "}
          {formatDuration(milliseconds / 1000)}. Reference: {reference}.
        </p>
        <div className="row">
          <CopyButtons report={report} />
          <Button kind="quiet" onClick={() => void run()}>
            Run it again
          </Button>
        </div>
      </div>
      <SelfCheckTable results={results} />
    </>
  );
}

function CopyButtons({ report }: { report: SelfCheckReport }) {
  const [said, setSaid] = useState("");
  const copy = (text: string) => {
    const clipboard = (navigator as Partial<Navigator>).clipboard; // absent where the page is not served securely
    const copied = clipboard?.writeText(text) ?? Promise.reject(new Error("no clipboard"));
    copied.then(
      () => setSaid("Copied"),
      () => setSaid("The browser does not let the page copy"),
    );
  };
  return (
    <>
      <Button icon="copy" onClick={() => copy(reportText(report))}>
        Copy as text
      </Button>
      <Button icon="copy" onClick={() => copy(JSON.stringify(report, null, 2))}>
        Copy as JSON
      </Button>
      <span role="status" className="quiet">
        {said}
      </span>
    </>
  );
}
