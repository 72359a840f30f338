/** One head: its pattern with the tokens on both axes, and arcs over the text. */
import { useEffect, useMemo } from "react";
import type { PromptView } from "../../../core/types.ts";
import { AttentionArcs } from "../../../charts/attention-arcs.tsx";
import { AttentionHeatmap } from "../../../charts/attention-heatmap.tsx";
import {
  headName,
  headPattern,
  neighbourHead,
  patternDims,
  strongestKeys,
} from "../../../charts/attention.ts";
import { useLab } from "../../../state/context.ts";
import { shownPosition } from "../../../state/prompt-slice.ts";
import type { HeadId } from "../../../state/view-slice.ts";
import { Button, IconButton } from "../../../ui/button.tsx";
import { Figure, Readout } from "../../../ui/figure.tsx";
import { CellText } from "./cell-text.tsx";
import { ScaleBar } from "./scale-bar.tsx";
import { ScaleChoice } from "./scale-choice.tsx";
import { WHAT_HEAD, WHAT_PATTERN } from "./what.ts";

export function HeadFigure({ view, head }: { view: PromptView; head: HeadId }) {
  const selectHead = useLab((s) => s.selectHead);
  const position = useLab(shownPosition);
  const selectPosition = useLab((s) => s.selectPosition);
  const hover = useLab((s) => s.hover);
  const setHover = useLab((s) => s.setHover);
  const dimFirst = useLab((s) => s.dimFirst);
  const { pattern, tokens } = view;
  const strings = tokens.strings;
  const pattern_QK = useMemo(() => headPattern(pattern, head.layer, head.head), [pattern, head]);
  const dims = patternDims(pattern);
  const before = neighbourHead(head, -1, dims);
  const after = neighbourHead(head, 1, dims);
  useHeadKeys(before, after);
  const cell = hover && hover.q < strings.length && hover.k < strings.length ? hover : null;
  const query = cell?.q ?? position ?? 0;
  const pointQuery = (q: number | null) => {
    const strongest = q === null ? undefined : strongestKeys(pattern_QK, strings.length, q, 1)[0];
    setHover(q === null || !strongest ? null : { q, k: strongest.k });
  };
  return (
    <>
      <Figure
        title={
          <>
            Head <span className="mono">{headName(head)}</span>
          </>
        }
        what={WHAT_PATTERN}
        controls={
          <div className="row">
            <ScaleChoice />
            <div className="row tight">
              <IconButton
                icon="back"
                label="Previous head ([)"
                disabled={!before}
                onClick={() => selectHead(before)}
              />
              <IconButton
                icon="next"
                label="Next head (])"
                disabled={!after}
                onClick={() => selectHead(after)}
              />
              <Button onClick={() => selectHead(null)}>All heads</Button>
            </div>
          </div>
        }
      >
        <div className="readout-line">
          <Readout>
            {cell ? (
              <CellText pattern_QK={pattern_QK} tokens={strings} cell={cell} />
            ) : (
              <>
                <span className="with-pointer">
                  Row: the query that looks. Column: the key looked at.
                </span>
                <span className="with-touch">Row: query. Column: key.</span>
              </>
            )}
          </Readout>
          <ScaleBar dimFirst={dimFirst} />
        </div>
        <AttentionHeatmap
          pattern_QK={pattern_QK}
          tokens={strings}
          name={`head ${headName(head)}`}
          skipFirst={dimFirst}
          position={position}
          cell={cell}
          onCell={setHover}
          onSelect={selectPosition}
        />
      </Figure>
      <Figure className="wide" title="Over the text" what={WHAT_HEAD}>
        <AttentionArcs
          pattern_QK={pattern_QK}
          tokens={strings}
          query={query}
          locked={query === position}
          onQuery={pointQuery}
          onSelect={selectPosition}
        />
      </Figure>
    </>
  );
}

/** [ and ] walk through the heads, Escape goes back to all of them. */
function useHeadKeys(before: HeadId | null, after: HeadId | null): void {
  const selectHead = useLab((s) => s.selectHead);
  useEffect(() => {
    const onKey = (e: KeyboardEvent) => {
      const target = e.target as HTMLElement;
      if (e.defaultPrevented || target.closest("input, textarea, select")) return;
      if (document.querySelector("dialog[open], :popover-open")) return; // Escape closes those first
      if (e.key === "[" && before) selectHead(before);
      if (e.key === "]" && after) selectHead(after);
      if (e.key === "Escape") selectHead(null);
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  });
}
