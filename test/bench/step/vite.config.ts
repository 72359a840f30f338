/** Builds the step's bench page with the app's own settings, apart from the app. */
import { mergeConfig, type UserConfig } from "vite";
import app from "../../../vite.config.ts";

export default mergeConfig(app, {
  root: import.meta.dirname,
  publicDir: false,
} satisfies UserConfig);
