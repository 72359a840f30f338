import { afterEach, describe, expect, it } from "vitest";
import type { LabError } from "../../src/core/lab-error.ts";
import type { Port } from "../../src/rpc/contract.ts";
import { createRespawningClient } from "../../src/rpc/respawn.ts";
import { serve, type Handlers } from "../../src/rpc/serve.ts";
import { summary } from "../state/saes.ts";

const opened: MessagePort[] = [];
afterEach(() => {
  for (const port of opened.splice(0)) port.close();
});

/** "Workers" that answer with their own number, and can be made to crash. */
function workers() {
  const crash: (() => void)[] = [];
  const ended: number[] = [];
  const spawn = () => {
    const number = crash.length;
    const { port1, port2 } = new MessageChannel();
    opened.push(port1, port2);
    serve(port2, {
      "sae.rename": async ({ name }) => ({ value: summary(`${name} ${number}`) }),
      "sae.list": () => new Promise(() => {}),
    } as Partial<Handlers> as Handlers);
    port1.start();
    port2.start();
    crash.push(() => port1.dispatchEvent(new Event("messageerror")));
    return { port: port1 as Port, end: () => ended.push(number) };
  };
  return { spawn, crash, ended };
}

describe("a worker that can be replaced", () => {
  it("rejects open calls when it dies, and answers again once respawned", async () => {
    const { spawn, crash, ended } = workers();
    const crashes: LabError[] = [];
    const { client, respawn } = createRespawningClient(spawn, (e) => crashes.push(e));
    const rename = () => client.call("sae.rename", { id: "a", name: "from" });
    await expect(rename()).resolves.toMatchObject({ id: "from 0" });
    const open = client.call("sae.list", null);
    crash[0]!();
    await expect(open).rejects.toMatchObject({ code: "worker-crash" });
    await expect(rename()).rejects.toMatchObject({ code: "worker-crash" });
    expect(crashes).toHaveLength(1);
    respawn();
    expect(ended).toEqual([0]);
    await expect(rename()).resolves.toMatchObject({ id: "from 1" });
  });
});
