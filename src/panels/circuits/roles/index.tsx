/** Roles: what each head seems to be for, the evidence, and where one sees it. */
import { useState } from "react";
import {
  ROLE_COLUMNS,
  roleRows,
  type RoleRow,
  type RoleSort,
  sortRoles,
} from "../../../charts/role-rows.ts";
import { type HeadRole, REPEATED, type RolesAnswer } from "../../../core/head-roles.ts";
import { headRolesPython } from "../../../python/head-roles.ts";
import { useRunFacts } from "../../../state/run-facts.ts";
import type { Gpt2Config } from "../../../core/types.ts";
import { headReceiver } from "../../../core/paths.ts";
import { useLab } from "../../../state/context.ts";
import type { RoleRun } from "../../../state/heads-slice.ts";
import type { OpenTask } from "../../../state/task-slice.ts";
import { Button } from "../../../ui/button.tsx";
import { ErrorCard } from "../../../ui/error-card.tsx";
import { Checkbox } from "../../../ui/field.tsx";
import { Figure } from "../../../ui/figure.tsx";
import { Progress } from "../../../ui/progress.tsx";
import { RoleTable } from "./role-table.tsx";
import { Thresholds } from "./thresholds.tsx";
import { useKnownClass, useLeast, useRoles } from "./use-roles.ts";
import { ROLE, STAGE, WHAT_ROLES } from "./words.ts";

export default function RolesPart({ open }: { open: OpenTask }) {
  const model = useLab((s) => s.model);
  return model.status === "ready" ? <Roles open={open} config={model.value.config} /> : null;
}

function Roles({ open, config }: { open: OpenTask; config: Gpt2Config }) {
  const { run, start, question } = useRoles(open);
  const facts = useRunFacts();
  const known = useKnownClass(open, config);
  const { least } = useLeast();
  const [sort, setSort] = useState<RoleSort>({ by: "direct", down: true });
  const [all, setAll] = useState(false);
  const answer = run?.answer ?? null;
  const rows = answer ? roleRows(answer, known.classOf, least) : [];
  const shown = sortRoles(rows, sort).filter(
    ({ roles, known: published }) => all || roles.length > 0 || published !== null,
  );
  return (
    <Figure
      title="Roles of heads"
      name="head-roles"
      what={WHAT_ROLES}
      python={
        question.pairs.every(({ wrong }) => wrong.length > 0)
          ? () => headRolesPython(facts(), question, least, answer?.repeat ?? REPEATED)
          : {
              none: "The task has pairs without wrong answers, so no logit difference can be told.",
            }
      }
      table={() => ({
        columns: ["head", "proposed", "criteria", "published", ...ROLE_COLUMNS],
        rows: sortRoles(rows, sort).map(({ evidence, roles, known: published }) => [
          `${evidence.layer}.${evidence.head}`,
          roles.map(({ role }) => ROLE[role].label).join("; "),
          roles.flatMap(({ criteria }) => criteria.map(({ words }) => words)).join("; "),
          published,
          ...ROLE_COLUMNS.map((name) => evidence[name]),
        ]),
      })}
    >
      <RolesAction run={run} start={start} heads={config.n_layer * config.n_head} />
      <Thresholds answer={answer} />
      {answer && <p className="quiet">{factsOf(answer)}</p>}
      {answer?.lacks && <p role="status">{answer.lacks}</p>}
      {answer && known.why && <p className="quiet">{known.why}</p>}
      {answer && (
        <>
          <Proposed rows={rows} answer={answer} />
          <Checkbox label="All heads in the table" checked={all} onChange={setAll} />
          <RoleTable rows={shown} sort={sort} setSort={setSort} withKnown={known.there} />
        </>
      )}
    </Figure>
  );
}

const factsOf = ({ pairs, logitDiff, names, repeat, movers }: RolesAnswer) =>
  [
    `${pairs} ${pairs === 1 ? "pair" : "pairs"}`,
    ...(logitDiff === null
      ? []
      : [`mean logit difference ${logitDiff.toFixed(2).replace("-", "−")}`]),
    ...(names === 0 ? [] : [`${names} names`]),
    `${repeat} random tokens, repeated`,
    ...(movers.length === 0 ? [] : [`movers: ${movers.join(", ")}`]),
  ].join(" · ");

export function RolesAction({
  run,
  start,
  heads,
}: {
  run: RoleRun | null;
  start: () => Promise<void>;
  heads: number;
}) {
  const stop = useLab((s) => s.stopRoles);
  if (run?.status === "running") {
    const { progress } = run;
    return (
      <Progress
        label={progress ? STAGE[progress.stage] : "Looking at the heads"}
        share={progress && progress.total > 0 ? progress.done / progress.total : null}
        facts={progress ? [`${progress.done} of ${progress.total}`] : []}
        onCancel={stop}
        cancelLabel="Stop"
      />
    );
  }
  return (
    <>
      <div className="row">
        <Button kind="primary" icon="play" onClick={() => void start()}>
          Look at all {heads} heads
        </Button>
        {run?.status === "stopped" && <span className="quiet">Stopped.</span>}
      </div>
      {run?.error && <ErrorCard title="Roles cannot be told" error={run.error} />}
    </>
  );
}

/** Each role with its heads, what speaks for them, and the figure where one sees it. */
function Proposed({ rows, answer }: { rows: readonly RoleRow[]; answer: RolesAnswer }) {
  const selectHead = useLab((s) => s.selectHead);
  const groups = new Map<
    HeadRole,
    { name: string; layer: number; head: number; words: string }[]
  >();
  for (const { evidence, roles } of rows) {
    for (const { role, criteria } of roles) {
      const { layer, head } = evidence;
      const words = criteria.map((one) => one.words).join(", ");
      groups.set(role, [
        ...(groups.get(role) ?? []),
        { name: `${layer}.${head}`, layer, head, words },
      ]);
    }
  }
  if (groups.size === 0) return <p role="status">No head meets all the criteria of a role.</p>;
  return (
    <dl className="role-list">
      {[...groups].map(([role, heads]) => (
        <div key={role}>
          <dt>
            {ROLE[role].label} <span className="quiet">{ROLE[role].does}</span>{" "}
            <SeeButton role={role} movers={answer.movers} />
          </dt>
          <dd>
            {heads.map(({ name, layer, head, words }) => (
              <span key={name} className="row tight-row">
                <button
                  type="button"
                  className="button mono"
                  onClick={() => selectHead({ layer, head })}
                >
                  {name}
                </button>
                <span className="quiet">{words}</span>
              </span>
            ))}
          </dd>
        </div>
      ))}
    </dl>
  );
}

function SeeButton({ role, movers }: { role: HeadRole; movers: readonly string[] }) {
  const setExploreView = useLab((s) => s.setExploreView);
  const setOptions = useLab((s) => s.setOptions);
  if (role === "previous" || role === "duplicate" || role === "induction") {
    return (
      <Button
        kind="quiet"
        onClick={() => {
          setOptions({ "heads.score": `repeats.${role}Diagonal` });
          setExploreView("attention");
        }}
      >
        See the patterns
      </Button>
    );
  }
  const heads = movers.map((name) => {
    const [layer, head] = name.split(".").map(Number) as [number, number];
    return headReceiver({ layer, head }, "q");
  });
  const into = role === "inhibition" ? heads.join(",") : "";
  return (
    <Button
      kind="quiet"
      onClick={() =>
        setOptions({
          ...{ "circuits.part": "paths", "paths.direction": null, "paths.by": null },
          ...{ "paths.levels": into || null, "paths.level": into === "" ? null : "1" },
        })
      }
    >
      {into === "" ? "See the paths to the logits" : "See the paths to the movers"}
    </Button>
  );
}
