/** Which head the figures are about: the selected one, everywhere; of none the first. */
import { headName } from "../../../charts/head-units.ts";
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
  const at = head.layer * heads + head.head;
  const select = (i: number) => selectHead({ layer: Math.floor(i / heads), head: i % heads });
  return (
    <div className="head-picker">
      <IconButton
        icon="back"
        label="Previous head"
        disabled={at === 0}
        onClick={() => select(at - 1)}
      />
      <select
        className="input mono"
        aria-label="Head"
        value={at}
        onChange={(e) => select(Number(e.target.value))}
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
        disabled={at === layers * heads - 1}
        onClick={() => select(at + 1)}
      />
    </div>
  );
}
