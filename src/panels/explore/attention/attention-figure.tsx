/** All heads at once. */
import { useState } from "react";
import type { PromptView } from "../../../core/types.ts";
import { AttentionGrid, type HeadCell } from "../../../charts/attention-grid.tsx";
import { headName, headPattern, strongestKeys } from "../../../charts/attention.ts";
import { useLab } from "../../../state/context.ts";
import { shownPosition } from "../../../state/prompt-slice.ts";
import { Figure, Readout } from "../../../ui/figure.tsx";
import { CellText } from "./cell-text.tsx";
import { ScaleChoice } from "./scale-choice.tsx";
import { ScaleBar } from "./scale-bar.tsx";
import { WHAT_ATTENTION } from "./what.ts";

export function AttentionFigure({ view }: { view: PromptView }) {
  const selectHead = useLab((s) => s.selectHead);
  const setHover = useLab((s) => s.setHover);
  const dimFirst = useLab((s) => s.dimFirst);
  const [at, setAt] = useState<HeadCell | null>(null);
  const onPoint = (next: HeadCell | null) => {
    setAt(next);
    setHover(next?.cell ?? null);
  };
  return (
    <Figure title="Attention, every head" what={WHAT_ATTENTION} controls={<ScaleChoice />}>
      <div className="readout-line">
        <Readout>
          {at ? (
            <Pointed view={view} at={at} />
          ) : (
            <>
              <span className="with-pointer">
                Point at a pattern to read it; open a head with a click.
              </span>
              <span className="with-touch">Tap a pattern to open its head.</span>
            </>
          )}
        </Readout>
        <ScaleBar dimFirst={dimFirst} />
      </div>
      <AttentionGrid
        pattern={view.pattern}
        skipFirst={dimFirst}
        onOpen={selectHead}
        onPoint={onPoint}
      />
    </Figure>
  );
}

/** The cell under the pointer; for a head with the focus, the strongest key of the selected position. */
function Pointed({ view, at }: { view: PromptView; at: HeadCell }) {
  const position = useLab(shownPosition);
  const tokens = view.tokens.strings;
  const pattern_QK = headPattern(view.pattern, at.layer, at.head);
  const strongest =
    position === null ? undefined : strongestKeys(pattern_QK, tokens.length, position, 1)[0];
  const cell = at.cell ?? (position !== null && strongest ? { q: position, k: strongest.k } : null);
  return (
    <>
      <b className="mono">{headName(at)}</b>{" "}
      {at.cell === null && <span className="quiet">looks most: </span>}
      {cell && <CellText pattern_QK={pattern_QK} tokens={tokens} cell={cell} />}
    </>
  );
}
