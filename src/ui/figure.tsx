/** The frame of every figure: its title, what is being looked at, its controls, its read-out. */
import { useEffect, useId, useRef, useState, type ReactNode } from "react";

export interface What {
  /** Plain words: what the marks are, how to read them. */
  words: ReactNode;
  /** The definition, in the letters that the words explain. */
  formula?: string;
  /** Where the definition comes from. */
  source?: string;
}
/** The numbers of a figure, for CSV and JSON. */
export interface Table {
  /** Names with their unit: "norm", "loss (nats)". */
  columns: readonly string[];
  rows: readonly (readonly (string | number | null)[])[];
}
export interface FigureProps {
  title: ReactNode;
  what: What;
  /** What files of it are called: "residual-norms". Without it nothing can be taken from the figure. */
  name?: string;
  /** Its numbers; called when they are asked for. */
  table?: () => Table;
  /** Python that makes the same numbers with TransformerLens or SAELens. */
  python?: () => string;
  /** Controls, at the right of the title. */
  controls?: ReactNode;
  children: ReactNode;
  className?: string;
}

export function Figure({ title, what, controls, children, className = "" }: FigureProps) {
  const id = useId();
  return (
    <section className={`figure ${className}`} aria-labelledby={id}>
      <div className="figure-head">
        <div className="figure-title">
          <h2 id={id}>{title}</h2>
          <WhatButton what={what} about={id} />
        </div>
        {controls}
      </div>
      {children}
    </section>
  );
}

/** "What is this?": a popover of the platform (Escape and a click outside close it), put below its button. */
function WhatButton({ what, about }: { what: What; about: string }) {
  const id = useId();
  const button = useRef<HTMLButtonElement>(null);
  const popover = useRef<HTMLDivElement>(null);
  const [open, setOpen] = useState(false);
  useEffect(() => {
    const box = popover.current;
    if (!open || !box) return;
    const anchor = button.current!.getBoundingClientRect();
    const margin = 12;
    const left = Math.min(anchor.left, innerWidth - box.offsetWidth - margin);
    const below = anchor.bottom + 6;
    const fits = below + box.offsetHeight + margin <= innerHeight;
    box.style.left = `${Math.max(margin, left)}px`;
    box.style.top = `${fits ? below : Math.max(margin, innerHeight - box.offsetHeight - margin)}px`;
  }, [open]);
  return (
    <>
      <button
        ref={button}
        type="button"
        className="what-button"
        popoverTarget={id}
        aria-expanded={open}
        aria-label="What is this?"
        aria-describedby={about}
        title="What is this?"
      >
        <span aria-hidden="true">?</span>
      </button>
      <div
        ref={popover}
        id={id}
        popover="auto"
        className="popover what"
        role="note"
        onToggle={(e) => setOpen(e.newState === "open")}
      >
        <div>{what.words}</div>
        {what.formula && <div className="formula">{what.formula}</div>}
        {what.source && <div className="source">{what.source}</div>}
      </div>
    </>
  );
}

/** One line that says what is under the pointer or the keyboard's cursor. Never moves the layout. */
export function Readout({ children }: { children: ReactNode }) {
  return (
    <p className="readout" aria-live="polite">
      {children}
    </p>
  );
}
