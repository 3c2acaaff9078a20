import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import react from "@vitejs/plugin-react";
import { defineConfig, type HtmlTagDescriptor, type Plugin } from "vite";

const root = import.meta.dirname;
const entries = Object.fromEntries(
  readdirSync(root)
    .filter((name) => name.endsWith(".html"))
    .map((name) => [name.slice(0, -".html".length), join(root, name)]),
);

/**
 * Puts the stored appearance on `<html>` before the first paint. A classic script in a file of its own: modules run too
 * late, and the Content-Security-Policy forbids inline scripts.
 */
function appearanceBoot(): Plugin {
  const file = join(root, "src/ui/theme/boot.js");
  const built = () => {
    const source = readFileSync(file, "utf8");
    const hash = createHash("sha256").update(source).digest("hex").slice(0, 8);
    return { source, fileName: `assets/boot-${hash}.js` };
  };
  let dev = false;
  return {
    name: "bouquet:appearance-boot",
    configResolved(config) {
      dev = config.command === "serve";
    },
    buildStart() {
      if (!dev) this.emitFile({ type: "asset", ...built() });
    },
    transformIndexHtml() {
      const src = dev ? "/src/ui/theme/boot.js" : `/${built().fileName}`;
      return [{ tag: "script", attrs: { src }, injectTo: "head-prepend" }];
    },
  };
}

/** Preloads the faces that every page shows at once; the serif only where the product greets a person. */
function preloadFonts(): Plugin {
  return {
    name: "bouquet:preload-fonts",
    transformIndexHtml: {
      order: "post",
      handler(_html, { bundle, filename }) {
        const wanted = ["atkinson-hyperlegible-next-latin-wght-normal", "figtree-latin-wght-normal"];
        if (/(portal|share)\.html$/.test(filename)) wanted.push("newsreader-latin-opsz-normal");
        const fonts = Object.keys(bundle ?? {}).filter((name) => wanted.some((font) => name.includes(font)));
        return fonts.map(
          (font): HtmlTagDescriptor => ({
            tag: "link",
            attrs: { rel: "preload", as: "font", type: "font/woff2", href: `/${font}`, crossorigin: true },
            injectTo: "head",
          }),
        );
      },
    },
  };
}

/** react-aria carries its messages in some thirty languages; the suite speaks two. */
function keepOurLanguages(): Plugin {
  const empty = "\0bouquet:no-messages";
  return {
    name: "bouquet:keep-our-languages",
    enforce: "pre",
    resolveId(source, importer) {
      if (!importer?.includes("react-") || !/\/intl\/.*[a-z]{2}-[A-Z]{2}\.m?js$/.test(source)) return null;
      return /(fr-FR|en-US)\.m?js$/.test(source) ? null : empty;
    },
    load: (id) => (id === empty ? "export default {}" : null),
  };
}

export default defineConfig({
  root,
  base: "/",
  publicDir: false,
  appType: "custom",
  plugins: [react(), appearanceBoot(), preloadFonts(), keepOurLanguages()],
  build: {
    outDir: "dist",
    emptyOutDir: true,
    assetsDir: "assets",
    /* Nothing as data: URL, so that the policy can say font-src 'self' and img-src 'self'. */
    assetsInlineLimit: 0,
    target: "es2023",
    reportCompressedSize: false,
    chunkSizeWarningLimit: 700,
    rolldownOptions: { input: entries },
  },
});
