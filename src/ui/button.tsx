/** Buttons. `kind` is how much a button asks for: one primary per view at most. */
import type { ComponentProps } from "react";
import { Icon, type IconName } from "./icons.tsx";

export interface ButtonProps extends Omit<ComponentProps<"button">, "type"> {
  kind?: "primary" | "normal" | "quiet" | "danger";
  icon?: IconName;
}
const CLASS = {
  primary: " primary",
  normal: "",
  quiet: " quiet-button",
  danger: " danger",
} as const;

export function Button({ kind = "normal", icon, className = "", children, ...rest }: ButtonProps) {
  return (
    <button type="button" className={`button${CLASS[kind]} ${className}`} {...rest}>
      {icon && <Icon name={icon} />}
      {children}
    </button>
  );
}

export interface IconButtonProps extends Omit<ButtonProps, "children"> {
  icon: IconName;
  /** What it does: its name for assistive technology, and its tooltip. */
  label: string;
}
export function IconButton({
  icon,
  label,
  kind = "quiet",
  className = "",
  ...rest
}: IconButtonProps) {
  return (
    <button
      type="button"
      className={`button icon${CLASS[kind]} ${className}`}
      aria-label={label}
      title={label}
      {...rest}
    >
      <Icon name={icon} />
    </button>
  );
}
