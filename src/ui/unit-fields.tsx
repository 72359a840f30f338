/** A layer and one of its heads, or of its neurons. */
import { IndexField } from "./index-field.tsx";

interface UnitFieldsProps {
  of: "Head" | "Neuron";
  layers: number;
  units: number;
  layer: number;
  unit: number;
  onChange: (layer: number, unit: number) => void;
}
export function UnitFields({ of, layers, units, layer, unit, onChange }: UnitFieldsProps) {
  return (
    <>
      <IndexField label="Layer" value={layer} count={layers} onChange={(l) => onChange(l, unit)} />
      <IndexField label={of} value={unit} count={units} onChange={(u) => onChange(layer, u)} />
    </>
  );
}
