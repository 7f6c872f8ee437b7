// Bundles the rivals' pages: each a script as it would be shipped, in a page with the app's own style sheets and icons.

import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { build } from 'esbuild';

const FOLDER = path.join(import.meta.dirname, 'rivals');

/** By the name in the address: what stands where. */
export const RIVALS = { by_hand: 'by_hand.js', react: 'react.jsx', sonner: 'sonner.jsx', toastify: 'toastify.jsx' };

/** `dist`: the folder of the built app. Gives {pages, scripts}: maps from the name to text. */
export async function bundleRivals(dist) {
  const [result, index] = await Promise.all([
    build({
      entryPoints: Object.fromEntries(Object.entries(RIVALS).map(([name, file]) => [name, path.join(FOLDER, file)])),
      bundle: true, minify: true, write: false, format: 'esm', target: 'es2024', outdir: '/', jsx: 'automatic',
      define: { 'process.env.NODE_ENV': '"production"' }, logLevel: 'warning',
    }),
    readFile(path.join(dist, 'index.html'), 'utf8'),
  ]);
  const sheets = index.match(/<link[^>]*rel="?stylesheet"?[^>]*>/g);
  const icons = /<svg[^>]*>\s*(?:<defs>)?[\s\S]*?<symbol[\s\S]*?<\/svg>/.exec(index.slice(index.lastIndexOf('<svg', index.indexOf('<symbol'))));
  if (sheets === null || icons === null) throw new Error(`${dist}/index.html has no style sheets or no icons: it is no built app`);
  const scripts = new Map(result.outputFiles.map((file) => [path.basename(file.path, '.js'), file.text]));
  const pages = new Map(Object.keys(RIVALS).map((name) => [name, page(name, sheets, icons[0])]));
  return { pages, scripts };
}

/** The place of the cards is the app's drawer; the libraries of toasts bring a place of their own. */
function page(name, sheets, icons) {
  return `<!doctype html><html lang="en" dir="ltr"><head><meta charset="utf-8"><title>${name}</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">${sheets.join('')}<script type="module" src="/rival/${name}.js"></script></head>
<body class="ta"><div class="ta-centre" role="dialog" aria-label="Notifications">
<div class="ta-centre__list" tabindex="0" role="region" aria-label="Cards of runs">
<div class="ta-centre__section" role="list" id="list"></div></div></div>${icons}</body></html>`;
}
