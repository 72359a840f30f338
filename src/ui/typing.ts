/** Single-key shortcuts rest while something is being typed, and while a dialog is open. */
export const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable || target.matches("input, textarea, select, dialog, dialog *"));
