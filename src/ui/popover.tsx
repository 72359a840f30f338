/** A button and what it opens: a popover of the platform (Escape and a click outside close it), put below its button. */
import { useEffect, useId, useRef, useState, type ReactNode } from "react";

export interface PopoverButtonProps {
  /** What the button is called. */
  label: string;
  className: string;
  /** The id of what it is about. */
  about?: string;
  /** What stands on the button: decoration. */
  sign: ReactNode;
  popoverClass: string;
  role: "note" | "group";
  onOpen?: () => void;
  children: ReactNode;
}

const MARGIN = 12; // pixels between a popover and the window's edges

export function PopoverButton(props: PopoverButtonProps) {
  const { label, className, about, sign, popoverClass, role, onOpen, children } = props;
  const id = useId();
  const button = useRef<HTMLButtonElement>(null);
  const popover = useRef<HTMLDivElement>(null);
  const [open, setOpen] = useState(false);
  useEffect(() => {
    const box = popover.current;
    if (!open || !box) return;
    const anchor = button.current!.getBoundingClientRect();
    const left = Math.min(anchor.left, innerWidth - box.offsetWidth - MARGIN);
    const below = anchor.bottom + 6;
    const fits = below + box.offsetHeight + MARGIN <= innerHeight;
    box.style.left = `${Math.max(MARGIN, left)}px`;
    box.style.top = `${fits ? below : Math.max(MARGIN, innerHeight - box.offsetHeight - MARGIN)}px`;
  }, [open]);
  return (
    <>
      <button
        ref={button}
        type="button"
        className={className}
        popoverTarget={id}
        aria-expanded={open}
        aria-label={label}
        aria-describedby={about}
        title={label}
      >
        <span aria-hidden="true">{sign}</span>
      </button>
      <div
        ref={popover}
        id={id}
        popover="auto"
        className={`popover ${popoverClass}`}
        role={role}
        aria-label={role === "group" ? label : undefined}
        onToggle={(e) => {
          setOpen(e.newState === "open");
          if (e.newState === "open") onOpen?.();
        }}
      >
        {children}
      </div>
    </>
  );
}
