/** A text that is to be one token, with what is read of it beneath: most tokens begin with a space. */
import { TextField } from "./field.tsx";
import { tokenText } from "./token-text.ts";

interface TokenFieldProps {
  label: string;
  value: string;
  onChange: (text: string) => void;
}
export function TokenField(props: TokenFieldProps) {
  const { value } = props;
  const hint = value === "" ? "with the space before it" : `read as ${tokenText(value)}`;
  return <TextField mono hint={hint} maxLength={200} {...props} />;
}
