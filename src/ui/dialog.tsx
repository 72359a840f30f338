/** A modal dialog on the platform's own `<dialog>`: focus stays inside, Escape closes, focus goes back. */
import { useId, useLayoutEffect, useRef, type ReactNode } from "react";
import { IconButton } from "./button.tsx";

export interface DialogProps {
  title: string;
  onClose: () => void;
  children: ReactNode;
}
/** Open while it is rendered. */
export function Dialog({ title, onClose, children }: DialogProps) {
  const id = useId();
  const dialog = useRef<HTMLDialogElement>(null);
  // Closed while it is still in the page: only then does the browser give the focus back.
  useLayoutEffect(() => {
    const box = dialog.current!;
    box.showModal();
    return () => box.close();
  }, []);
  return (
    <dialog
      ref={dialog}
      className="dialog"
      aria-labelledby={id}
      onCancel={(e) => {
        if (e.target !== dialog.current) return; // a file picker's, or that of a dialog on top of this one
        e.preventDefault();
        onClose();
      }}
      onClick={(e) => {
        if (e.target === dialog.current) onClose(); // the backdrop belongs to the dialog element
      }}
    >
      <div className="dialog-head">
        <h2 id={id}>{title}</h2>
        <IconButton icon="close" label="Close" onClick={onClose} />
      </div>
      <div className="dialog-body">{children}</div>
    </dialog>
  );
}
