/** The labelled data: which, how many of each class, and some of them to look at. */
import { useEffect, useState } from "react";
import { NUMBER_RULES, type ProbeExample, type ProbeView } from "../../../core/probe.ts";
import { LIBRARY, LIBRARY_IDS } from "../../../core/task-library.ts";
import { toLabError } from "../../../core/lab-error.ts";
import { PROBE_FILE, probeDataPython } from "../../../python/probes.ts";
import { MOST_TABLE } from "../../../core/probe-table.ts";
import { useLab } from "../../../state/context.ts";
import { requestKey } from "../../../state/probe-slice.ts";
import { Button } from "../../../ui/button.tsx";
import { ErrorCard } from "../../../ui/error-card.tsx";
import { Checkbox, Select } from "../../../ui/field.tsx";
import { Figure } from "../../../ui/figure.tsx";
import { useFileTaker } from "../../../ui/file-takers.ts";
import { formatCount } from "../../../ui/format.ts";
import { SmallNumber } from "../../../ui/small-number.tsx";
import { Progress } from "../../../ui/progress.tsx";
import { saveFiles } from "../../../ui/save-files.ts";
import { Segmented } from "../../../ui/segmented.tsx";
import { Token } from "../../../ui/token.tsx";
import { tokenLabels } from "../../../ui/token-text.ts";
import { TableDialog } from "./table-dialog.tsx";
import { MOST, type ProbeData, RULES } from "./use-probe-question.ts";
import { RULE, WHAT_DATA } from "./words.ts";

const DATA = [
  { value: "rule", label: "Rule", title: "Tokens of the corpus, labelled by a rule" },
  { value: "task", label: "Task", title: "Prompts of a task, by answer, or their tokens, by role" },
  { value: "own", label: "Mine", title: "Texts and labels of one’s own" },
] as const;

export function DataFigure({ data }: { data: ProbeData }) {
  const { request } = data;
  const shown = useLab((s) => s.probeView);
  const look = useLab((s) => s.viewProbeData);
  const key = request && requestKey(request);
  const setTable = useLab((s) => s.setProbeTable);
  const take = async (file: File) => {
    setTable({ name: file.name, text: await file.slice(0, 4 * MOST_TABLE).text() });
    data.setData("own");
  };
  useFileTaker(
    "labelled texts, to be probed: CSV, TSV or JSONL",
    ".csv,.tsv,.jsonl",
    ([file]) => void take(file!),
  );
  const view = shown.status === "ready" && key === shown.value.key ? shown.value.view : null;
  useEffect(() => {
    if (!request) return;
    const timer = setTimeout(() => void look(request), 200); // of a number that is being typed
    return () => clearTimeout(timer);
  }, [request, look]);
  return (
    <Figure
      title="Labelled data"
      name="probe-data"
      what={WHAT_DATA}
      python={view ? probeDataPython : { none: "There are no labelled cases yet." }}
      table={() => tableOf(view)}
    >
      <Choices data={data} />
      {data.data === "rule" && <p className="quiet">{RULE[data.rule]}</p>}
      {data.data === "task" && <p className="quiet">{LIBRARY[data.task].words}</p>}
      {data.data === "own" && <OwnTable data={data} />}
      {request && shown.status === "failed" && (
        <ErrorCard title="These data cannot be probed" error={shown.error} />
      )}
      {request && shown.status === "running" && <Progress label="Reading the texts" share={null} />}
      {view && <View view={view} data={data} />}
    </Figure>
  );
}

function tableOf(view: ProbeView | null) {
  if (view?.labels.kind === "numbers") {
    const { used, all, least, most, mean } = view.labels;
    return {
      columns: ["cases used", "cases", "least", "most", "mean"],
      rows: [[used, all, least, most, mean]],
    };
  }
  return {
    columns: ["class", "cases used", "cases", "texts"],
    rows: (view?.labels.classes ?? []).map(({ name, used, all, texts }) => [
      name,
      used,
      all,
      texts,
    ]),
  };
}

function Choices({ data }: { data: ProbeData }) {
  const numbers = data.data === "rule" && NUMBER_RULES.some((rule) => rule === data.rule);
  return (
    <div className="probe-settings">
      <Segmented label="Data" value={data.data} choices={DATA} onChange={data.setData} />
      {data.data === "rule" && (
        <Select
          label="Label of each token"
          value={data.rule}
          options={RULES.map((value) => ({ value, label: value }))}
          onChange={data.setRule}
        />
      )}
      {data.data === "task" && (
        <>
          <Select
            label="Task"
            value={data.task}
            options={LIBRARY_IDS.map((value) => ({ value, label: LIBRARY[value].label }))}
            onChange={data.setTask}
          />
          <Segmented
            label="Labels"
            value={data.by}
            choices={[
              { value: "answer", label: "answers", title: "Each prompt by its right answer" },
              { value: "role", label: "roles", title: "Tokens by their role: IO, S1, END …" },
            ]}
            onChange={data.setBy}
          />
        </>
      )}
      {data.data !== "own" && (
        <SmallNumber
          whole
          label={data.data === "rule" ? "Contexts" : "Prompts"}
          value={data.texts}
          onChange={data.setTexts}
          min={1}
          max={MOST.texts}
        />
      )}
      <SmallNumber
        whole
        label="Cases at most"
        value={data.most}
        onChange={data.setMost}
        min={10}
        max={MOST.cases}
      />
      <SmallNumber
        whole
        label="Seed"
        value={data.seed}
        onChange={data.setSeed}
        min={0}
        max={999_999}
      />
      {!numbers && (
        <Checkbox
          label="As many of each class"
          title="The larger classes are cut to the size of the smallest"
          checked={data.balanced}
          onChange={data.setBalanced}
        />
      )}
    </div>
  );
}

function OwnTable({ data: { table } }: { data: ProbeData }) {
  const [open, setOpen] = useState(false);
  const setTable = useLab((s) => s.setProbeTable);
  return (
    <div className="row">
      <Button kind={table ? "normal" : "primary"} icon="file" onClick={() => setOpen(true)}>
        {table ? "Other data" : "Add labelled texts"}
      </Button>
      {table ? (
        <>
          <span className="mono">{table.name}</span>
          <Button kind="quiet" onClick={() => setTable(null)}>
            Remove
          </Button>
        </>
      ) : (
        <span className="quiet">A table of text and label: paste it, or drop a file.</span>
      )}
      {open && <TableDialog onClose={() => setOpen(false)} />}
    </div>
  );
}

function View({ view, data }: { view: ProbeView; data: ProbeData }) {
  const { labels, unit, notes, examples } = view;
  const used =
    labels.kind === "numbers" ? labels.used : labels.classes.reduce((n, { used: k }) => n + k, 0);
  const all =
    labels.kind === "numbers" ? labels.all : labels.classes.reduce((n, { all: k }) => n + k, 0);
  return (
    <>
      <p>
        {formatCount(used)} {unit === "token" ? "labelled tokens" : "labelled texts"}
        {used < all && ` of ${formatCount(all)}`}
        {unit === "token" && ` in ${formatCount(view.texts)} texts`}
        {labels.kind === "numbers" &&
          `; from ${labels.least} to ${labels.most}, mean ${labels.mean.toPrecision(3)}`}
        .
      </p>
      {notes.map((note) => (
        <p key={note} className="quiet">
          {note}
        </p>
      ))}
      {labels.kind === "classes" && (
        <div className="table-room">
          <table className="probe-table">
            <thead>
              <tr>
                <th scope="col">class</th>
                <th scope="col">cases used</th>
                <th scope="col">cases</th>
                <th scope="col">texts</th>
              </tr>
            </thead>
            <tbody>
              {labels.classes.map((one) => (
                <tr key={one.name}>
                  <th scope="row">{one.name}</th>
                  <td>{formatCount(one.used)}</td>
                  <td>{formatCount(one.all)}</td>
                  <td>{formatCount(one.texts)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <details className="probe-examples">
        <summary>Some of them</summary>
        <ul>
          {examples.map((example, i) => (
            <li key={i}>
              <Example example={example} /> <span className="probe-label">{example.label}</span>
            </li>
          ))}
        </ul>
      </details>
      <ExportData data={data} />
    </>
  );
}

function ExportData({ data: { request } }: { data: ProbeData }) {
  const make = useLab((s) => s.probeData);
  const [error, setError] = useState<ReturnType<typeof toLabError> | null>(null);
  if (!request) return null;
  const save = () =>
    make(request).then(
      (text) => saveFiles([new File([text], PROBE_FILE, { type: "application/jsonl" })]),
      (e: unknown) => setError(toLabError(e)),
    );
  return (
    <div className="row">
      <Button kind="quiet" icon="download" onClick={() => void save()}>
        Data as JSONL
      </Button>
      <span className="quiet">Tokens, labels and parts of the data: what the Python reads.</span>
      {error && <ErrorCard title="The data could not be saved" error={error} />}
    </div>
  );
}

/** A piece of text, its case marked. */
export function Example({ example: { tokens, at } }: { example: ProbeExample }) {
  return (
    <span className="probe-text">
      {tokenLabels(tokens).map((label, i) => (
        <Token key={i} token={label} className={i === at ? "probe-case" : ""} />
      ))}
    </span>
  );
}
