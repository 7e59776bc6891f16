// Bundle the widgets' JavaScript into src/vaxlab/graphs/static/graph.js, licences on top.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { build } from "esbuild";

const { dependencies } = JSON.parse(readFileSync("package.json"));
const sources = ["stage.js", "drawing.js"];
// heap and parts of lodash are inside cytoscape's own bundle.
const packages = [...Object.keys(dependencies), "heap", "lodash.memoize", "lodash.throttle"];
const licences = packages.map((name) => {
  const { version, license } = JSON.parse(readFileSync(`node_modules/${name}/package.json`));
  const text = readFileSync(`node_modules/${name}/LICENSE`, "utf8").replaceAll("*/", "* /");
  return `${name} ${version} (${license})\n\n${text.trim()}\n`;
});
// What cytoscape took from others, as its own comments say.
const inside = readFileSync("node_modules/cytoscape/dist/cytoscape.esm.mjs", "utf8")
  .match(/\/\*[\s\S]*?\*\//g)
  .filter((comment) => /copyright|licen[cs]e/i.test(comment) && !/Cytoscape Consortium/.test(comment))
  .map((comment) => comment.slice(2, -2).replace(/^[!*\s]+/, "").trim());
const hash = createHash("sha256");
for (const source of sources) hash.update(readFileSync(source));
const banner = `Made from tools/graphs by "npm ci && npm run build"; not edited by hand.
Sources: ${sources.join(", ")}, sha256 ${hash.digest("hex")}.

It holds:

${licences.join("\n---\n\n")}
---

Parts of cytoscape:

${inside.join("\n\n")}
`;
await build({
  entryPoints: ["drawing.js"],
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2022",
  charset: "utf8",
  legalComments: "none", // all of them stand in the banner
  outfile: "../../src/vaxlab/graphs/static/graph.js",
  banner: { js: `/*! ${banner}*/` },
});
