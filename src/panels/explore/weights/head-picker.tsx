/** Which head the figures are about: the selected one, everywhere; of none the first. */
import { headName, neighbourHead } from "../../../charts/attention.ts";
import { useLab } from "../../../state/context.ts";
import type { HeadId } from "../../../state/view-slice.ts";
import { IconButton } from "../../../ui/button.tsx";

export interface Sizes {
  layers: number;
  heads: number;
}

/** The selected head, or the first if none is, or none that the model has. */
export function useShownHead({ layers, heads }: Sizes): HeadId {
  const head = useLab((s) => s.head);
  return head && head.layer < layers && head.head < heads ? head : { layer: 0, head: 0 };
}

export function HeadPicker({ layers, heads }: Sizes) {
  const head = useShownHead({ layers, heads });
  const selectHead = useLab((s) => s.selectHead);
  const before = neighbourHead(head, -1, { layers, heads });
  const after = neighbourHead(head, 1, { layers, heads });
  return (
    <div className="head-picker">
      <IconButton
        icon="back"
        label="Previous head"
        disabled={!before}
        onClick={() => selectHead(before)}
      />
      <select
        className="input mono"
        aria-label="Head"
        value={head.layer * heads + head.head}
        onChange={(e) => {
          const i = Number(e.target.value);
          selectHead({ layer: Math.floor(i / heads), head: i % heads });
        }}
      >
        {Array.from({ length: layers * heads }, (_, i) => (
          <option key={i} value={i}>
            {headName({ layer: Math.floor(i / heads), head: i % heads })}
          </option>
        ))}
      </select>
      <IconButton
        icon="next"
        label="Next head"
        disabled={!after}
        onClick={() => selectHead(after)}
      />
    </div>
  );
}
