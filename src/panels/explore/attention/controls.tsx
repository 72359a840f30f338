/** What both attention figures are set by: of which heads, what is drawn, and whether the first token counts. */
import type { HeadSet } from "../../../charts/head-units.ts";
import { useLab } from "../../../state/context.ts";
import { Checkbox } from "../../../ui/field.tsx";
import { Segmented } from "../../../ui/segmented.tsx";
import { Dropdown } from "../../../ui/dropdown.tsx";
import { SHOWN, SHOWN_WORDS } from "../../../charts/attention-shown.ts";
import { useHeadSet, useShown } from "./options.ts";
import { BasisSwitch } from "../basis-switch.tsx";
import { WHAT_SCALE } from "./what.ts";

const SET_LABELS: Record<HeadSet, string> = {
  each: "every head",
  layer: "mean of each layer",
  index: "mean over layers",
  all: "mean of all",
};

export function HeadSetChoice() {
  const [set, setSet] = useHeadSet();
  return (
    <Dropdown
      label="Heads"
      value={set}
      choices={(Object.keys(SET_LABELS) as HeadSet[]).map((value) => ({
        ...{ value, label: SET_LABELS[value] },
      }))}
      onChange={setSet}
    />
  );
}

export function AttentionControls() {
  const [shown, setShown] = useShown();
  const dimFirst = useLab((s) => s.dimFirst);
  const setDimFirst = useLab((s) => s.setDimFirst);
  return (
    <>
      <Segmented
        label="Drawn of attention"
        value={shown}
        choices={SHOWN.map((value) => ({ value, ...SHOWN_WORDS[value] }))}
        onChange={setShown}
      />
      {(shown === "value" || shown === "output") && <BasisSwitch />}
      <Checkbox
        label="Leave out first token"
        title={WHAT_SCALE}
        checked={dimFirst}
        onChange={setDimFirst}
      />
    </>
  );
}
