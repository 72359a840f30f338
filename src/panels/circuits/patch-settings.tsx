/** What is patched where, and in which direction. */
import { DIRECTIONS, isHeadUnit, PATCH_UNITS } from "../../core/patching.ts";
import { useLab } from "../../state/context.ts";
import type { OpenTask } from "../../state/task-slice.ts";
import { Select } from "../../ui/field.tsx";
import { Segmented } from "../../ui/segmented.tsx";
import { MetricSelect } from "./metric-select.tsx";
import { BY, COLUMNS, type PatchOptions, type PatchSetup } from "./use-patch-question.ts";
import { DIRECTION, UNIT } from "./words.ts";

interface PatchSettingsProps {
  open: OpenTask;
  options: PatchOptions;
  setup: PatchSetup;
}
export function PatchSettings({ open, options, setup }: PatchSettingsProps) {
  const { unit, setUnit, direction, setDirection, by, setBy, columns, setColumns } = options;
  const model = useLab((s) => s.model);
  const layers = model.status === "ready" ? model.value.config.n_layer : 1;
  const usesPlaces = unit !== "neuron" && (!isHeadUnit(unit) || by === "place");
  return (
    <div className="patch-settings">
      <Select
        label="What is patched"
        value={unit}
        options={PATCH_UNITS.map((value) => ({ value, label: UNIT[value] }))}
        onChange={setUnit}
      />
      <MetricSelect open={open} options={options} />
      <Segmented
        label="Direction"
        value={direction}
        choices={DIRECTIONS.map((value) => ({ value, ...DIRECTION[value] }))}
        onChange={setDirection}
      />
      {isHeadUnit(unit) && (
        <Segmented
          label="Positions"
          value={by}
          choices={BY.map((value) => ({
            value,
            label: value === "all" ? "all positions" : "by position",
          }))}
          onChange={setBy}
        />
      )}
      {usesPlaces && setup.aligned && (
        <Segmented
          label="Columns"
          value={columns}
          choices={COLUMNS.map((value) => ({ value, label: `${value}s` }))}
          onChange={setColumns}
        />
      )}
      {usesPlaces && !setup.aligned && (
        <p className="quiet">The prompts are of different lengths, so columns are roles.</p>
      )}
      {unit === "neuron" && (
        <Select
          label="Layer"
          value={String(options.layer)}
          options={Array.from({ length: layers }, (_, l) => ({ value: String(l), label: `L${l}` }))}
          onChange={(value) => options.setLayer(Number(value))}
        />
      )}
    </div>
  );
}
