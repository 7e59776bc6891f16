// Bundle the widgets' JavaScript, one file each, licences on top.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { build } from "esbuild";

const shared = ["asking.js", "overlay.js", "page.js"];
// heap and parts of lodash are inside cytoscape's own bundle.
const canvas = ["cytoscape", "heap", "lodash.memoize", "lodash.throttle"];
const bundles = [
  {
    entry: "drawing.js",
    sources: [...shared, "stage.js", "drawing.js"],
    packages: ["cytoscape-edgehandles", ...canvas],
    outfile: "../../src/vaxlab/graphs/static/graph.js",
  },
  {
    entry: "explorer.js",
    sources: [...shared, "shapes.js", "map.js", "panels.js", "tables.js", "explorer.js"],
    packages: canvas,
    outfile: "../../src/vaxlab/knowledge/static/explorer.js",
  },
];

function licence(name) {
  const { version, license } = JSON.parse(readFileSync(`node_modules/${name}/package.json`));
  const text = readFileSync(`node_modules/${name}/LICENSE`, "utf8").replaceAll("*/", "* /");
  return `${name} ${version} (${license})\n\n${text.trim()}\n`;
}

// What cytoscape took from others, as its own comments say.
const inside = readFileSync("node_modules/cytoscape/dist/cytoscape.esm.mjs", "utf8")
  .match(/\/\*[\s\S]*?\*\//g)
  .filter((comment) => /copyright|licen[cs]e/i.test(comment) && !/Cytoscape Consortium/.test(comment))
  .map((comment) => comment.slice(2, -2).replace(/^[!*\s]+/, "").trim());

for (const { entry, sources, packages, outfile } of bundles) {
  const hash = createHash("sha256");
  for (const source of sources) hash.update(readFileSync(source));
  const banner = `Made from tools/graphs by "npm ci && npm run build"; not edited by hand.
Sources: ${sources.join(", ")}, sha256 ${hash.digest("hex")}.

It holds:

${packages.map(licence).join("\n---\n\n")}
---

Parts of cytoscape:

${inside.join("\n\n")}
`;
  await build({
    entryPoints: [entry],
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    charset: "utf8",
    legalComments: "none", // all of them stand in the banner
    outfile,
    banner: { js: `/*! ${banner}*/` },
  });
}
