/** Which text to read: the lab's corpus, or one of the user's that this browser keeps. */
import type { KeptText } from "../core/kept-text.ts";
import { Select } from "./field.tsx";
import { formatBytes } from "./format.ts";

export interface TextSelectProps {
  label: string;
  texts: readonly KeptText[];
  /** Its id; null: the corpus. */
  value: string | null;
  onChange: (text: KeptText | null) => void;
  hint?: string;
}
/** Nothing where there is nothing to choose from. */
export function TextSelect({ label, texts, value, onChange, hint }: TextSelectProps) {
  if (texts.length === 0) return null;
  return (
    <Select
      label={label}
      {...(hint !== undefined && { hint })}
      value={value ?? ""}
      options={[
        { value: "", label: "The lab’s corpus" },
        ...texts.map(({ id, name, bytes }) => ({
          value: id,
          label: `${name} (${formatBytes(bytes)})`,
        })),
      ]}
      onChange={(id) => onChange(texts.find((text) => text.id === id) ?? null)}
    />
  );
}
