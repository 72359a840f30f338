/** What the roles part says. */
import { HEAD_ROLES, type HeadRole, type RolesProgress } from "../../../core/head-roles.ts";
import type { What } from "../../../ui/figure.tsx";

export const ROLE: Record<HeadRole, { label: string; does: string }> = {
  previous: { label: "previous token", does: "looks at the token before" },
  duplicate: { label: "duplicate token", does: "looks at an earlier copy of the token" },
  induction: { label: "induction", does: "looks at what came after an earlier copy of the token" },
  inhibition: {
    label: "S-inhibition",
    does: "looks at the name that came twice, and keeps the movers from it",
  },
  mover: { label: "name mover", does: "looks at the answer and writes it" },
  negative: { label: "negative mover", does: "looks at the answer and writes against it" },
  backup: { label: "backup mover", does: "writes the answer once the movers do not" },
};
export const ROLE_ORDER = HEAD_ROLES;

export const STAGE: Record<RolesProgress["stage"], string> = {
  repeats: "Patterns on random repeats",
  task: "Where heads look, and what they write",
  copying: "Copying scores",
  paths: "Paths to the movers’ queries",
  ablation: "Without the movers",
};

export const WHAT_ROLES: What = {
  words:
    "What each head seems to be for in this task. Roles are proposed where every criterion is met; the numbers are there for all heads, so that one can judge. " +
    "A head’s pattern on random tokens that repeat tells the first three. Movers copy names (copying: the share of names that are among the five likeliest tokens of what " +
    "the head’s OV circuit makes of them), write along a name’s logit the more they attend to it (correlation), and speak for the answer (direct effect). Negative ones do so with the other sign. " +
    "S-inhibition heads look at S2, the last token that is a wrong answer, and the path from them to the movers’ queries carries the difference. Backup heads’ direct effect rises when the movers write their mean over all prompts.",
  formula:
    "direct = z W_O · u / s; copying: name ∈ top 5 of LN_f((LN₁(x) W_V + b_V) W_O) W_U; rise = direct without movers − direct; " +
    "role if, unless set otherwise: diagonal ≥ 0.4 | copying ≥ 0.5, correlation ≥ 0.5, direct ≥ 0.02·L | attention to S2 ≥ 0.2, path ≤ −0.02·L | rise ≥ 0.02·L and 2 errors; L the mean clean logit difference",
  source:
    "Wang et al. 2022, “Interpretability in the Wild”, sections 3.1–3.3; Olsson et al. 2022 for patterns on repeats. The thresholds are this lab’s.",
};
