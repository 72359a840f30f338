/** Tokens of a pair in columns, roles above them; with a field to name the role of a token when they are marked. */
import { useState } from "react";
import { END, type PairBaseline, type ReadPair, type TaskPair } from "../../core/task.ts";
import { withRole } from "../../core/task-roles.ts";
import { useLab } from "../../state/context.ts";
import { Button } from "../../ui/button.tsx";
import { TextField } from "../../ui/field.tsx";
import { Token } from "../../ui/token.tsx";
import { tokenLabels } from "../../ui/token-text.ts";

const rolesAt = ({ roles }: ReadPair, position: number) =>
  roles.filter(({ at }) => at.includes(position)).map(({ role }) => role);

export function PairTokens(props: PairCardProps & { marking: boolean }) {
  const { index, read, marking } = props;
  const [position, setPosition] = useState<number | null>(null);
  const { clean, corrupted } = read;
  const T = Math.max(clean.ids.length, corrupted.ids.length);
  const [above, below] = [tokenLabels(clean.strings), tokenLabels(corrupted.strings)];
  const chosen = marking && position !== null && position < clean.ids.length ? position : null;
  return (
    <>
      <div
        className="pair-room"
        tabIndex={0}
        role="group"
        aria-label={`Tokens of pair ${index + 1}`}
      >
        <table className="pair-tokens">
          <tbody>
            <tr className="pair-roles">
              <th scope="row">roles</th>
              {Array.from({ length: T }, (_, t) => (
                <td key={t}>{rolesAt(read, t).join(" ")}</td>
              ))}
            </tr>
            <tr>
              <th scope="row">clean</th>
              {Array.from({ length: T }, (_, t) => (
                <td key={t} className={differs(read, t)}>
                  {above[t] &&
                    (marking ? (
                      <button
                        type="button"
                        className={t === chosen ? "token-choice chosen" : "token-choice"}
                        aria-pressed={t === chosen}
                        aria-label={`Role of ${above[t].name}, position ${t}`}
                        onClick={() => setPosition(t === position ? null : t)}
                      >
                        <Token token={above[t]} />
                      </button>
                    ) : (
                      <Token token={above[t]} />
                    ))}
                </td>
              ))}
            </tr>
            <tr>
              <th scope="row">corrupted</th>
              {Array.from({ length: T }, (_, t) => (
                <td key={t} className={differs(read, t)}>
                  {below[t] && <Token token={below[t]} />}
                </td>
              ))}
            </tr>
          </tbody>
        </table>
      </div>
      {marking && chosen === null && (
        <p className="quiet">Press a token of the clean prompt to give it a role.</p>
      )}
      {chosen !== null && <RoleField key={chosen} {...props} position={chosen} />}
    </>
  );
}

const differs = ({ clean, corrupted }: ReadPair, t: number) =>
  clean.ids[t] === corrupted.ids[t] ? undefined : "differs";

function RoleField(props: PairCardProps & { position: number }) {
  const { pair, read, position, onChange, onMarkAll } = props;
  const task = useLab((s) => s.openTask);
  const [name, setName] = useState(rolesAt(read, position).find((role) => role !== "END") ?? "");
  const { strings } = read.clean;
  const bos = task?.task.prependBos ?? true;
  const isTaken = name.trim() === END;
  const set = () => onChange(withRole(pair, strings, bos, position, name));
  if (bos && position === 0) {
    return <p className="quiet">BOS stands before the text and has no role.</p>;
  }
  return (
    <div className="row role-field">
      <TextField
        label={`Role of ${tokenLabels(strings)[position]!.text}`}
        value={name}
        hint="Empty takes it away."
        error={isTaken ? `${END} is always the last token: take another name.` : null}
        maxLength={20}
        onChange={setName}
        onKeyDown={(e) => {
          if (e.key === "Enter" && !isTaken) set();
        }}
      />
      <Button disabled={isTaken} onClick={set}>
        Set
      </Button>
      <Button
        disabled={isTaken}
        title="In every pair of as many tokens"
        onClick={() =>
          onMarkAll((other, i) => {
            const of = task?.read[i]?.clean.strings;
            return of?.length === strings.length ? withRole(other, of, bos, position, name) : other;
          })
        }
      >
        Set in all pairs
      </Button>
    </div>
  );
}

export interface PairCardProps {
  index: number;
  pair: TaskPair;
  read: ReadPair;
  baseline: PairBaseline | null;
  editing: boolean;
  onEditing: (editing: boolean) => void;
  onChange: (pair: TaskPair) => void;
  onRemove: () => void;
  /** Changes every pair of the task. */
  onMarkAll: (mark: (pair: TaskPair, index: number) => TaskPair) => void;
}
