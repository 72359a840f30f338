/** With no Hub to be reached: the error says so, and the bench keeps its model. */
import { hubFlags } from "../fixtures/hub-server.mjs";
import { expect, test as base } from "./fixtures.ts";
import { askFor, benchModel, EMBEDDED, openModels } from "./hub.ts";

/** The Hub's names lead to a port on which nothing listens. */
const test = base.extend<object, object>({
  launchOptions: [
    async ({ launchOptions }, use) => {
      await use({
        ...launchOptions,
        args: [...(launchOptions.args ?? []), ...hubFlags({ port: 9 })],
      });
    },
    { scope: "worker" },
  ],
});

test("a Hub out of reach is an error that says what to do", async ({ page, expected }) => {
  expected(/ERR_CONNECTION_REFUSED/);
  const dialog = await openModels(page);
  await askFor(dialog, "openai-community/gpt2");
  const card = dialog.getByRole("alert");
  await expect(card).toContainText(
    /huggingface\.co cannot be reached\. Check the connection, or drop/,
  );
  await expect(card).toContainText(`${EMBEDDED} stays on the bench`);
  expect((await benchModel(page)).id).toBe(EMBEDDED);
});
