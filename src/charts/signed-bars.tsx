/** Named signed numbers as bars about a middle line, + to the right, each with its value; a row may be selected. */
import { formatSigned } from "../ui/format.ts";
import "./signed-bars.css";

export interface SignedBar {
  label: string;
  value: number;
  /** One more number of the row, written as it is. */
  detail?: string;
}
export interface SignedBarsProps {
  /** What is listed, with its unit. */
  caption: string;
  bars: readonly SignedBar[];
  /** |value| of a full bar. */
  scale: number;
  /** Heading of the values. @default "logit" */
  valueName?: string;
  /** Heading of the details, where there are any. */
  detailName?: string;
  /** Rows that can be selected. */
  canSelect?: (row: number) => boolean;
  onSelect?: (row: number) => void;
  selected?: number | null;
  /** After the point. @default three, and more where all values are small */
  digits?: number;
}

export function SignedBars(props: SignedBarsProps) {
  const {
    caption,
    bars,
    scale,
    valueName = "logit",
    detailName,
    canSelect,
    onSelect,
    selected,
    digits = digitsOf(scale),
  } = props;
  return (
    <table className="signed-bars">
      <caption className="visually-hidden">{caption}</caption>
      <thead className={detailName === undefined ? "visually-hidden" : undefined}>
        <tr>
          <th scope="col">part</th>
          <th scope="col" className="signed-bar">
            <span className="visually-hidden">bar</span>
          </th>
          <th scope="col">{valueName}</th>
          {detailName !== undefined && <th scope="col">{detailName}</th>}
        </tr>
      </thead>
      <tbody>
        {bars.map(({ label, value, detail }, row) => (
          <tr key={label} className={row === selected ? "selected" : undefined}>
            <th scope="row">
              {onSelect && (canSelect?.(row) ?? true) ? (
                <button type="button" aria-pressed={row === selected} onClick={() => onSelect(row)}>
                  {label}
                </button>
              ) : (
                label
              )}
            </th>
            <td className="signed-bar" aria-hidden="true">
              <span
                className={value < 0 ? "minus" : "plus"}
                style={{
                  transform: `scaleX(${scale > 0 ? Math.min(1, Math.abs(value) / scale) : 0})`,
                }}
              />
            </td>
            <td className="mono">{formatSigned(value, digits)}</td>
            {detailName !== undefined && <td className="mono">{detail}</td>}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const digitsOf = (scale: number): number =>
  scale > 0 ? Math.min(9, Math.max(3, 2 - Math.floor(Math.log10(scale)))) : 3;

/** The largest size of several lists, for one scale. */
export const barScale = (...lists: readonly (readonly SignedBar[])[]): number =>
  lists.flat().reduce((most, { value }) => Math.max(most, Math.abs(value)), 0);
