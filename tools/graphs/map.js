// The explorer's map: nodes by kind, edges by source, and a walk through both by keys.
import { createOverlay } from "./overlay.js";
import { colourOf, dashOf, shapeOf } from "./shapes.js";

const SIZE = 26; // of a node
const SPOT = 42; // of the button over it
const FONT = 14;
const MOST_ZOOM = 1.15;
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
        width: "data(width)", "line-color": ink, "line-opacity": 0.7, "curve-style": "straight",
        "target-arrow-color": ink, "target-arrow-shape": "triangle", "overlay-opacity": 0,
      },
    },
    { selector: "edge.twin", style: { "curve-style": "bezier" } },
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
  const overlay = createOverlay(root, holder, look);
  const { cy, layer, put } = overlay;
  cy.autoungrabify(true);
  let shown = { nodes: [], edges: [] };
  let way = null; // the node from which an edge was reached

  const nodeId = (k) => `n${shown.nodes[k][0]}`;
  const edgeData = ([number, head, tail, relation, sources, yes, no]) => ({
    id: `e${number}`, source: nodeId(head), target: nodeId(tail),
    look: Math.max(shown.sources.indexOf(sources[0]), 0) % 4, width: 1.5 + Math.min(yes, 8) / 3,
  });

  function show(next) {
    shown = next;
    const kept = new Set([...next.nodes.keys()].map(nodeId).concat(next.edges.map((e) => `e${e[0]}`)));
    // Straight edges are quick; only those that would lie on each other are bent.
    const pair = ([, head, tail]) => `${Math.min(head, tail)} ${Math.max(head, tail)}`;
    const pairs = new Map();
    for (const edge of next.edges) pairs.set(pair(edge), (pairs.get(pair(edge)) ?? 0) + 1);
    cy.batch(() => {
      cy.elements().filter((item) => !kept.has(item.id())).remove();
      for (const [id, name, kind, x, y, beyond] of next.nodes) {
        const data = {
          id: `n${id}`, label: beyond ? `${name}\n+${beyond}` : name,
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
        const drawn = item.empty() ? cy.add({ data }) : item;
        drawn.toggleClass("denied", edge[6] > edge[5]);
        drawn.toggleClass("twin", edge[1] === edge[2] || pairs.get(pair(edge)) > 1);
      }
    });
    overlay.keep([...next.nodes.map(nodeSpot), ...next.edges.map(edgeSpot)]);
    place();
    rove(layer.querySelector("[tabindex='0']") ?? layer.firstChild);
    fit();
  }

  function place() {
    for (const [id, , , x, y] of shown.nodes) put(`n${id}`, { x, y }, SPOT, SPOT);
    for (const edge of shown.edges) {
      const [[, , , x1, y1], [, , , x2, y2]] = [shown.nodes[edge[1]], shown.nodes[edge[2]]];
      put(`e${edge[0]}`, { x: (x1 + x2) / 2, y: (y1 + y2) / 2 });
    }
    // Where the bent ones go is known when they are drawn.
    cy.one("render", () => cy.edges(".twin").forEach((edge) => put(edge.id(), edge.midpoint())));
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
    const [xs, ys] = [3, 4].map((k) => shown.nodes.map((node) => node[k]));
    const [left, right] = [Math.min(...xs) - 66, Math.max(...xs) + 66]; // names are wider
    const [top, bottom] = [Math.min(...ys) - 30, Math.max(...ys) + 76]; // and stand below
    const whole = Math.min(cy.width() / (right - left), cy.height() / (bottom - top));
    const zoom = Math.min(Math.max(whole, LEAST_ZOOM), MOST_ZOOM);
    let middle = { x: (left + right) / 2, y: (top + bottom) / 2 };
    if (whole < LEAST_ZOOM && !shown.isTheory) {
      const chosen = cy.nodes(".chosen");
      middle = (chosen.nonempty() ? chosen : cy.nodes(".end")).position();
    }
    const pan = { x: cy.width() / 2 - zoom * middle.x, y: cy.height() / 2 - zoom * middle.y };
    cy.viewport({ zoom, pan });
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
