/**
 * Tasks that come with the lab, as recipes. Words that are not one token for the model at hand are left out when a task is
 * made, and it is said which.
 */
import type { TaskRecipe, TaskTemplate } from "./task.ts";
import * as words from "./task-words.ts";

export const LIBRARY_IDS = [
  "ioi-flip",
  "ioi-baba",
  "ioi-abba",
  "ioi-all",
  "capitals",
  "landmarks",
  "greater-than",
  "pronoun",
  "closing",
  "induction",
  "sentiment",
] as const;
export type LibraryId = (typeof LIBRARY_IDS)[number];

export interface LibraryTask {
  label: string;
  /** What is asked of the model, and what the corrupted prompt changes. */
  words: string;
  source: string | null;
  recipe: TaskRecipe;
}

/**
 * Indirect object identification: {S} comes twice, {IO} once, and the text goes on with {IO}. In this order, BABA.
 * Source of the fifteen: Wang et al. 2022, "Interpretability in the Wild", appendix; the first is the one ACDC uses.
 */
const BABA: readonly string[] = [
  "Then, {S} and {IO} went to the {PLACE}. {S} gave a {OBJECT} to",
  "Then, {S} and {IO} had a lot of fun at the {PLACE}. {S} gave a {OBJECT} to",
  "Then, {S} and {IO} were working at the {PLACE}. {S} decided to give a {OBJECT} to",
  "Then, {S} and {IO} were thinking about going to the {PLACE}. {S} wanted to give a {OBJECT} to",
  "Then, {S} and {IO} had a long argument, and afterwards {S} said to",
  "After {S} and {IO} went to the {PLACE}, {S} gave a {OBJECT} to",
  "When {S} and {IO} got a {OBJECT} at the {PLACE}, {S} decided to give it to",
  "When {S} and {IO} got a {OBJECT} at the {PLACE}, {S} decided to give the {OBJECT} to",
  "While {S} and {IO} were working at the {PLACE}, {S} gave a {OBJECT} to",
  "While {S} and {IO} were commuting to the {PLACE}, {S} gave a {OBJECT} to",
  "After the lunch, {S} and {IO} went to the {PLACE}. {S} gave a {OBJECT} to",
  "Afterwards, {S} and {IO} went to the {PLACE}. {S} gave a {OBJECT} to",
  "Then, {S} and {IO} had a long argument. Afterwards {S} said to",
  "The {PLACE} {S} and {IO} went to had a {OBJECT}. {S} gave it to",
  "Friends {S} and {IO} found a {OBJECT} at the {PLACE}. {S} gave it to",
];
/** The two names of the first clause swapped. */
const swapped = (text: string) => text.replace("{S} and {IO}", "{IO} and {S}");

/** The ABC baseline: three other names in the places of IO, S1 and S2. */
const toABC = (text: string) => {
  let second = false;
  return text.replaceAll("{IO}", "{A}").replace(/\{S\}/g, () => {
    const name = second ? "{C}" : "{B}";
    second = true;
    return name;
  });
};
/** The last name is that of the indirect object: the other answer becomes right. */
const flipped = (text: string) => {
  const at = text.lastIndexOf("{S}");
  return `${text.slice(0, at)}{IO}${text.slice(at + 3)}`;
};
const NAMED = { answers: [" {IO}"], wrong: [" {S}"] };
const ioi = (
  name: string,
  texts: readonly string[],
  corrupt: (text: string) => string,
): TaskRecipe => ({
  name,
  templates: texts.map((clean): TaskTemplate => ({ clean, corrupted: corrupt(clean), ...NAMED })),
  slots: {
    ...{ IO: "names", S: "names", A: "names", B: "names", C: "names" },
    ...{ PLACE: "places", OBJECT: "objects" },
  },
  lists: { names: words.NAMES, places: words.PLACES, objects: words.OBJECTS },
  roles: { S: ["S1", "S2"], IO: ["IO"] },
  next: ["S1"],
});
const IOI_SOURCE =
  "Wang, Variengien, Conmy, Shlegeris and Steinhardt 2022, “Interpretability in the Wild”; its templates, places and objects, our names.";
const IOI_WORDS =
  "Two names, one of which comes again: the text goes on with the other, the indirect object (IO). ";
const ABC_WORDS = "The corrupted prompt has three other names (the paper’s ABC).";

const COPIED = ["A", "B", "C", "D", "E", "F"] as const;
const copied = (last: string) =>
  ` ${COPIED.slice(0, 5)
    .map((slot) => `{${slot}}`)
    .join(" ")} {${last}}${COPIED.slice(0, 5)
    .map((slot) => ` {${slot}}`)
    .join("")}`;

export const LIBRARY: Readonly<Record<LibraryId, LibraryTask>> = {
  "ioi-baba": {
    label: "Indirect object, BABA",
    words: IOI_WORDS + "S comes first. " + ABC_WORDS,
    source: IOI_SOURCE,
    recipe: ioi("Indirect object, BABA", BABA.slice(0, 1), toABC),
  },
  "ioi-abba": {
    label: "Indirect object, ABBA",
    words: IOI_WORDS + "IO comes first. " + ABC_WORDS,
    source: IOI_SOURCE,
    recipe: ioi("Indirect object, ABBA", BABA.slice(0, 1).map(swapped), toABC),
  },
  "ioi-all": {
    label: "Indirect object, all templates",
    words:
      IOI_WORDS +
      "All fifteen templates in both orders, of different lengths: patch by role. " +
      ABC_WORDS,
    source: IOI_SOURCE,
    recipe: ioi("Indirect object, all templates", [...BABA, ...BABA.map(swapped)], toABC),
  },
  "ioi-flip": {
    label: "Indirect object, names flipped",
    words:
      IOI_WORDS +
      "The corrupted prompt differs in one word, the second S, which is IO there: its answer is S.",
    source: IOI_SOURCE,
    recipe: ioi("Indirect object, names flipped", BABA.slice(0, 1), flipped),
  },
  capitals: {
    label: "Capitals",
    words: "A country’s capital. The corrupted prompt names another country.",
    source: null,
    recipe: {
      name: "Capitals",
      templates: [
        {
          clean: "The capital of {A} is",
          corrupted: "The capital of {B} is",
          ...{ answers: [" {A.2}"], wrong: [" {B.2}"] },
        },
      ],
      slots: { A: "capitals", B: "capitals" },
      lists: { capitals: words.CAPITALS },
      roles: { A: ["country"] },
    },
  },
  landmarks: {
    label: "Landmarks",
    words:
      "The city that a landmark is in. The corrupted prompt names one of as many tokens somewhere else.",
    source: null,
    recipe: {
      name: "Landmarks",
      templates: [
        {
          clean: "The {A} is in the city of",
          corrupted: "The {B} is in the city of",
          ...{ answers: [" {A.2}"], wrong: [" {B.2}"] },
        },
      ],
      slots: { A: "landmarks", B: "landmarks" },
      lists: { landmarks: words.LANDMARKS },
      free: ["landmarks"],
      roles: { A: ["landmark"] },
    },
  },
  "greater-than": {
    label: "Greater than",
    words:
      "The end of a span of years in the same century: right are all two-digit years above the first. The corrupted prompt begins in 01.",
    source: "Hanna, Liu and Variengien 2023, “How does GPT-2 compute greater-than?”; our nouns.",
    recipe: {
      name: "Greater than",
      templates: [
        {
          clean: "The {NOUN} lasted from the year 17{YY} to the year 17",
          corrupted: "The {NOUN} lasted from the year 1701 to the year 17",
          ...{ answers: [], wrong: [] },
        },
      ],
      slots: { NOUN: "nouns", YY: "years" },
      lists: {
        nouns: words.SPANS,
        years: Array.from({ length: 97 }, (_, i) => [String(i + 2).padStart(2, "0")]),
      },
      free: ["years"],
      above: "YY",
    },
  },
  pronoun: {
    label: "Pronoun of a name",
    words: "“she” or “he” after a name. The corrupted prompt has a name of the other kind.",
    source: null,
    recipe: {
      name: "Pronoun of a name",
      templates: [
        {
          clean: "{F} went home because",
          corrupted: "{M} went home because",
          ...{ answers: [" she"], wrong: [" he"] },
        },
        {
          clean: "{M} went home because",
          corrupted: "{F} went home because",
          ...{ answers: [" he"], wrong: [" she"] },
        },
      ],
      slots: { F: "women", M: "men" },
      lists: { women: words.WOMEN, men: words.MEN },
      roles: { F: ["name"], M: ["name"] },
    },
  },
  closing: {
    label: "Closing a bracket",
    words:
      "A bracket that was opened is closed, not a quotation mark. The corrupted prompt opens a quotation mark at the same place.",
    source: null,
    recipe: {
      name: "Closing a bracket",
      templates: [
        {
          clean: "The {ADJ} {NOUN} (the {ADJ2} one",
          corrupted: 'The {ADJ} {NOUN} "the {ADJ2} one',
          ...{ answers: [")"], wrong: ['"'] },
        },
      ],
      slots: { ADJ: "adjectives", ADJ2: "adjectives", NOUN: "things" },
      lists: { adjectives: words.ADJECTIVES, things: words.THINGS },
    },
  },
  induction: {
    label: "Induction on random words",
    words:
      "Six words drawn from the vocabulary, and five of them again: the sixth should follow. The corrupted prompt had another sixth.",
    source: "Olsson et al. 2022, “In-context Learning and Induction Heads”.",
    recipe: {
      name: "Induction on random words",
      templates: [
        {
          ...{ clean: copied("F"), corrupted: copied("G") },
          ...{ answers: [" {F}"], wrong: [" {G}"] },
        },
      ],
      slots: Object.fromEntries([...COPIED, "G"].map((slot) => [slot, "vocabulary"])),
      lists: {},
      vocabulary: "vocabulary",
    },
  },
  sentiment: {
    label: "Sentiment",
    words:
      "What a film is called after it was judged. The corrupted prompt judges it the other way.",
    source: null,
    recipe: {
      name: "Sentiment",
      templates: [
        {
          clean: "I thought the film was {GOOD}. I {LIKED} it. In short, the film was very",
          corrupted: "I thought the film was {BAD}. I {DISLIKED} it. In short, the film was very",
          ...{ answers: [" good"], wrong: [" bad"] },
        },
      ],
      slots: { GOOD: "praise", BAD: "blame", LIKED: "liked", DISLIKED: "disliked" },
      lists: {
        praise: words.PRAISE,
        blame: words.BLAME,
        liked: words.LIKED,
        disliked: words.DISLIKED,
      },
      roles: { GOOD: ["adjective"], LIKED: ["verb"] },
    },
  },
};
