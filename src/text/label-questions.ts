/**
 * What a language model is asked about a feature, and how its answers are read. The tasks are the field's: a label from
 * examples with marked tokens, and detection and fuzzing, are those of Paulo et al. 2024 (arXiv:2410.13928; EleutherAI's
 * Delphi); simulation is that of Bills et al. 2023, with the numbers that the model writes in place of their expectation
 * over its probabilities, which chat servers do not tell. The words are ours.
 */
import type { FeatureExample } from "../core/sae.ts";
import { joinTokens, readable } from "../core/token-bytes.ts";
import type { Message, Question } from "../core/writer.ts";

type Text = Pick<FeatureExample, "tokens" | "activations">;

/** Texts of one question of detection or fuzzing: Delphi's number. */
export const TEXTS_A_QUESTION = 5;
/** Tokens above this share of the largest activation are marked: Delphi's threshold. */
const MARKED_ABOVE = 0.3;
const [OPEN, CLOSE] = ["<<", ">>"];

const largestOf = (texts: readonly Text[]): number =>
  texts.reduce((most, { activations }) => activations.reduce((a, b) => Math.max(a, b), most), 0);

/** Positions whose activation is above 30 % of the text's largest. */
export function markedPositions({ activations }: Text): number[] {
  const least = MARKED_ABOVE * largestOf([{ tokens: [], activations }]);
  return Array.from(activations.keys()).filter(
    (t) => activations[t]! > 0 && activations[t]! > least,
  );
}

/** The text with runs of tokens between << and >>. */
export function markedText(tokens: readonly string[], positions: readonly number[]): string {
  const marked = new Set(positions);
  const parts = tokens.map((token, t) => {
    const begins = marked.has(t) && !marked.has(t - 1);
    const ends = marked.has(t) && !marked.has(t + 1);
    return `${begins ? OPEN : ""}${token}${ends ? CLOSE : ""}`;
  });
  return oneLine(readable(joinTokens(parts)));
}
const oneLine = (text: string) => text.replaceAll("\r", "").replaceAll("\n", "\\n");

/** Activations as whole numbers of 0 to 10, the largest of all texts being 10: Bills et al.'s scale. */
export const tenths = (activation: number, largest: number): number =>
  largest > 0 ? Math.round((10 * Math.max(0, activation)) / largest) : 0;

/** @param promoted tokens whose logits it raises most */
export function labelQuestion(examples: readonly Text[], promoted: readonly string[]): Question {
  const largest = largestOf(examples);
  const shown = examples.map((example, i) => {
    const marked = markedPositions(example);
    const values = marked
      .slice(0, 12)
      .map(
        (t) =>
          `${JSON.stringify(readable(example.tokens[t]!))} ${tenths(example.activations[t]!, largest)}`,
      );
    return `Example ${i + 1}: ${markedText(example.tokens, marked)}\nActivations: ${values.join(", ")}`;
  });
  return {
    most: 400,
    messages: [
      {
        role: "system",
        content:
          "You study single features of a neural network that reads text. You are shown texts on which one feature is active. " +
          `The tokens on which it is active stand between ${OPEN} and ${CLOSE}; below each text they are listed with their ` +
          "activation, from 0 to 10. Find what the marked tokens, or what comes before them, have in common. Be specific: " +
          "say what all of the examples share and other texts do not. Do not speak of the marks or of activations. " +
          "Give your conclusion as the last line of your answer, as a phrase of at most twelve words, after “LABEL:”.",
      },
      {
        role: "user",
        content: [
          ...shown,
          ...(promoted.length > 0
            ? [
                `Tokens that it makes likelier to come next: ${promoted.map((t) => JSON.stringify(readable(t))).join(", ")}`,
              ]
            : []),
        ].join("\n\n"),
      },
    ],
  };
}

/** The words after the last "LABEL:", or else the last line; null if there are none. */
export function readLabel(answer: string): string | null {
  const text = answer.replace(/<think>[\s\S]*?(<\/think>|$)/g, "");
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== "");
  const told = lines.flatMap((line) => /LABEL\W{0,4}:\W{0,3}(.+)$/i.exec(line)?.[1] ?? []);
  const words = (told.at(-1) ?? lines.at(-1) ?? "")
    .replace(/^[\s*_"'“”#>-]+|[\s*_"'“”]+$/g, "")
    .replace(/\.$/, "")
    .trim();
  return words === "" ? null : words.slice(0, 200);
}

export function detectionQuestion(label: string, texts: readonly Text[]): Question {
  return choice(
    label,
    texts.map(({ tokens }) => markedText(tokens, [])),
    "The feature is said to be active on: ",
    "You are told what a feature of a neural network is active on, and shown some texts. For each text say whether the feature is active somewhere in it: 1 if so, else 0.",
  );
}

export function fuzzingQuestion(
  label: string,
  texts: readonly { tokens: readonly string[]; marked: readonly number[] }[],
): Question {
  return choice(
    label,
    texts.map(({ tokens, marked }) => markedText(tokens, marked)),
    "The feature is said to be active on: ",
    `You are told what a feature of a neural network is active on, and shown some texts with tokens marked by ${OPEN} and ${CLOSE}. For each text say whether the marked tokens are those on which such a feature would be active: 1 if so, else 0.`,
  );
}

function choice(label: string, texts: readonly string[], said: string, task: string): Question {
  const messages: Message[] = [
    {
      role: "system",
      content: `${task} Answer with a JSON list of ${texts.length} numbers in the order of the texts, like [${texts.map((_, i) => i % 2).join(", ")}], and with nothing else.`,
    },
    {
      role: "user",
      content: [`${said}${label}`, ...texts.map((text, i) => `Text ${i + 1}: ${text}`)].join(
        "\n\n",
      ),
    },
  ];
  return { messages, most: 200 };
}

export function simulationQuestion(label: string, { tokens }: Pick<Text, "tokens">): Question {
  const listed = tokens.map((token) => JSON.stringify(readable(token))).join(", ");
  return {
    most: 40 + 8 * tokens.length,
    messages: [
      {
        role: "system",
        content:
          "You are told what a feature of a neural network is active on, and shown the tokens of a text in order. Predict how " +
          "active the feature is on each token, as a whole number from 0 (not active) to 10 (as active as it ever is). Most " +
          `tokens of most texts have 0. Answer with a JSON list of ${tokens.length} numbers, one for each token, and with nothing else.`,
      },
      {
        role: "user",
        content: `The feature is said to be active on: ${label}\n\nTokens: [${listed}]`,
      },
    ],
  };
}

/** The last list of numbers in square brackets that has as many entries as there should be; null if there is none. */
function readList(answer: string, length: number): number[] | null {
  const text = answer.replace(/<think>[\s\S]*?(<\/think>|$)/g, "");
  for (const found of [...text.matchAll(/\[([^[\]]*)\]/g)].reverse()) {
    const entries = found[1]!.split(",").map((entry) => entry.trim());
    const numbers = entries.map((entry) =>
      /^(true|false)$/i.test(entry)
        ? Number(/^true$/i.test(entry))
        : entry === ""
          ? NaN
          : Number(entry),
    );
    if (numbers.length === length && numbers.every(Number.isFinite)) return numbers;
  }
  return null;
}

/** One for each text: yes, no, or null where the answer cannot be read. Anything but 0 and 1 cannot. */
export function readChoices(answer: string, length: number): (boolean | null)[] {
  const numbers = readList(answer, length);
  const sound = numbers?.every((n) => n === 0 || n === 1) ?? false;
  return Array.from({ length }, (_, i) => (sound ? numbers![i] === 1 : null));
}

/** Predicted activations of 0 to 10; null where the answer cannot be read, or leaves that range. */
export function readActivations(answer: string, length: number): number[] | null {
  const numbers = readList(answer, length);
  return numbers?.every((n) => n >= 0 && n <= 10) ? numbers : null;
}
