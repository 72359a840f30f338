/** How far a row moves the residual stream: ‖Δ‖/‖x‖, and a warning where that is more than the stream itself. */
import type { SteerFacts, SteerRow } from "../../core/steer.ts";
import { useLab } from "../../state/context.ts";
import { Icon } from "../../ui/icons.tsx";
import { hookLabel } from "../../ui/hook-label.ts";
import { tokenLabels } from "../../ui/token-text.ts";
import { numberWords } from "./strength.ts";

export function ChangeNote({ facts, row }: { facts: SteerFacts; row: SteerRow }) {
  const view = useLab((s) => s.shownView);
  const { change, normHook, reading } = facts;
  const token = change && view ? tokenLabels(view.tokens.strings)[change.position] : undefined;
  const too = change !== null && change.ratio > 1;
  const at = token ? ` at “${token.text}”` : "";
  const would = row.at === "generated" ? "as it would be" : "at most";
  return (
    <p
      className={too ? "steer-change warn" : "steer-change quiet"}
      title={`‖Δ‖/‖x‖, ${would}${at}: what this row adds to the residual stream, over the unsteered stream there (${hookLabel(normHook)})`}
    >
      {too && <Icon name="warning" />}
      <span className="mono">‖Δ‖/‖x‖ {change ? numberWords(change.ratio) : "–"}</span>
      {too && <span>more than the stream itself</span>}
      <span className="quiet" title="Its reading at the prompt’s last token, unsteered">
        reads <span className="mono">{numberWords(reading)}</span>
      </span>
    </p>
  );
}
