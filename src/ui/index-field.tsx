/** Which of `count` things, from 0: a layer, a head, a neuron, a feature. */
import { SmallNumber } from "./small-number.tsx";

export interface IndexFieldProps {
  label: string;
  value: number;
  count: number;
  onChange: (value: number) => void;
}
export function IndexField({ label, value, count, onChange }: IndexFieldProps) {
  return (
    <SmallNumber label={label} value={value} min={0} max={count - 1} whole onChange={onChange} />
  );
}
