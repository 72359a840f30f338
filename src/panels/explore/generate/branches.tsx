/** The branches as an outline: go to one, copy its text, take it as the prompt, delete it. */
import { type CSSProperties, useState } from "react";
import { isPlain, joinTokens, readable } from "../../../core/token-bytes.ts";
import {
  type BranchTree,
  outline,
  type OutlineRow,
  pathOf,
  ROOT,
} from "../../../state/branch-tree.ts";
import { useLab } from "../../../state/context.ts";
import type { Side } from "../../../state/generate-slice.ts";
import { Button, IconButton } from "../../../ui/button.tsx";
import { Token } from "../../../ui/token.tsx";

export interface BranchesProps {
  side: Side;
  tree: BranchTree;
  prompt: string;
}

export function Branches({ side, tree, prompt }: BranchesProps) {
  const goTo = useLab((s) => s.goToBranch);
  const remove = useLab((s) => s.deleteBranch);
  const replaceText = useLab((s) => s.replaceText);
  const [copied, setCopied] = useState<"yes" | "failed" | null>(null);
  const textOf = (id: number) => joinTokens([prompt, ...pathOf(tree, id).map((t) => t.string)]);
  const copy = (id: number) =>
    navigator.clipboard
      .writeText(readable(textOf(id)))
      .then(() => setCopied("yes"))
      .catch(() => setCopied("failed"));
  return (
    <div>
      <ul className="branches" aria-label="Branches">
        {outline(tree).map((row) => {
          const { id } = row.branch;
          const text = textOf(id);
          return (
            <li key={id} className="branch" style={{ "--depth": row.depth } as CSSProperties}>
              <button
                type="button"
                className="branch-name"
                aria-current={id === tree.current ? "true" : undefined}
                onClick={() => goTo(side, id)}
              >
                <BranchWords row={row} />
              </button>
              <span className="row tight">
                <IconButton
                  icon="copy"
                  label={`Copy text ${row.name}`}
                  onClick={() => void copy(id)}
                  onBlur={() => setCopied(null)}
                />
                <Button
                  kind="quiet"
                  disabled={!isPlain(text)}
                  title={isPlain(text) ? undefined : "It ends inside a character"}
                  aria-label={`Use text ${row.name} as the prompt`}
                  onClick={() => replaceText(text)}
                >
                  As prompt
                </Button>
                {id !== ROOT && (
                  <IconButton
                    icon="trash"
                    label={`Delete branch ${row.name}`}
                    onClick={() => remove(side, id)}
                  />
                )}
              </span>
            </li>
          );
        })}
      </ul>
      <p className="quiet" role="status">
        {copied === "yes" && "Copied."}
        {copied === "failed" && "The browser did not allow copying; select the text instead."}
      </p>
    </div>
  );
}

function BranchWords({ row: { branch, name, length, instead } }: { row: OutlineRow }) {
  const [first] = branch.tokens;
  return (
    <>
      <span className="mono">{name}</span>{" "}
      {branch.parent === null || !first ? (
        "the first text"
      ) : (
        <>
          at step {branch.at + 1} <Token token={first.string} />
          {instead && (
            <>
              {" "}
              for <Token token={instead.string} />
            </>
          )}
        </>
      )}{" "}
      <span className="quiet">
        {length} {length === 1 ? "token" : "tokens"}
        {branch.status === "running" && ", being written"}
      </span>
    </>
  );
}
