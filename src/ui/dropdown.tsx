/** One choice of several in a line of controls: its label is for assistive technology and the tooltip. */
export interface DropdownChoice<T extends string> {
  value: T;
  label: string;
  /** Choices of one group stand together under its name. */
  group?: string;
}
export interface DropdownProps<T extends string> {
  label: string;
  value: T;
  choices: readonly DropdownChoice<T>[];
  onChange: (value: T) => void;
}

export function Dropdown<T extends string>({ label, value, choices, onChange }: DropdownProps<T>) {
  const groups = [...new Set(choices.map(({ group }) => group))];
  const options = (of: string | undefined) =>
    choices
      .filter(({ group }) => group === of)
      .map((choice) => (
        <option key={choice.value} value={choice.value}>
          {choice.label}
        </option>
      ));
  return (
    <select
      className="input dropdown"
      aria-label={label}
      title={label}
      value={value}
      onChange={(e) => onChange(e.target.value as T)}
    >
      {groups.map((group) =>
        group === undefined ? (
          options(group)
        ) : (
          <optgroup key={group} label={group}>
            {options(group)}
          </optgroup>
        ),
      )}
    </select>
  );
}
