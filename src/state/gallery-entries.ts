/**
 * The gallery: prompts on which a known behaviour shows, each with what it claims, where to look and where it is from. Nothing
 * here depends on one model's weights: heads are named by what they do, and found when an entry is opened.
 */
import type { Claim, GalleryQuestion, HeadRule, HeadRuleScore } from "../core/gallery.ts";
import type { ExploreView } from "./view-slice.ts";

export interface GalleryEntry extends GalleryQuestion {
  id: string;
  title: string;
  text: string;
  /** A second prompt to compare with; null: none. */
  otherText: string | null;
  /** What to look at; `head` names the head of the rule. */
  look: (head: string) => string;
  /** The head of the rule in words. */
  headWords: string;
  view: ExploreView;
  source: { words: string; url: string | null };
}

const scores = (score: HeadRuleScore): HeadRule => ({ rule: "score", score });
const looks = (token: string, nth = 0): HeadRule => ({ rule: "looks", to: { token, nth } });
const prefers = (tokens: string[], over: string[]): Claim => ({ claim: "prefers", tokens, over });
const among = (text: string, within: number): Claim => ({ claim: "among", text, within });
const heads = (head: HeadRule, least: number): Claim => ({ claim: "head", head, least });

type Given = Pick<GalleryEntry, "id" | "title" | "text" | "look" | "source" | "claims" | "view"> &
  Partial<GalleryEntry>;
const entry = (given: Given): GalleryEntry => ({
  ...{ otherText: null, otherClaims: [], head: null, headWords: "" },
  position: "last",
  ...given,
});

const IOI = "Then, Mary and John went to the park. John gave a book to";
const IOI_SOURCE = {
  words: "Wang et al. 2023, Interpretability in the Wild (GPT-2 small)",
  url: "https://arxiv.org/abs/2211.00593",
};
const OLSSON = {
  words: "Olsson et al. 2022, In-context Learning and Induction Heads",
  url: "https://arxiv.org/abs/2209.11895",
};
const KARPATHY = {
  words: "After Karpathy et al. 2015, who found cells that follow quotes and brackets in LSTMs",
  url: "https://arxiv.org/abs/1506.02078",
};
const PLURAL = [" are", " were", " have", " do"];
const SINGULAR = [" is", " was", " has", " does"];

export const GALLERY: readonly GalleryEntry[] = [
  entry({
    id: "ioi",
    title: "Who gets the book?",
    text: IOI,
    claims: [prefers([" Mary"], [" John"]), heads(looks(" Mary"), 0.3)],
    head: looks(" Mary"),
    headWords: "the head that looks most from the last token to Mary",
    look: (head) =>
      `The next token is Mary, not John. See ${head}: a name mover, which copies what it looks at to the output.`,
    view: "attention",
    source: IOI_SOURCE,
  }),
  entry({
    id: "subject",
    title: "The name that is left out",
    text: IOI,
    claims: [heads(looks(" John", 1), 0.3)],
    head: looks(" John", 1),
    headWords: "the head that looks most from the last token to the second John",
    look: (head) =>
      `Before a name is moved, its repetition has to be noticed. See ${head}; in GPT-2 such heads keep the movers off John. Ablate it, and compare the next token.`,
    view: "attention",
    source: IOI_SOURCE,
  }),
  entry({
    id: "swap",
    title: "The other giver",
    text: IOI,
    otherText: "Then, Mary and John went to the park. Mary gave a book to",
    claims: [prefers([" Mary"], [" John"])],
    otherClaims: [prefers([" John"], [" Mary"])],
    look: () =>
      "One name apart, and the answer turns over: compare the next token of both prompts. Whatever differs between the two runs must carry it.",
    view: "prediction",
    source: IOI_SOURCE,
  }),
  entry({
    id: "induction",
    title: "A list of words, repeated",
    text: " house green seven walk paper house green seven walk paper house green seven walk",
    claims: [among(" paper", 1), heads(scores("induction"), 0.4)],
    head: scores("induction"),
    headWords: "the head with the greatest induction score",
    look: (head) =>
      `The words mean nothing together, yet from the second time on each is foreseen. See ${head}: from every repeated word it looks at the one that followed it before, a stripe beside the diagonal.`,
    view: "attention",
    source: OLSSON,
  }),
  entry({
    id: "previous",
    title: "One step back",
    text: "Once upon a time there was a little girl who lived in a house by the sea",
    claims: [heads(scores("previous"), 0.4)],
    head: scores("previous"),
    headWords: "the head that looks most at the token before",
    look: (head) =>
      `See ${head}: a stripe just below the diagonal. It tells each position what stood before it, which induction is built on.`,
    view: "attention",
    source: {
      words: "Elhage et al. 2021, A Mathematical Framework for Transformer Circuits",
      url: "https://transformer-circuits.pub/2021/framework/index.html",
    },
  }),
  entry({
    id: "phrase",
    title: "A phrase comes back",
    text: "Tom saw a silver fox. Anna saw a golden frog. Tom saw a silver",
    claims: [prefers([" fox"], [" frog"]), heads(looks(" fox"), 0.3)],
    head: looks(" fox"),
    headWords: "the head that looks most from the last token to fox",
    look: (head) =>
      `Silver came before, and fox after it. See ${head}: induction in plain text, with a wrong animal at hand.`,
    view: "attention",
    source: OLSSON,
  }),
  entry({
    id: "sink",
    title: "Where attention rests",
    text: "Once upon a time there was a little girl who lived in a house by the sea",
    claims: [heads(scores("first"), 0.4)],
    head: scores("first"),
    headWords: "the head that looks most at the first token",
    look: (head) =>
      `A head’s weights must sum to 1 even where it has nothing to do. See ${head}: it leaves them on the first token.`,
    view: "attention",
    source: {
      words: "Xiao et al. 2024, Efficient Streaming Language Models with Attention Sinks",
      url: "https://arxiv.org/abs/2309.17453",
    },
  }),
  entry({
    id: "capital",
    title: "A capital",
    text: "The capital of France is",
    claims: [prefers([" Paris"], [" London", " Rome", " Berlin"])],
    head: looks(" France"),
    headWords: "the head that looks most from the last token to France",
    look: (head) =>
      `Paris is likelier than other capitals. Read the lens at the last token for the layer where it turns up, and see ${head}.`,
    view: "lens",
    source: {
      words: "Geva et al. 2023, Dissecting Recall of Factual Associations",
      url: "https://arxiv.org/abs/2304.14767",
    },
  }),
  entry({
    id: "tower",
    title: "A landmark",
    text: "The Eiffel Tower is in",
    claims: [prefers([" Paris"], [" London", " Rome", " Berlin"])],
    position: { token: " Tower", nth: 0 },
    look: () =>
      "Paris is likelier than other cities. In GPT-2 XL the fact is looked up by MLPs at the last token of the name: edit one there, and compare the answer.",
    view: "lens",
    source: {
      words: "Meng et al. 2022, Locating and Editing Factual Associations in GPT",
      url: "https://arxiv.org/abs/2202.05262",
    },
  }),
  entry({
    id: "years",
    title: "A war has to end later",
    text: "The war lasted from the year 1732 to the year 17",
    claims: [{ claim: "later", than: 32 }],
    head: looks("32"),
    headWords: "the head that looks most from the last token to 32",
    look: (head) =>
      `Years above 32 are likelier, taken together, than those that are not. See ${head}, which looks up the year of the start.`,
    view: "attention",
    source: {
      words: "Hanna et al. 2023, How does GPT-2 compute greater-than?",
      url: "https://arxiv.org/abs/2305.00586",
    },
  }),
  entry({
    id: "pronoun",
    title: "He or she",
    text: "Mary was tired, so she went home. Tom was hungry, so",
    claims: [prefers([" he"], [" she"])],
    head: looks(" Tom"),
    headWords: "the head that looks most from the last token to Tom",
    look: (head) =>
      `She came before in the same place, but he is likelier. See ${head}: the name decides.`,
    view: "attention",
    source: {
      words:
        "Mathwin et al. 2023, A Preliminary Circuit for Predicting Gendered Pronouns in GPT-2 Small",
      url: null,
    },
  }),
  entry({
    id: "agreement",
    title: "Dogs are, a dog is",
    text: "The dogs behind the house",
    otherText: "The dog behind the houses",
    claims: [prefers(PLURAL, SINGULAR)],
    otherClaims: [prefers(SINGULAR, PLURAL)],
    head: looks(" dogs"),
    headWords: "the head that looks most from the last token to dogs",
    look: (head) =>
      `The verb agrees with its subject, not with the noun beside it: are, were, have, do against is, was, has, does. See ${head}, and what the second prompt changes.`,
    view: "attention",
    source: {
      words:
        "Linzen et al. 2016, Assessing the Ability of LSTMs to Learn Syntax-Sensitive Dependencies",
      url: "https://arxiv.org/abs/1611.01368",
    },
  }),
  entry({
    id: "quote",
    title: "An open quote",
    text: 'She laughed. "I am going home',
    otherText: "She laughed. I am going home",
    claims: [among('"', 3)],
    otherClaims: [{ claim: "among", text: '"', within: 3, not: true }],
    look: () =>
      "With a quote open, one that closes is among the three likeliest next tokens; without it, none is. Compare the next tokens.",
    view: "prediction",
    source: KARPATHY,
  }),
  entry({
    id: "bracket",
    title: "An open bracket",
    text: "He said (and I believe him",
    otherText: "He said and I believe him",
    claims: [among(")", 3)],
    otherClaims: [{ claim: "among", text: ")", within: 3, not: true }],
    look: () =>
      "With a bracket open, one that closes is among the three likeliest next tokens; without it, none is. Find the head that looks back at it.",
    view: "prediction",
    source: KARPATHY,
  }),
  entry({
    id: "days",
    title: "What comes next in order",
    text: "Monday, Tuesday, Wednesday,",
    claims: [among(" Thursday", 1)],
    head: looks(" Wednesday"),
    headWords: "the head that looks most from the last token to Wednesday",
    look: (head) =>
      `The likeliest next token is Thursday. See where it turns up in the lens, and ${head}: GPT-2 has heads that go from a thing to its successor.`,
    view: "lens",
    source: {
      words: "Gould et al. 2023, Successor Heads",
      url: "https://arxiv.org/abs/2312.09230",
    },
  }),
  entry({
    id: "sentiment",
    title: "Loved or hated",
    text: "This film was terrible. I",
    otherText: "This film was wonderful. I",
    claims: [prefers([" hated"], [" loved"])],
    otherClaims: [prefers([" loved"], [" hated"])],
    position: "last",
    look: () =>
      "One word decides: hated after terrible, loved after wonderful. Compare both prompts, and patch or ablate what carries the difference.",
    view: "prediction",
    source: {
      words: "Tigges et al. 2023, Linear Representations of Sentiment",
      url: "https://arxiv.org/abs/2310.15154",
    },
  }),
];

export const galleryEntry = (id: string | undefined): GalleryEntry | null =>
  GALLERY.find((one) => one.id === id) ?? null;

export const questionOf = ({
  claims,
  otherClaims,
  head,
  position,
}: GalleryEntry): GalleryQuestion => ({
  ...{ claims, otherClaims, head, position },
});

/** Which entry is shown, among the options of the address. */
export const GALLERY_OPTION = "gallery.entry";
