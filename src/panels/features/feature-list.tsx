/**
 * All features of an SAE as a grid that sorts by each column. Only the rows on screen are drawn, so 24,576 of them cost
 * no more than 20. One stop for Tab: arrows, Page Up and Down, Home and End move the choice.
 */
import { useEffect, useMemo, useRef, useState, type KeyboardEvent } from "react";
import { type FeatureNote, NO_NOTE } from "../../core/feature-notes.ts";
import type { FeatureRow, FeatureTable } from "../../core/sae.ts";
import { useLab } from "../../state/context.ts";
import { isDead, type FeatureSort } from "../../state/feature-list.ts";
import { useNotes } from "../../state/feature-notes.ts";
import { useFeatureQuery, useNoteFilter, useShownFeatures } from "../../state/shown-features.ts";
import { Button } from "../../ui/button.tsx";
import { Checkbox } from "../../ui/field.tsx";
import { FeatureName } from "../../ui/feature-name.tsx";
import { formatCount, formatPercent } from "../../ui/format.ts";
import { useRem } from "../../ui/use-rem.ts";
import { useSize } from "../../ui/use-size.ts";
import { scrollToRow, visibleRows } from "../../ui/virtual-rows.ts";

const COLUMNS: readonly { sort: FeatureSort; label: string; title: string }[] = [
  { sort: "feature", label: "#", title: "Number of the feature" },
  {
    sort: "density",
    label: "density",
    title: "Share of the measured tokens on which it is active",
  },
  { sort: "max", label: "max", title: "Largest activation on the measured tokens" },
  {
    sort: "lastFired",
    label: "last fired",
    title: "Tokens since it was last active, at the end of the measurement",
  },
];

export function FeatureList({ table }: { table: FeatureTable }) {
  const settings = useLab((s) => s.featureList);
  const setSettings = useLab((s) => s.setFeatureList);
  const feature = useLab((s) => s.feature);
  const selectFeature = useLab((s) => s.selectFeature);
  const chosen = useLab((s) => s.chosenFeatures);
  const setChosen = useLab((s) => s.setChosenFeatures);
  const ownOrder = useLab((s) => s.openList !== null && !s.listSorted);
  const setListSorted = useLab((s) => s.setListSorted);
  const rows = useShownFeatures(table);
  const notes = useNotes(table.saeId);
  const labelled = useMemo(() => [...notes.features.values()].some(isNamed), [notes]);
  const dead = useMemo(() => table.rows.filter(isDead).length, [table]);
  const at = useMemo(() => rows.findIndex((row) => row.feature === feature), [rows, feature]);

  const none = useNone();

  const box = useRef<HTMLDivElement>(null);
  const size = useSize(box);
  const rowHeight = useRem(1.625);
  const [scrollTop, setScrollTop] = useState(0);
  const height = Math.max(0, (size?.height ?? 0) - rowHeight); // the header stays above the rows
  const { start, end } = visibleRows({ scrollTop, height, rowHeight, count: rows.length });

  // A feature chosen elsewhere comes into sight; the first size and every re-sorting count as elsewhere.
  useEffect(() => {
    const list = box.current;
    if (!list || at < 0 || height === 0) return;
    list.scrollTop = scrollToRow(at, {
      scrollTop: list.scrollTop,
      height,
      rowHeight,
      count: rows.length,
    });
  }, [at, rows, height, rowHeight]);

  // In another order the first rows are what was asked for, unless the choice is among them.
  const order = `${ownOrder} ${settings.sort} ${settings.descending}`;
  const absent = at < 0;
  useEffect(() => {
    if (absent && box.current) box.current.scrollTop = 0;
  }, [order, absent]);

  const onKeyDown = (e: KeyboardEvent) => {
    const page = Math.max(1, Math.floor(height / rowHeight) - 1);
    const to = {
      ArrowDown: at + 1,
      ArrowUp: at - 1,
      PageDown: at + page,
      PageUp: at - page,
      Home: 0,
      End: rows.length - 1,
    }[e.key];
    const row = to === undefined ? undefined : rows[Math.min(rows.length - 1, Math.max(0, to))];
    if (!row) return;
    e.preventDefault();
    void selectFeature(row.feature);
  };
  /** The column that the rows are in the order of; a list may have an order of its own. */
  const sorted = ownOrder ? null : settings.sort;
  const sortBy = (sort: FeatureSort) => {
    setListSorted(true);
    setSettings(
      sorted === sort
        ? { descending: !settings.descending }
        : { sort, descending: sort !== "feature" },
    );
  };

  return (
    <>
      <div
        ref={box}
        className="feature-grid"
        role="grid"
        aria-label={`${rows.length} features; arrow keys move the choice`}
        aria-rowcount={rows.length + 1}
        tabIndex={0}
        aria-activedescendant={at >= start && at < end ? `feature-${rows[at]!.feature}` : undefined}
        onScroll={(e) => setScrollTop(e.currentTarget.scrollTop)}
        onKeyDown={onKeyDown}
      >
        <div role="rowgroup" className="feature-grid-head">
          <div
            role="row"
            aria-rowindex={1}
            className={labelled ? "feature-row labelled" : "feature-row"}
          >
            {COLUMNS.filter(({ sort }) => !labelled || sort !== "lastFired").map(
              ({ sort, label, title }) => (
                <span
                  key={sort}
                  role="columnheader"
                  aria-sort={
                    sorted !== sort ? "none" : settings.descending ? "descending" : "ascending"
                  }
                >
                  <button type="button" title={title} onClick={() => sortBy(sort)}>
                    {label}
                    <span aria-hidden="true">
                      {sorted === sort ? (settings.descending ? " ↓" : " ↑") : ""}
                    </span>
                  </button>
                </span>
              ),
            )}
            {labelled && (
              <span role="columnheader" className="label-head">
                label
              </span>
            )}
          </div>
        </div>
        <div role="rowgroup" style={{ height: rows.length * rowHeight }}>
          {rows.length === 0 && (
            <div role="row" className="feature-grid-none">
              <span role="gridcell" className="quiet">
                {none.words}{" "}
                {none.all && (
                  <Button kind="quiet" className="inline" onClick={none.all}>
                    Show all
                  </Button>
                )}
              </span>
            </div>
          )}
          {rows.slice(start, end).map((row, i) => (
            <Row
              key={row.feature}
              row={row}
              index={start + i}
              top={(start + i) * rowHeight}
              tokens={table.tokens}
              note={notes.features.get(row.feature) ?? NO_NOTE}
              labelled={labelled}
              selected={row.feature === feature}
              onSelect={() => void selectFeature(row.feature)}
            />
          ))}
        </div>
      </div>
      <div className="feature-grid-foot">
        <Checkbox
          label={`Hide ${dead.toLocaleString("en-US")} dead`}
          title="Features that were never active on the measured tokens"
          checked={settings.hideDead}
          onChange={(hideDead) => setSettings({ hideDead })}
        />
        <span className="quiet">{rows.length.toLocaleString("en-US")} shown</span>
        {chosen && (
          <button type="button" className="button quiet" onClick={() => setChosen(null)}>
            All, not the map’s {chosen.length.toLocaleString("en-US")}
          </button>
        )}
      </div>
    </>
  );
}

/** Why no row is shown, and the way back to all. */
function useNone(): { words: string; all: (() => void) | null } {
  const [query, setQuery] = useFeatureQuery();
  const [filter, setFilter] = useNoteFilter();
  const listed = useLab((s) => s.openList !== null);
  const setOpenList = useLab((s) => s.setOpenList);
  const chosen = useLab((s) => s.chosenFeatures);
  const setChosen = useLab((s) => s.setChosenFeatures);
  const asked = query.trim();
  if (asked === "" && filter === "all" && !listed && chosen === null) {
    return { words: "No feature was ever active on the measured tokens.", all: null };
  }
  return {
    words: asked === "" ? "None is here." : `None here has “${asked}” in its label or note.`,
    all: () => {
      setQuery("");
      setFilter("all");
      setOpenList(null);
      setChosen(null);
    },
  };
}

const isNamed = ({ label, starred }: FeatureNote) => label !== null || starred;

interface RowProps {
  row: FeatureRow;
  index: number;
  top: number;
  tokens: number;
  note: FeatureNote;
  /** Whether the list has a column of labels, in place of when a feature was last active. */
  labelled: boolean;
  selected: boolean;
  onSelect: () => void;
}
function Row({ row, index, top, tokens, note, labelled, selected, onSelect }: RowProps) {
  const { feature, density, max, lastFired } = row;
  return (
    <div
      id={`feature-${feature}`}
      role="row"
      aria-rowindex={index + 2}
      aria-selected={selected}
      className={labelled ? "feature-row labelled" : "feature-row"}
      style={{ transform: `translateY(${top}px)` }}
      onClick={onSelect}
    >
      <span role="gridcell">{feature}</span>
      <span role="gridcell">{formatPercent(density)}</span>
      <span role="gridcell">{lastFired === null ? "–" : max.toPrecision(3)}</span>
      <span role="gridcell" className="feature-said">
        {labelled ? (
          <>
            {note.starred && <span aria-label="starred">★ </span>}
            {note.label && <FeatureName feature={feature} label={note.label} brief />}
          </>
        ) : lastFired === null ? (
          "never"
        ) : (
          `${formatCount(tokens - 1 - lastFired)} ago`
        )}
      </span>
    </div>
  );
}
