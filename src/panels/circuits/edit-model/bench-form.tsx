/** Edits at the foot of the window, and rows of the Steer lab: made permanent where weights can have them. */
import { type BenchEdit, targetName } from "../../../core/bench-edit.ts";
import { toLabError } from "../../../core/lab-error.ts";
import { sourceName } from "../../../core/steer.ts";
import type { Gpt2Config } from "../../../core/types.ts";
import { useLab } from "../../../state/context.ts";
import { Button } from "../../../ui/button.tsx";
import type { FormProps } from "./form-props.ts";
import { type LastingEdit, lastingEdit } from "./lasting-edit.ts";

export function BenchForm({ run, busy }: FormProps) {
  const model = useLab((s) => s.model);
  const edits = useLab((s) => s.benchEdits);
  const rows = useLab((s) => s.steerRows);
  const add = useLab((s) => s.addWeightEdit);
  const addMean = useLab((s) => s.addMeanEdit);
  const addSteer = useLab((s) => s.addSteerEdit);
  if (model.status !== "ready") return null;
  if (edits.length + rows.length === 0) {
    return (
      <p className="quiet">
        Nothing is edited on the bench or steered now. An edit at the foot of the window, or a row
        of the Steer lab that adds everywhere, can be made permanent here.
      </p>
    );
  }
  return (
    <ul className="bench-offers">
      {edits.map((edit, i) => {
        const lasting = offered(edit, model.value.config);
        const name = benchEditName(edit);
        return (
          <li key={i} className="row">
            <Button
              disabled={busy || typeof lasting === "string"}
              aria-label={`Make permanent: ${name}`}
              onClick={() =>
                run(async () => {
                  if (typeof lasting === "string") return;
                  await ("meanOf" in lasting ? addMean(lasting.meanOf) : add(lasting));
                })
              }
            >
              Make permanent
            </Button>
            {name}{" "}
            {typeof lasting === "string" && <span className="quiet">cannot be: {lasting}</span>}
          </li>
        );
      })}
      {rows.map((row, i) => (
        <li key={`row ${i}`} className="row">
          <Button
            disabled={busy}
            aria-label={`Make permanent: ${sourceName(row.source)}`}
            onClick={() => run(() => addSteer(row))}
          >
            Make permanent
          </Button>
          {sourceName(row.source)}, {row.mode} {row.amount}
        </li>
      ))}
    </ul>
  );
}

/** Or why it cannot be. */
function offered(edit: BenchEdit, config: Gpt2Config): LastingEdit | string {
  try {
    return lastingEdit(edit, config);
  } catch (e) {
    return toLabError(e).message;
  }
}

function benchEditName({ target, op, amount }: BenchEdit): string {
  const change =
    op === "scale"
      ? `× ${amount}`
      : op === "add"
        ? `${amount} of it added`
        : op === "zero" && target.kind === "direction"
          ? "projected out"
          : op;
  return `${targetName(target)}, ${change}`;
}
