/** Prompts on which a well-known behaviour of GPT-2-like models shows. The first is the default. */
import { DEFAULT_PROMPT } from "../../state/prompt-slice.ts";

export interface Sample {
  name: string;
  text: string;
}
export const SAMPLES: readonly Sample[] = [
  { name: "Who gets the book (indirect object)", text: DEFAULT_PROMPT },
  {
    name: "A repeated list (induction)",
    text: "apple, river, table, window, apple, river, table,",
  },
  { name: "A capital (recall)", text: "The capital of France is" },
  {
    name: "A span of years (greater than)",
    text: "The war lasted from the year 1732 to the year 17",
  },
  { name: "He or she (pronoun)", text: "Mary was tired, so she went home. Tom was hungry, so" },
  { name: "Agreement (singular, plural)", text: "The keys to the old cabinet" },
  { name: "A story", text: "Once upon a time there was a little girl who lived in a house by the" },
];
