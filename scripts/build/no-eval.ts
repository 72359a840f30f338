/**
 * `@protobufjs/inquire` (under onnx-proto) looks for optional Node modules with `eval`, which the app's
 * Content-Security-Policy forbids and reports. In a browser it finds nothing anyway: this says so without `eval`.
 */
import type { Plugin } from "vite";

export function noEval(): Plugin {
  return {
    name: "glassroom:no-eval",
    transform: {
      filter: { id: /@protobufjs\/inquire\/index\.js/ },
      handler: () => ({ code: "module.exports = () => null;", map: null }),
    },
  };
}
