/** Builds the page of the bench's parts with the app's own settings and public files, apart from the app. */
import { mergeConfig, type UserConfig } from "vite";
import app from "../../../vite.config.ts";

export default mergeConfig(app, {
  root: import.meta.dirname,
  publicDir: "../../../public",
} satisfies UserConfig);
