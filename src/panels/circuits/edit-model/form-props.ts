/** What a form that adds an edit is given. */
export interface FormProps {
  /** Does what takes a while, and shows what went wrong with it. */
  run: (work: () => Promise<void>) => void;
  busy: boolean;
}
