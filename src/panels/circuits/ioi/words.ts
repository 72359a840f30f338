/** What each step of the worked example asks. */
export type StepId =
  "baseline" | "places" | "heads" | "paths" | "back" | "roles" | "edges" | "verify";

export const STEPS: Record<StepId, { title: string; asks: string }> = {
  baseline: {
    title: "Does the model do it at all?",
    asks: "“Then, Mary and John went … John gave a book to”: the model should go on with the name that came once. The logit difference of both names is what all that follows is measured by.",
  },
  places: {
    title: "Where is the answer, layer by layer?",
    asks: "The clean residual stream is put into the corrupted run, one layer and position at a time. What brings the metric back holds the answer: it is first at the name that differs, and at the last token in the end.",
  },
  heads: {
    title: "Which heads matter?",
    asks: "The same with the output of one head at a time: some carry the answer to the last token, some carry what these need to know.",
  },
  paths: {
    title: "Which heads speak to the logits themselves?",
    asks: "Path patching: the head writes as in the corrupted prompt, all other heads are held, so that only its own way to the logits is changed.",
  },
  back: {
    title: "Who tells them where to look?",
    asks: "One level back: the three strongest of those heads are the receivers, by their queries. Which heads does what they look for come from?",
  },
  roles: {
    title: "What is each head for?",
    asks: "Patterns on random repeats, copying scores, direct effects, paths and ablations: heads that meet every criterion of a role are proposed for it.",
  },
  edges: {
    title: "Which edges make the circuit?",
    asks: "Every edge between heads, MLPs and the logits is scored by gradients (EAP), and the strongest are kept where they lie on a path: the circuit as a graph, found without looking at the heads first.",
  },
  verify: {
    title: "Are those heads enough?",
    asks: "The heads with a role run alone on prompts that were not looked at; every other head writes its mean over corrupted prompts.",
  },
};
