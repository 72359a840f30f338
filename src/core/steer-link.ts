/**
 * Steering rows in the short form of a link. Rows are joined by "_", each is source, mode, amount, positions, SAE:
 *   412a3.5         feature 412 of the link's SAE, 3.5 added
 *   ~7c-2*1         switched off: feature 7 of the second SAE named, clamped to −2
 *   n2.40r5@-1.3    neuron 40 of layer 2, replaced by 5 at positions −1 and 3
 *   h1.3(to)m0@g    head 1.3 at the end of "to", times 0 at generated positions
 *   dpost1(a.b!c)a8 difference of means of "a", "b" and "c" after block 1, 8 added
 * Amounts in four digits, as they are shown. A vector has no short form.
 */
import { blockHook, type BlockSite } from "./hooks.ts";
import { modesOf, type SteerAt, type SteerMode, type SteerRow, type SteerSource } from "./steer.ts";

const LETTER: Record<SteerMode, string> = {
  ...{ add: "a", clamp: "c", multiply: "m", ablate: "z", replace: "r", most: "l", least: "g" },
};
const SITE: Record<string, BlockSite> = {
  ...{ pre: "hook_resid_pre", mid: "hook_resid_mid", post: "hook_resid_post" },
  ...{ attn: "hook_attn_out", mlp: "hook_mlp_out" },
};
export const LINK_ROWS = 20;

export interface SteerLink {
  /** The rows' part. */
  rows: string;
  /** Ids of the SAEs that are named by their number, joined by "*". */
  saes: string;
  /** Of the rows: those that the link cannot hold. */
  left: SteerRow[];
}

/** @param saeId the link's own SAE */
export function encodeSteer(rows: readonly SteerRow[], saeId: string | null): SteerLink {
  const saes: string[] = [];
  const left: SteerRow[] = [];
  const parts: string[] = [];
  for (const row of rows) {
    const source = encodeSource(row.source);
    if (source === null || parts.length >= LINK_ROWS) {
      left.push(row);
      continue;
    }
    const amount = row.mode === "ablate" ? "" : String(Number(row.amount.toPrecision(4)));
    const at = row.at === "all" ? "" : `@${row.at === "generated" ? "g" : row.at.join(".")}`;
    let of = "";
    if (row.source.kind === "feature" && row.source.sae !== saeId && row.source.sae !== "") {
      const { sae } = row.source;
      if (!saes.includes(sae)) saes.push(sae);
      of = `*${saes.indexOf(sae)}`;
    }
    parts.push(`${row.on ? "" : "~"}${source}${LETTER[row.mode]}${amount}${at}${of}`);
  }
  return { rows: parts.join("_"), saes: saes.join("*"), left };
}

function encodeSource(source: SteerSource): string | null {
  switch (source.kind) {
    case "feature":
      return String(source.feature);
    case "neuron":
      return `n${source.layer}.${source.neuron}`;
    case "head":
      return `h${source.layer}.${source.head}(${texts(source.phrases)})`;
    case "difference": {
      const [, layer, name] = /^blocks\.(\d+)\.(.+)$/.exec(source.hook) ?? [];
      const site = Object.keys(SITE).find((key) => SITE[key] === name);
      if (layer === undefined || site === undefined) return null;
      return `d${site}${layer}(${texts(source.plus)}!${texts(source.minus)})`;
    }
    case "vector":
      return null;
  }
}

/** Letters, digits and spaces as they are; all else, the separators too, by its code: "$2e$". */
const texts = (phrases: readonly string[]): string =>
  phrases
    .map((text) => text.replace(/[^\p{L}\p{N} ]/gu, (c) => `$${c.codePointAt(0)!.toString(16)}$`))
    .join(".");
const readTexts = (text: string): string[] =>
  text
    .split(".")
    .map((part) =>
      part.replace(/\$([0-9a-f]{1,6})\$/g, (_, code: string) => {
        const point = parseInt(code, 16);
        return point <= 0x10ffff ? String.fromCodePoint(point) : "";
      }),
    )
    .filter((part) => part !== "");

const NUMBER = String.raw`-?\d[\d.]*(?:e[+-]?\d+)?`;
const ROW = new RegExp(
  String.raw`^(~?)(\d{1,6}|[nh]\d{1,3}\.\d{1,6}|d(?:${Object.keys(SITE).join("|")})\d{1,3})(?:\(([^()]*)\))?([${Object.values(LETTER).join("")}])(${NUMBER})?(?:@(g|-?\d{1,6}(?:\.-?\d{1,6})*))?(?:\*(\d{1,2}))?$`,
  "u",
);

/** Reads what `encodeSteer` wrote; what makes no sense is left out. @param saeId of the link; null: that of the bench, when one is there */
export function decodeSteer(
  rows: string | null,
  saes: string | null,
  saeId: string | null,
): SteerRow[] {
  const others = (saes ?? "").split("*");
  const found = new Map<string, SteerRow>(); // one of each source: the last
  for (const part of (rows ?? "").split("_").slice(0, LINK_ROWS)) {
    const row = readRow(part, others, saeId);
    if (row) found.set(JSON.stringify(row.source), row);
  }
  return [...found.values()];
}

function readRow(part: string, saes: readonly string[], saeId: string | null): SteerRow | null {
  const [, off, what, inside, letter, number, places, index] = ROW.exec(part) ?? [];
  const mode = (Object.keys(LETTER) as SteerMode[]).find((m) => LETTER[m] === letter);
  if (what === undefined || mode === undefined) return null;
  const sae = index === undefined ? (saeId ?? "") : saes[Number(index)];
  if (sae === undefined || (index !== undefined && !/^[\w.-]{1,100}$/.test(sae))) return null;
  const source = readSource(what, inside, sae);
  if (!source || !modesOf(source).includes(mode)) return null;
  const amount = Number(number);
  if (mode === "ablate" ? number !== undefined : !Number.isFinite(amount)) return null;
  const at: SteerAt =
    places === undefined ? "all" : places === "g" ? "generated" : places.split(".").map(Number);
  return {
    ...{ source, mode, amount: mode === "ablate" ? 0 : amount, at, on: off === "" },
    unit: source.kind === "neuron" ? "raw" : "max",
  };
}

function readSource(what: string, inside: string | undefined, sae: string): SteerSource | null {
  const kind = what[0]!;
  if (/\d/.test(kind)) {
    return inside === undefined ? { kind: "feature", sae, feature: Number(what) } : null;
  }
  if (kind === "d") {
    const [, site, layer] = /^d([a-z]+)(\d+)$/.exec(what)!;
    const [plus = "", minus = "", ...rest] = (inside ?? "").split("!");
    const lists = { plus: readTexts(plus), minus: readTexts(minus) };
    if (lists.plus.length === 0 || lists.minus.length === 0 || rest.length > 0) return null;
    return { kind: "difference", hook: blockHook(Number(layer), SITE[site!]!), ...lists };
  }
  const [layer, number] = what.slice(1).split(".").map(Number) as [number, number];
  if (kind === "n") return inside === undefined ? { kind: "neuron", layer, neuron: number } : null;
  const phrases = readTexts(inside ?? "");
  return phrases.length > 0 ? { kind: "head", layer, head: number, phrases } : null;
}
