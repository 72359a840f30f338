/** Says when the texts on the screen are not of what is on the bench, and leads back. */
import { useLab } from "../../../state/context.ts";
import { isWrittenElsewhere } from "../../../state/generate-slice.ts";
import { Button } from "../../../ui/button.tsx";

export function Elsewhere() {
  const written = useLab((s) => s.written);
  const elsewhere = useLab((s) => s.written !== null && isWrittenElsewhere(s.written, s));
  const text = useLab((s) => s.text);
  const replaceText = useLab((s) => s.replaceText);
  if (!written || !elsewhere) return null;
  const { prompt } = written.runs.a;
  const own = "text" in prompt ? prompt.text : text;
  return (
    <p className="row written-elsewhere" role="status">
      <span>
        The prompt, the edits or the model changed since these were written. Generate begins anew.
      </span>
      {own !== text && (
        <Button kind="quiet" className="inline" onClick={() => replaceText(own)}>
          Back to their prompt
        </Button>
      )}
    </p>
  );
}
