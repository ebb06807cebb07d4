import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";

import { licences } from "./licences.ts";

// The page is served under `default-src 'self'`: no file may be put into another as a data: URL
// (`assetsInlineLimit`), and browsers that know modules know how to preload them. The manifest says
// which files are loaded at once and which later; a test counts the bytes of the first.
export default defineConfig({
  plugins: [svelte({ configFile: false }), licences()],
  base: "/",
  build: {
    target: "es2022",
    assetsInlineLimit: 0,
    manifest: "manifest.json",
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
});
