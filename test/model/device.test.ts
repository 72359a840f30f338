/** The choice of device where there is no WebGPU, and the reason that is given. */
import { afterEach, expect, it, vi } from "vitest";
import { chooseDevice } from "../../src/model/device.ts";

afterEach(() => void vi.unstubAllGlobals());

it.each([
  { isSecureContext: true, reason: /no GPU here/, asked: /offers no WebGPU here/ },
  { isSecureContext: false, reason: /not served over https/, asked: /only to pages .* https/ },
])(
  "without WebGPU, served securely: $isSecureContext",
  async ({ isSecureContext, reason, asked }) => {
    vi.stubGlobal("isSecureContext", isSecureContext);
    vi.stubGlobal("navigator", {});
    const { device, gpu, reason: told } = await chooseDevice("auto");
    expect({ device, gpu }).toEqual({ device: "wasm", gpu: null });
    expect(told).toMatch(reason);
    await expect(chooseDevice("webgpu")).rejects.toMatchObject({
      code: "no-webgpu",
      message: expect.stringMatching(asked) as string,
    });
  },
);
