// The explorer's map: nodes by kind, edges by source, and a walk through both by keys.
import { createOverlay } from "./overlay.js";
import { colourOf, dashOf, shapeOf } from "./shapes.js";

const SIZE = 26; // of a node
const FONT = 14;
const LEAST_ZOOM = 0.7; // below it nobody reads a name; the map is moved by hand instead

function look({ ink, paper, accent, font }) {
  const lines = [0, 1, 2, 3].map((source) => {
    const dash = dashOf(source);
    const style = dash.length ? { "line-style": "dashed", "line-dash-pattern": dash } : {};
    return { selector: `edge[look = ${source}]`, style };
  });
  return [
    {
      selector: "node",
      style: {
        shape: "polygon", "shape-polygon-points": "data(points)", width: SIZE, height: SIZE,
        "background-color": "data(colour)", "border-color": ink, "border-width": 1,
        label: "data(label)", color: ink, "font-size": FONT, "font-family": font,
        "text-valign": "bottom", "text-margin-y": 3, "text-wrap": "wrap", "text-max-width": 112,
        "text-background-color": paper, "text-background-opacity": 0.85,
        "text-background-padding": 1, "overlay-opacity": 0,
      },
    },
    { selector: "node.end", style: { width: SIZE * 1.5, height: SIZE * 1.5, "border-width": 3, "font-weight": "bold" } },
    {
      selector: "edge",
      style: {
        width: "data(width)", "line-color": ink, "line-opacity": 0.7, "curve-style": "bezier",
        "target-arrow-color": ink, "target-arrow-shape": "triangle", "overlay-opacity": 0,
      },
    },
    ...lines,
    {
      // A bar across it: more sentences speak against this edge than for it.
      selector: "edge.denied",
      style: { "mid-target-arrow-shape": "tee", "mid-target-arrow-color": ink, "arrow-scale": 1.4 },
    },
    { selector: "node.chosen", style: { "border-width": 5, "border-color": accent } },
    { selector: "edge.chosen", style: { width: 6, "line-color": accent, "target-arrow-color": accent, "line-opacity": 1 } },
  ];
}

const many = (n, word) => `${n} ${word}${n === 1 ? "" : "s"}`;

export function createMap(root, holder, onChoose) {
  const overlay = createOverlay(root, holder, look, (node) => [node.width() + 10, node.width() + 10]);
  const { cy, layer, put } = overlay;
  let shown = { nodes: [], edges: [] };
  let way = null; // the node from which an edge was reached

  const nodeId = (k) => `n${shown.nodes[k][0]}`;
  const edgeData = ([number, head, tail, relation, sources, yes, no]) => ({
    id: `e${number}`, source: nodeId(head), target: nodeId(tail), number,
    look: Math.max(shown.sources.indexOf(sources[0]), 0) % 4, width: 1.5 + Math.min(yes, 8) / 3,
  });

  function show(next) {
    shown = next;
    const kept = new Set([...next.nodes.keys()].map(nodeId).concat(next.edges.map((e) => `e${e[0]}`)));
    cy.batch(() => {
      cy.elements().filter((item) => !kept.has(item.id())).remove();
      for (const [id, name, kind, x, y, beyond] of next.nodes) {
        const data = {
          id: `n${id}`, node: id, label: beyond ? `${name}\n+${beyond}` : name,
          points: shapeOf(kind), colour: colourOf(kind),
        };
        const old = cy.getElementById(data.id);
        const item = old.empty() ? cy.add({ data, position: { x, y } }) : old.position({ x, y });
        if (item.data("label") !== data.label) item.data(data);
        item.toggleClass("end", next.ends.includes(id));
      }
      for (const edge of next.edges) {
        const data = edgeData(edge);
        const item = cy.getElementById(data.id);
        (item.empty() ? cy.add({ data }) : item).toggleClass("denied", edge[6] > edge[5]);
      }
    });
    overlay.keep([...next.nodes.map(nodeSpot), ...next.edges.map(edgeSpot)]);
    cy.nodes().forEach(put);
    cy.one("render", () => cy.edges().forEach(put)); // by then their ways are known
    rove(layer.querySelector("[tabindex='0']") ?? layer.firstChild);
    fit();
  }

  function nodeSpot([id, name, kind, , , beyond]) {
    const more = beyond ? `${many(beyond, "neighbour")} not shown` : "all neighbours shown";
    return [`n${id}`, `${name}, ${shown.kinds[kind]}, ${more}.`, "vg-node"];
  }
  function edgeSpot([number, head, tail, relation, sources, yes, no, unsure]) {
    const words = `${shown.nodes[head][1]} ${relation.replaceAll("_", " ")} ${shown.nodes[tail][1]}`;
    return [`e${number}`, `Edge ${words}: ${yes} for, ${no} against, ${unsure} unsure.`, "vg-edge"];
  }

  // The whole map if its names can be read so; else its middle, or what was chosen.
  function fit() {
    if (!cy.width()) return; // not in the page yet
    cy.fit(cy.nodes(), 20);
    if (cy.zoom() > 1.15) { cy.zoom(1.15); cy.center(); }
    if (cy.zoom() < LEAST_ZOOM) {
      cy.zoom(LEAST_ZOOM);
      const chosen = cy.nodes(".chosen");
      cy.center(shown.isTheory ? cy.nodes() : chosen.nonempty() ? chosen : cy.nodes(".end"));
    }
    overlay.move();
  }

  function resize() {
    cy.resize();
    fit();
  }

  function zoom(by) {
    const middle = { x: cy.width() / 2, y: cy.height() / 2 };
    cy.zoom({ level: cy.zoom() * by, renderedPosition: middle });
  }

  function choose(id) {
    cy.elements(".chosen").removeClass("chosen");
    if (id) cy.getElementById(id).addClass("chosen");
  }

  // Keys: one button of the map is reached by Tab, the others from there by arrows.
  function rove(to) {
    for (const spot of layer.children) spot.tabIndex = spot === to ? 0 : -1;
  }
  layer.addEventListener("focusin", ({ target }) => {
    rove(target);
    const item = cy.getElementById(target.dataset.id);
    if (item.isNode()) way = null;
    onChoose(item);
  });
  const step = (list, from, by) => list[(list.indexOf(from) + by + list.length) % list.length];
  const nodes = () => shown.nodes.map((_, k) => nodeId(k));
  const edgesOf = (id) => cy.getElementById(id).connectedEdges().map((edge) => edge.id());

  // Right and left: from node to node, and from an edge to its ends. Down and up: along the edges
  // of a node.
  function walk(key, here) {
    const item = cy.getElementById(here);
    const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[key];
    const isAcross = key === "ArrowDown" || key === "ArrowUp";
    if (item.isNode()) {
      if (!isAcross) return step(nodes(), here, by);
      way = here;
      return edgesOf(here).at(by > 0 ? 0 : -1) ?? here;
    }
    const from = way ?? item.source().id();
    if (isAcross) { way = from; return step(edgesOf(from), here, by); }
    const [source, target] = [item.source().id(), item.target().id()];
    if (key === "ArrowLeft") return from;
    return from === source ? target : source;
  }

  return {
    cy, show, choose, walk, zoom, open: () => overlay.open(resize, resize),
    focus: overlay.focus, back: () => way, destroy: overlay.destroy,
  };
}
