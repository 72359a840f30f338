/** Heads by their numbers: a table that sorts by each of them. */
import {
  ROLE_COLUMNS,
  type RoleColumn,
  type RoleRow,
  type RoleSort,
} from "../../../charts/role-rows.ts";
import { useLab } from "../../../state/context.ts";
import { sameHead } from "../../../state/view-slice.ts";
import { ROLE } from "./words.ts";

export const COLUMN: Record<RoleColumn, { label: string; title: string }> = {
  previous: { label: "prev.", title: "Mean diagonal at the token before, on random repeats" },
  duplicate: { label: "dupl.", title: "Mean diagonal at the earlier copy, on random repeats" },
  induction: { label: "ind.", title: "Mean diagonal after the earlier copy, on random repeats" },
  toAnswer: { label: "→ answer", title: "Mean attention from the last token to the answer’s" },
  toWrong: {
    label: "→ S2",
    title: "Mean attention from the last token to the last wrong answer’s",
  },
  copying: { label: "copying", title: "Share of names among the five likeliest of OV" },
  negativeCopying: { label: "−OV", title: "Share of names among the five likeliest of −OV" },
  correlation: {
    label: "corr.",
    title: "Pearson’s, of attention to a name and what is written along its logit",
  },
  direct: { label: "direct", title: "Direct effect on the logit difference, in logits" },
  rise: { label: "rise", title: "How much that rises without the movers, in logits" },
  path: {
    label: "path",
    title: "Path to the movers’ queries, in logits; of heads that look at S2",
  },
};

interface Props {
  rows: readonly RoleRow[];
  sort: RoleSort;
  setSort: (sort: RoleSort) => void;
  withKnown: boolean;
}
export function RoleTable({ rows, sort, setSort, withKnown }: Props) {
  const selected = useLab((s) => s.head);
  const selectHead = useLab((s) => s.selectHead);
  const header = (by: RoleSort["by"], label: string, title: string) => (
    <th
      key={by}
      scope="col"
      aria-sort={sort.by !== by ? "none" : sort.down ? "descending" : "ascending"}
    >
      <button
        type="button"
        title={title}
        onClick={() => setSort({ by, down: sort.by === by ? !sort.down : by !== "head" })}
      >
        {label}
        {sort.by === by && <span aria-hidden="true">{sort.down ? " ↓" : " ↑"}</span>}
      </button>
    </th>
  );
  return (
    <div className="role-room" tabIndex={0} role="region" aria-label="Heads and their numbers">
      <table className="role-table">
        <thead>
          <tr>
            {header("head", "head", "Layer and head")}
            <th scope="col">proposed</th>
            {withKnown && <th scope="col">published</th>}
            {ROLE_COLUMNS.map((name) => header(name, COLUMN[name].label, COLUMN[name].title))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ evidence, roles, known }) => (
            <tr
              key={`${evidence.layer}.${evidence.head}`}
              className={sameHead(selected, evidence) ? "selected" : undefined}
            >
              <th scope="row">
                <button
                  type="button"
                  className="mono"
                  onClick={() => selectHead({ layer: evidence.layer, head: evidence.head })}
                >
                  {evidence.layer}.{evidence.head}
                </button>
              </th>
              <td>{roles.map(({ role }) => ROLE[role].label).join(", ")}</td>
              {withKnown && <td>{known ?? ""}</td>}
              {ROLE_COLUMNS.map((name) => (
                <td key={name} className="mono">
                  {roleNumber(evidence[name])}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const roleNumber = (value: number | null) =>
  value === null ? "–" : `${value < -0.005 ? "−" : ""}${Math.abs(value).toFixed(2)}`;
