/** A head that was found: its pattern on this prompt, small, and its score. */
import { useRef } from "react";
import { headPattern, patternDims } from "../../../charts/attention.ts";
import { headName } from "../../../charts/head-units.ts";
import { useHeatmap } from "../../../charts/use-heatmap.ts";
import { useLab } from "../../../state/context.ts";
import { type HeadId, sameHead } from "../../../state/view-slice.ts";
import { squareScale } from "../../../charts/attention.ts";
import type { AttentionSide } from "../../../charts/attention-drawing.ts";

export interface FoundHeadProps {
  head: HeadId;
  side: AttentionSide;
  text: string;
  /** "+0.012 in prompt B"; null without a comparison. */
  more: string | null;
  onOpen: () => void;
}

export function FoundHead({ head, side, text, more, onOpen }: FoundHeadProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const selected = useLab((s) => sameHead(s.head, head));
  const skipFirst = useLab((s) => s.dimFirst);
  const { tokens } = patternDims(side.pattern);
  const A_QK = headPattern(side.pattern, head.layer, head.head);
  const scale = skipFirst
    ? squareScale(A_QK, tokens, { skipFirst, signed: false })
    : { low: 0, high: 1 };
  useHeatmap(canvas, A_QK, tokens, { ramp: "attention", scale, skipFirst });
  return (
    <li>
      <button
        type="button"
        className="found-head"
        aria-current={selected ? "true" : undefined}
        onClick={onOpen}
      >
        <canvas
          ref={canvas}
          width={tokens}
          height={tokens}
          className={tokens > 40 ? "smooth" : undefined}
        />
        <b className="mono">{headName(head)}</b>
        <span className="mono">{text}</span>
        {more !== null && <span className="quiet">{more}</span>}
      </button>
    </li>
  );
}
