/** The frame of every figure: its title, what is being looked at, its controls, its read-out. */
import type { Table, Python } from "./figure-numbers.ts";
import { useContext, useId, type ReactNode } from "react";
import { BasisContext, basisWords, type FigureBasis } from "./basis.tsx";
import { FigureMenu } from "./figure-menu.tsx";
import { PopoverButton } from "./popover.tsx";

export interface What {
  /** Plain words: what the marks are, how to read them. */
  words: ReactNode;
  /** The definition, in the letters that the words explain. */
  formula?: string;
  /** Where the definition comes from. */
  source?: string;
  /** Where that matters: in which weights its numbers are told. */
  basis?: FigureBasis;
}

export interface FigureProps {
  title: ReactNode;
  what: What;
  /** What files of it are called: "residual-norms". */
  name: string;
  /** Its numbers; called when they are asked for. */
  table: () => Table;
  python: Python;
  /** Controls, at the right of the title. */
  controls?: ReactNode;
  children: ReactNode;
  className?: string;
}

export function Figure(props: FigureProps) {
  const { title, what, name, table, python, controls, children, className = "" } = props;
  const id = useId();
  return (
    <section className={`figure ${className}`} aria-labelledby={id}>
      <div className="figure-head">
        <div className="figure-title">
          <h2 id={id}>{title}</h2>
          <WhatButton what={what} about={id} />
        </div>
        {controls && <div className="figure-controls">{controls}</div>}
        <FigureMenu {...{ name, table, python }} basis={what.basis} about={id} />
      </div>
      {children}
    </section>
  );
}

/** "What is this?" */
function WhatButton({ what, about }: { what: What; about: string }) {
  const chosen = useContext(BasisContext);
  return (
    <PopoverButton
      label="What is this?"
      about={about}
      className="what-button"
      sign="?"
      popoverClass="what"
      role="note"
    >
      <div>{what.words}</div>
      {what.formula && <div className="formula">{what.formula}</div>}
      {what.source && <div className="source">{what.source}</div>}
      {what.basis && <div className="source">Basis: {basisWords(what.basis, chosen)}.</div>}
    </PopoverButton>
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
