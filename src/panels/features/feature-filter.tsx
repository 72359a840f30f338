/** Search among the features by what is said of them, and the lists: which is open, and what can be done to it. */
import { useState } from "react";
import type { FeatureList } from "../../core/feature-notes.ts";
import { useLab } from "../../state/context.ts";
import { NOTE_FILTERS, type NoteFilter, useNotes } from "../../state/feature-notes.ts";
import { useFeatureQuery, useNoteFilter } from "../../state/shown-features.ts";
import { Button, IconButton } from "../../ui/button.tsx";
import { Confirm } from "../../ui/confirm.tsx";
import "./label.css";

const FILTER_WORDS: Record<NoteFilter, string> = {
  all: "all features",
  starred: "starred",
  labelled: "with a label",
  unlabelled: "without a label",
  noted: "with a note or test",
};
const LIST = "list ";

export function FeatureFilter({ saeId }: { saeId: string }) {
  const [query, setQuery] = useFeatureQuery();
  const [filter, setFilter] = useNoteFilter();
  const { lists } = useNotes(saeId);
  const openList = useLab((s) => s.openList);
  const setOpenList = useLab((s) => s.setOpenList);
  const open = lists.find(({ id }) => id === openList) ?? null;
  const choose = (value: string) => {
    const id = value.startsWith(LIST) ? value.slice(LIST.length) : null;
    setOpenList(id);
    setFilter(NOTE_FILTERS.find((known) => known === value) ?? "all");
  };
  return (
    <div className="feature-filter">
      <div className="feature-filter-line">
        <input
          type="search"
          className="input"
          placeholder="Search labels"
          aria-label="Search labels and notes of features"
          maxLength={200}
          value={query}
          onChange={(e) => setQuery(e.target.value)}
        />
        <select
          className="input"
          aria-label="Which features the list shows"
          value={open ? `${LIST}${open.id}` : filter}
          onChange={(e) => choose(e.target.value)}
        >
          {NOTE_FILTERS.map((value) => (
            <option key={value} value={value}>
              {FILTER_WORDS[value]}
            </option>
          ))}
          {lists.length > 0 && (
            <optgroup label="Lists">
              {lists.map(({ id, name, features }) => (
                <option key={id} value={`${LIST}${id}`}>
                  {name} ({features.length})
                </option>
              ))}
            </optgroup>
          )}
        </select>
      </div>
      {open && <ListTools key={open.id} saeId={saeId} list={open} />}
    </div>
  );
}

/** What is done to the open list: the feature that is looked at is put in, taken out, moved. */
function ListTools({ saeId, list }: { saeId: string; list: FeatureList }) {
  const [mode, setMode] = useState<"rest" | "rename" | "delete">("rest");
  const feature = useLab((s) => s.feature);
  const addToList = useLab((s) => s.addToList);
  const removeFromList = useLab((s) => s.removeFromList);
  const moveInList = useLab((s) => s.moveInList);
  const sorted = useLab((s) => s.listSorted);
  const setSorted = useLab((s) => s.setListSorted);
  const deleteList = useLab((s) => s.deleteList);
  const at = feature === null ? -1 : list.features.indexOf(feature);
  if (mode === "rename") {
    return <RenameList saeId={saeId} list={list} onDone={() => setMode("rest")} />;
  }
  if (mode === "delete") {
    return (
      <Confirm
        label={`Delete the list ${list.name}?`}
        question={`Delete “${list.name}”?`}
        yes="Delete"
        no="Keep"
        onYes={() => deleteList(saeId, list.id)}
        onNo={() => setMode("rest")}
      />
    );
  }
  const name = `the list ${list.name}`;
  return (
    <div className="list-tools" role="group" aria-label={`The list ${list.name}`}>
      {feature !== null && at < 0 ? (
        <Button onClick={() => addToList(saeId, list.id, [feature])}>Add {feature}</Button>
      ) : (
        <Button
          disabled={feature === null}
          onClick={() => feature !== null && removeFromList(saeId, list.id, [feature])}
        >
          Remove {feature ?? ""}
        </Button>
      )}
      {sorted ? (
        <Button kind="quiet" onClick={() => setSorted(false)}>
          Its own order
        </Button>
      ) : (
        <>
          <Button
            disabled={at <= 0}
            aria-label={`Move feature ${feature ?? ""} up in ${name}`}
            onClick={() => moveInList(saeId, list.id, at, at - 1)}
          >
            ↑
          </Button>
          <Button
            disabled={at < 0 || at === list.features.length - 1}
            aria-label={`Move feature ${feature ?? ""} down in ${name}`}
            onClick={() => moveInList(saeId, list.id, at, at + 1)}
          >
            ↓
          </Button>
        </>
      )}
      <IconButton icon="edit" label={`Rename ${name}`} onClick={() => setMode("rename")} />
      <IconButton icon="trash" label={`Delete ${name}`} onClick={() => setMode("delete")} />
    </div>
  );
}

function RenameList({
  saeId,
  list,
  onDone,
}: {
  saeId: string;
  list: FeatureList;
  onDone: () => void;
}) {
  const renameList = useLab((s) => s.renameList);
  const [name, setName] = useState(list.name);
  return (
    <form
      className="row"
      onSubmit={(e) => {
        e.preventDefault();
        if (name.trim() !== "" && name.trim() !== list.name) renameList(saeId, list.id, name);
        onDone();
      }}
      onKeyDown={(e) => {
        if (e.key !== "Escape") return;
        e.preventDefault();
        onDone();
      }}
    >
      <input
        className="input"
        aria-label={`Name of the list ${list.name}`}
        maxLength={120}
        value={name}
        autoFocus
        onFocus={(e) => e.target.select()}
        onChange={(e) => setName(e.target.value)}
      />
      <button type="submit" className="button" disabled={name.trim() === ""}>
        Rename
      </button>
    </form>
  );
}
