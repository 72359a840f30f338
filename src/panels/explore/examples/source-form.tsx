/** Where to look: in the corpus that comes with the app, or in a text file that stays in this tab. */
import type { TextSource } from "../../../core/direction.ts";
import { useLab } from "../../../state/context.ts";
import { useKeptTexts } from "../../../state/kept-texts.ts";
import { useChoice } from "../../../state/options-slice.ts";
import { IconButton } from "../../../ui/button.tsx";
import { Select } from "../../../ui/field.tsx";
import { formatBytes } from "../../../ui/format.ts";
import { TextSelect } from "../../../ui/text-select.tsx";
import { FileButton } from "../../../ui/file-button.tsx";

const AMOUNTS = ["20000", "100000", "all"] as const;
const LABEL: Record<(typeof AMOUNTS)[number], string> = {
  "20000": "20,000 tokens",
  "100000": "100,000 tokens",
  all: "all of it",
};

export function useSource(): { source: TextSource; tokens: number | null } {
  const file = useLab((s) => s.searchFile);
  const text = useLab((s) => s.searchText);
  const [amount] = useChoice("examples.tokens", AMOUNTS);
  return {
    source: file ? { kind: "file", file } : text ? { kind: "kept", text } : { kind: "corpus" },
    tokens: amount === "all" ? null : Number(amount),
  };
}

export function SourceForm() {
  const file = useLab((s) => s.searchFile);
  const setFile = useLab((s) => s.setSearchFile);
  const text = useLab((s) => s.searchText);
  const setText = useLab((s) => s.setSearchText);
  const texts = useKeptTexts();
  const [amount, setAmount] = useChoice("examples.tokens", AMOUNTS);
  return (
    <div className="search-source">
      <div className="search-text">
        {file ? (
          <p>
            <strong>{file.name}</strong> <span className="quiet">{formatBytes(file.size)}</span>
            <IconButton
              icon="close"
              label="Search the corpus instead of this file"
              onClick={() => setFile(null)}
            />
          </p>
        ) : (
          <>
            <TextSelect
              label="Text"
              texts={texts}
              value={text?.id ?? null}
              onChange={(kept) => setText(kept && { id: kept.id, name: kept.name })}
            />
            {!text && <p>The corpus that comes with the app, in an order that mixes it.</p>}
          </>
        )}
        <FileButton
          files="Text file to search"
          accept="text/*,.txt,.md,.csv,.tsv,.log,.jsonl"
          onFiles={([chosen]) => setFile(chosen!)}
        >
          {file ? "Another text file" : "A text file of mine"}
        </FileButton>
        <p className="quiet">
          or drop one anywhere on the page. It is read here, piece by piece, and sent nowhere.
        </p>
      </div>
      <Select
        label="How much"
        value={amount}
        options={AMOUNTS.map((value) => ({ value, label: LABEL[value] }))}
        onChange={setAmount}
      />
    </div>
  );
}
