/** Fields of a direction that is no feature, the same wherever one is asked for: two lists of phrases, or numbers from elsewhere. */
import { parseVector } from "../core/direction.ts";
import { toLabError } from "../core/lab-error.ts";
import { asSentence } from "./advice.ts";
import { LinesField } from "./field.tsx";
import { FileButton } from "./file-button.tsx";
import "./direction-fields.css";

/** What a first visit compares. */
export const PHRASES = {
  plus: " king\n man\n boy\n father",
  minus: " queen\n woman\n girl\n mother",
} as const;

interface PhraseListsProps {
  plus: string;
  minus: string;
  onPlus: (text: string) => void;
  onMinus: (text: string) => void;
}
export function PhraseLists({ plus, minus, onPlus, onMinus }: PhraseListsProps) {
  return (
    <>
      <div className="phrase-lists">
        <LinesField rows={4} label="Towards" value={plus} onChange={onPlus} />
        <LinesField rows={4} label="Away from" value={minus} onChange={onMinus} />
      </div>
      <p className="quiet">
        d = mean(towards) − mean(away) of x at the last token of each phrase, run by itself after{" "}
        <code>{"<|endoftext|>"}</code>.
      </p>
    </>
  );
}

/** The numbers of a text, or what is wrong with it; of an empty one nothing is. */
export function readVector(
  text: string,
  width: number,
): { vector: Float32Array } | { error: string | null } {
  try {
    return { vector: parseVector(text, width) };
  } catch (e) {
    return { error: text === "" ? null : asSentence(toLabError(e).message) };
  }
}

interface VectorFieldProps {
  width: number;
  text: string;
  onText: (text: string) => void;
  /** The name of the file that the numbers come from, without its ending. */
  onFile?: (name: string) => void;
}
export function VectorField({ width, text, onText, onFile }: VectorFieldProps) {
  const read = readVector(text, width);
  return (
    <>
      <LinesField
        rows={4}
        label={`Vector: a JSON list of ${width} numbers`}
        value={text}
        onChange={onText}
        error={"error" in read ? read.error : null}
      />
      <div>
        <FileButton
          kind="quiet"
          files="File of a vector"
          accept=".json,.txt,.csv,.tsv"
          onFiles={([file]) => {
            void file!.text().then(onText, () => onText(""));
            onFile?.(file!.name.replace(/\.[a-z]+$/i, ""));
          }}
        >
          From a file
        </FileButton>
      </div>
    </>
  );
}
