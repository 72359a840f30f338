/** Reads notes out of JSON, or out of storage, value by value: what is not as it should be is named with its place. */
import {
  type Confusion,
  type FeatureLabel,
  type FeatureList,
  type FeatureNote,
  type HypothesisTest,
  type LabelScore,
  type LabelSource,
  NOTE_LIMITS,
  type TestedText,
  type TestResult,
  type TestThreshold,
  type TokenRule,
} from "../core/feature-notes.ts";
import { LabError } from "../core/lab-error.ts";
import { quoted } from "../core/quoted.ts";

type Json = Record<string, unknown>;

export class NoteReader {
  readonly #file: string;
  constructor(file: string) {
    this.#file = file;
  }

  refuse(where: string, value: unknown, expected: string): LabError {
    return new LabError(
      "bad-file",
      `${this.#file} cannot be used: ${where.slice(0, 120)} is ${quoted(value)}, expected ${expected}`,
    );
  }

  object(value: unknown, where: string): Json {
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Json;
    throw this.refuse(where, value, "an object");
  }
  list(value: unknown, where: string, most: number): unknown[] {
    if (Array.isArray(value) && value.length <= most) return value as unknown[];
    throw this.refuse(
      where,
      Array.isArray(value) ? value.length : value,
      `a list of at most ${most}`,
    );
  }
  text(value: unknown, where: string, most: number): string {
    if (typeof value === "string" && value.length <= most) return value;
    throw this.refuse(where, value, `a text of at most ${most} characters`);
  }
  number(value: unknown, where: string): number {
    if (typeof value === "number" && Number.isFinite(value)) return value;
    throw this.refuse(where, value, "a number");
  }
  share(value: unknown, where: string): number {
    const number = this.number(value, where);
    if (number >= 0 && number <= 1) return number;
    throw this.refuse(where, value, "a number from 0 to 1");
  }
  count(value: unknown, where: string): number {
    if (Number.isSafeInteger(value) && (value as number) >= 0) return value as number;
    throw this.refuse(where, value, "a whole number from 0");
  }
  flag(value: unknown, where: string): boolean {
    if (typeof value === "boolean") return value;
    throw this.refuse(where, value, "true or false");
  }
  oneOf<T extends string>(value: unknown, choices: readonly T[], where: string): T {
    const found = choices.find((choice) => choice === value);
    if (found !== undefined) return found;
    throw this.refuse(where, value, `one of ${choices.map((c) => `"${c}"`).join(", ")}`);
  }
  date(value: unknown, where: string): string {
    const text = this.text(value, where, 40);
    if (!Number.isNaN(Date.parse(text))) return text;
    throw this.refuse(where, value, "a date like 2026-01-31T12:00:00Z");
  }

  /** A feature's number, as a key of an object or as a number. */
  feature(value: unknown, dSae: number, where: string): number {
    const number =
      typeof value === "string" && /^(0|[1-9]\d{0,9})$/.test(value) ? Number(value) : value;
    if (Number.isSafeInteger(number) && (number as number) >= 0) {
      if ((number as number) < dSae) return number as number;
      throw new LabError(
        "bad-file",
        `${this.#file} cannot be used: ${where} names feature ${String(value)}, this autoencoder has 0 … ${dSae - 1}`,
      );
    }
    throw this.refuse(`a feature of ${where}`, value, "the number of a feature");
  }

  note(value: unknown, where: string): FeatureNote {
    const note = this.object(value, where);
    return {
      label: note["label"] === null ? null : this.label(note["label"], `${where}.label`),
      others: this.list(note["others"] ?? [], `${where}.others`, 100).map((other, i) =>
        this.label(other, `${where}.others[${i}]`),
      ),
      note: this.text(note["note"] ?? "", `${where}.note`, NOTE_LIMITS.note),
      starred: this.flag(note["starred"] ?? false, `${where}.starred`),
      tests: this.list(note["tests"] ?? [], `${where}.tests`, 100).map((test, i) =>
        this.test(test, `${where}.tests[${i}]`),
      ),
    };
  }

  label(value: unknown, where: string): FeatureLabel {
    const label = this.object(value, where);
    const text = this.text(label["text"], `${where}.text`, NOTE_LIMITS.label);
    if (text.trim() === "") throw this.refuse(`${where}.text`, text, "some text");
    return {
      text,
      source: this.source(label["source"], `${where}.source`),
      scores: this.list(label["scores"] ?? [], `${where}.scores`, 100).map((score, i) =>
        this.score(score, `${where}.scores[${i}]`),
      ),
      at: this.date(label["at"], `${where}.at`),
    };
  }

  source(value: unknown, where: string): LabelSource {
    const source = this.object(value, where);
    const by = this.oneOf(source["by"], ["user", "tokens", "logits", "model"], `${where}.by`);
    switch (by) {
      case "user":
      case "logits":
        return { by };
      case "tokens":
        return { by, rule: this.rule(source["rule"], `${where}.rule`) };
      case "model":
        return { by, model: this.text(source["model"], `${where}.model`, 300) };
    }
  }

  rule(value: unknown, where: string): TokenRule {
    const rule = this.object(value, where);
    return {
      place: this.oneOf(rule["place"], ["on", "after", "before"], `${where}.place`),
      tokens: this.list(rule["tokens"], `${where}.tokens`, 100).map((token, i) =>
        this.text(token, `${where}.tokens[${i}]`, 1000),
      ),
      coverage: this.share(rule["coverage"], `${where}.coverage`),
      base: this.share(rule["base"], `${where}.base`),
    };
  }

  score(value: unknown, where: string): LabelScore {
    const score = this.object(value, where);
    const kinds = ["rule", "detection", "fuzzing", "simulation"] as const;
    const kind = this.oneOf(score["kind"], kinds, `${where}.kind`);
    const shared = {
      judge: this.text(score["judge"], `${where}.judge`, 300),
      at: this.date(score["at"], `${where}.at`),
      unread: this.count(score["unread"] ?? 0, `${where}.unread`),
    };
    if (kind !== "simulation") {
      return { ...shared, kind, counts: this.counts(score["counts"], `${where}.counts`) };
    }
    const { correlation } = score;
    const known = correlation === null ? null : this.number(correlation, `${where}.correlation`);
    if (known !== null && Math.abs(known) > 1) {
      throw this.refuse(`${where}.correlation`, known, "a number from −1 to 1, or null");
    }
    const texts = this.count(score["texts"], `${where}.texts`);
    const tokens = this.count(score["tokens"], `${where}.tokens`);
    return { ...shared, kind, correlation: known, texts, tokens };
  }

  counts(value: unknown, where: string): Confusion {
    const counts = this.object(value, where);
    const of = (key: keyof Confusion) => this.count(counts[key], `${where}.${key}`);
    return {
      ...{ hits: of("hits"), misses: of("misses") },
      ...{ falseAlarms: of("falseAlarms"), rejections: of("rejections") },
    };
  }

  test(value: unknown, where: string): HypothesisTest {
    const test = this.object(value, where);
    const texts = (key: "should" | "shouldNot") =>
      this.list(test[key], `${where}.${key}`, NOTE_LIMITS.texts).map((text, i) =>
        this.text(text, `${where}.${key}[${i}]`, NOTE_LIMITS.text),
      );
    const { result } = test;
    return {
      id: this.text(test["id"], `${where}.id`, 100),
      statement: this.text(test["statement"], `${where}.statement`, NOTE_LIMITS.label),
      should: texts("should"),
      shouldNot: texts("shouldNot"),
      threshold: this.threshold(test["threshold"], `${where}.threshold`),
      result: (result ?? null) === null ? null : this.result(result, `${where}.result`),
      at: this.date(test["at"], `${where}.at`),
    };
  }

  threshold(value: unknown, where: string): TestThreshold {
    const threshold = this.object(value, where);
    return {
      kind: this.oneOf(threshold["kind"], ["activation", "share"], `${where}.kind`),
      value: this.number(threshold["value"], `${where}.value`),
    };
  }

  result(value: unknown, where: string): TestResult {
    const result = this.object(value, where);
    const tested = (key: "should" | "shouldNot") =>
      this.list(result[key], `${where}.${key}`, NOTE_LIMITS.texts).map((one, i): TestedText => {
        const of = this.object(one, `${where}.${key}[${i}]`);
        return {
          text: this.text(of["text"], `${where}.${key}[${i}].text`, NOTE_LIMITS.text),
          value: this.number(of["value"], `${where}.${key}[${i}].value`),
        };
      });
    return {
      should: tested("should"),
      shouldNot: tested("shouldNot"),
      threshold: this.number(result["threshold"], `${where}.threshold`),
      modelId: this.text(result["modelId"], `${where}.modelId`, 300),
      at: this.date(result["at"], `${where}.at`),
    };
  }

  featureList(value: unknown, dSae: number, where: string): FeatureList {
    const list = this.object(value, where);
    const features = this.list(list["features"], `${where}.features`, dSae).map((feature) =>
      this.feature(feature, dSae, `${where}.features`),
    );
    return {
      id: this.text(list["id"], `${where}.id`, 100),
      name: this.text(list["name"], `${where}.name`, NOTE_LIMITS.name),
      features: [...new Set(features)],
      at: this.date(list["at"], `${where}.at`),
    };
  }
}
