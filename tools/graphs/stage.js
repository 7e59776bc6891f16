// A causal graph on a stage: what it looks like, and where things stand.
import { colours, createOverlay, width } from "./overlay.js";

const BOX = 104; // width of a variable
const LINE = 17; // height of a line of its label
const FONT = 13;
const GAP = 48; // room for arrows between two rows
const LEAST_ZOOM = 0.8; // below it nobody reads a label; the picture is moved by hand instead
const HEIGHTS = [240, 620];

// Break a name into lines: at blanks, behind the joints of a name such as glucose_24h, and
// anywhere in a word that is wider than the box.
function wrap(name, font) {
  const lines = [""];
  for (const part of name.match(/\s*[^\s_/-]*[_/-]?/g).filter(Boolean)) {
    if (width((lines.at(-1) + part).trim(), FONT, font) > BOX - 14 && lines.at(-1))
      lines.push("");
    for (const letter of lines.at(-1) ? part : part.trimStart()) {
      if (width(lines.at(-1) + letter, FONT, font) > BOX - 10) lines.push("");
      lines[lines.length - 1] += letter;
    }
  }
  return lines;
}

function look({ ink, paper, accent, font }) {
  return [
    {
      selector: "node[label]",
      style: {
        shape: "round-rectangle", width: BOX, height: "data(height)",
        "background-color": paper, "border-color": ink, "border-width": 1.5,
        label: "data(label)", color: ink, "font-size": FONT, "font-family": font,
        "text-valign": "center", "text-halign": "center", "text-wrap": "wrap", "line-height": 1.15,
        "overlay-opacity": 0,
      },
    },
    {
      selector: "edge",
      style: {
        width: 2, "line-color": ink, "target-arrow-color": ink, "target-arrow-shape": "triangle",
        "arrow-scale": 1.3, "curve-style": "straight", "overlay-opacity": 0,
      },
    },
    {
      selector: "edge[distances]",
      style: {
        "curve-style": "round-segments", "segment-distances": "data(distances)",
        "segment-weights": "data(weights)", "segment-radii": 24, "edge-distances": "node-position",
      },
    },
    {
      selector: "edge[bow]",
      style: {
        "curve-style": "unbundled-bezier", "control-point-distances": "data(bow)",
        "control-point-weights": 0.5, "edge-distances": "node-position",
      },
    },
    { selector: "edge.chosen", style: { width: 6, "line-color": accent, "target-arrow-color": accent } },
    { selector: "node.from", style: { "border-width": 4, "border-style": "dashed", "border-color": accent } },
    { selector: "node.eh-source, node.eh-target", style: { "border-width": 4, "border-color": accent } },
    {
      selector: ".eh-ghost-edge, .eh-preview, .waiting",
      style: { "line-style": "dashed", "line-color": accent, "target-arrow-color": accent },
    },
    { selector: ".eh-ghost-edge.eh-preview-active", style: { opacity: 0 } },
  ];
}

// How far a point lies along the line from a to b (0 to 1), and how far beside it.
function beside(a, b, p) {
  const [dx, dy] = [b.x - a.x, b.y - a.y];
  const length = Math.hypot(dx, dy) || 1;
  const [px, py] = [p.x - a.x, p.y - a.y];
  return [(px * dx + py * dy) / length ** 2, (py * dx - px * dy) / length];
}

// Bow an edge that would else run behind a variable.
function bow(edge) {
  if (edge.data("distances")) return;
  const [a, b] = [edge.source().position(), edge.target().position()];
  const hidden = edge.cy().nodes("[label]").some((node) => {
    const [along, off] = beside(a, b, node.position());
    const ends = node.same(edge.source()) || node.same(edge.target());
    return !ends && along > 0 && along < 1 && Math.abs(off) < node.height() / 2 + 6;
  });
  if (hidden) edge.data("bow", BOX * 1.3);
  else edge.removeData("bow");
}

export function createStage(root, holder) {
  const overlay = createOverlay(root, holder, look, (node) => [BOX + 8, node.height() + 8]);
  const { cy, layer, put, move } = overlay;
  let shown = { nodes: [], edges: [] };

  cy.on("position", "node", ({ target }) => {
    put(target);
    target.connectedEdges().forEach(put);
  });

  const idOf = (name) => `n${shown.nodes.indexOf(name)}`;
  const edgeId = ([cause, effect]) => `e${idOf(cause)}-${idOf(effect)}`;
  const named = (names) => (names.length ? names.join(", ") : "none");

  // Take over variables and edges.
  function show(next) {
    const old = shown;
    shown = next;
    const kept = new Set(next.edges.map(edgeId));
    cy.batch(() => {
      cy.edges("[edge]").filter((edge) => !kept.has(edge.id())).remove();
      next.nodes.forEach((name, k) => {
        if (old.nodes[k] !== name) cy.add({ data: { id: `n${k}`, name, label: name, height: LINE } });
      });
      for (const edge of next.edges) {
        const data = { id: edgeId(edge), source: idOf(edge[0]), target: idOf(edge[1]), edge };
        if (cy.getElementById(data.id).empty()) cy.add({ data });
      }
    });
    const variables = next.nodes.map((name, k) => {
      const causes = next.edges.filter(([, effect]) => effect === name).map(([cause]) => cause);
      const effects = next.edges.filter(([cause]) => cause === name).map(([, effect]) => effect);
      return [`n${k}`, `${name}. Causes: ${named(causes)}. Effects: ${named(effects)}.`, "vg-node"];
    });
    overlay.keep(variables.concat(next.edges.map((edge) => (
      [edgeId(edge), `Edge ${edge[0]} → ${edge[1]}. Delete removes it.`, "vg-edge"]
    ))));
    if (old.layout !== next.layout) arrange();
    else route();
  }

  function route() {
    cy.edges("[edge]").forEach(bow);
    cy.elements("[label], [edge]").forEach(put);
  }

  const columns = () => Math.max(2, Math.floor(holder.clientWidth / (BOX + 16)));

  // Put everything where the layout wants it, in the room that there is.
  function arrange() {
    if (!holder.clientWidth) return; // not in the page yet, where it has no font either
    const { font } = colours(root);
    for (const node of cy.nodes("[label]").toArray()) {
      const lines = wrap(node.data("name"), font);
      node.data({ label: lines.join("\n"), height: lines.length * LINE + 14 });
    }
    const room = (holder.clientWidth - 24) / Math.max(shown.width, 1);
    const across = Math.min(Math.max(room, BOX + 12), BOX * 1.9);
    const tall = Math.max(...cy.nodes("[label]").map((node) => node.height()), LINE);
    const down = tall + GAP;
    const at = ([x, y]) => ({ x: x * across, y: y * down });
    cy.batch(() => {
      cy.edges("[edge]").removeData("distances weights");
      shown.nodes.forEach((name, k) => cy.getElementById(`n${k}`).position(at(shown.places[k])));
      for (const [cause, effect, points] of shown.bends) {
        const edge = cy.getElementById(edgeId([cause, effect]));
        if (edge.empty()) continue;
        const [a, b] = [edge.source().position(), edge.target().position()];
        // Straight down beside the boxes of each row that it passes.
        const half = tall / 2 / down;
        const way = points.flatMap(([x, y]) => [at([x, y - half]), at([x, y + half])]);
        const by = way.map((point) => beside(a, b, point));
        edge.data({ weights: by.map(([along]) => along), distances: by.map(([, off]) => off) });
      }
    });
    route();
    const box = cy.nodes("[label]").boundingBox();
    holder.style.height = `${Math.min(Math.max(box.h + 40, HEIGHTS[0]), HEIGHTS[1])}px`;
    fit();
  }

  function fit() {
    cy.resize();
    cy.fit(cy.nodes("[label]"), 14);
    if (cy.zoom() > 1.2) cy.zoom(1.2);
    if (cy.zoom() < LEAST_ZOOM) cy.zoom(LEAST_ZOOM);
    cy.center(cy.nodes("[label]"));
    const box = cy.nodes("[label]").renderedBoundingBox();
    cy.panBy({ x: Math.max(0, 10 - box.x1), y: Math.max(0, 10 - box.y1) });
    move();
  }

  // A variable that was moved by hand leaves the ways that the layout had found for its edges.
  cy.on("dragfree", "node", ({ target }) => {
    target.connectedEdges().forEach((edge) => void edge.removeData("distances weights"));
    route();
  });

  return {
    cy, layer, show, columns, focus: overlay.focus, destroy: overlay.destroy,
    open(then) { overlay.open(() => { arrange(); then(); }, fit); },
  };
}
