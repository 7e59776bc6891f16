// The widget `vaxlab.knowledge.Explorer`: a map to walk in, a table that says the same, sentences,
// and theories. Python holds the graph and finds what is shown; the page gets no more than that.
import { createAsking, isTrouble } from "./asking.js";
import { createMap } from "./map.js";
import { button, element } from "./page.js";
import { createBoxes, createTheory, nodePanel, sentences } from "./panels.js";
import { createTables } from "./tables.js";

const TYPING_MS = 200; // so long after the last key names are suggested
const REDRAW = "vaxlab-explorer-redraw"; // in the browser's timeline
const HELP =
  "Click a node, then Widen; a double click does both. Click an edge to read its sentences. Pull " +
  "the map by its ground; Ctrl and the wheel zoom. By keyboard: Tab into the map; right and left " +
  "go from node to node, down and up along the edges of a node, right to an edge's far end, left " +
  "back; Enter or + widens, − folds, Home goes to the start, Escape from an edge to its node. " +
  "Shapes are kinds, dashes are sources; +3 below a node: three neighbours are not shown; a bar " +
  "across an edge: more sentences against it than for it.";

let count = 0;

function render({ model, el }) {
  const name = `ve-${++count}`;
  const root = element("div", "vaxlab-explorer");
  // JupyterLab leaves the keys to it, and the focus where it is.
  root.setAttribute("data-lm-suppress-shortcuts", "true");
  root.addEventListener("keydown", (event) => event.stopPropagation());
  const names = root.appendChild(element("datalist", "", { id: `${name}-names` }));
  const status = element("div", "vg-status", { role: "status", ariaLive: "polite" });
  const say = (text) => {
    status.textContent = text;
    status.classList.toggle("vg-wrong", isTrouble(text));
  };
  const { ask, close } = createAsking(model, name, say, (answer) => {
    if (answer.names) {
      names.replaceChildren(...answer.names.map((value) => element("option", "", { value })));
      return;
    }
    say(model.get("_said"));
    if (answer.edge?.edge === reading) details.replaceChildren(sentences(answer.edge));
  });
  let reading = null; // the edge whose sentences were asked for last
  const read = (edge) => {
    reading = edge;
    ask({ do: "read", edge });
  };

  // Its parts ----------------------------------------------------------------------------

  const first = root.appendChild(element("form", "ve-bar"));
  const start = first.appendChild(element("label", "", { textContent: "Start " }))
    .appendChild(element("input", "ve-field", { type: "text", autocomplete: "off" }));
  start.setAttribute("list", names.id);
  first.append(element("button", "ve-tool", { type: "submit", textContent: "Go" }));
  first.addEventListener("submit", (event) => {
    event.preventDefault();
    ask({ do: "begin", node: start.value });
  });
  const back = first.appendChild(button("ve-tool", "Back to the neighbourhood", () => ask({ do: "back" })));
  first.append(button("ve-tool", "Larger", () => map.zoom(1.25)), button("ve-tool", "Smaller", () => map.zoom(0.8)));
  const boxes = createBoxes(ask);
  const sides = element("div", "ve-sides");
  const left = sides.appendChild(element("div", "ve-left"));
  const holder = left.appendChild(element("div", "vg-stage", { role: "group" }));
  holder.setAttribute("aria-label", "Map of the graph");
  holder.setAttribute("aria-describedby", `${name}-help`);
  const details = element("div", "ve-details", { role: "region", tabIndex: 0 });
  details.setAttribute("aria-label", "What was chosen");
  const map = createMap(root, holder, (item) => choose(item.id()));
  const tables = createTables((key) => choose(key));
  sides.append(tables.root);
  const theory = createTheory(names.id, { ask, read });
  const help = element("p", "ve-help", { id: `${name}-help`, textContent: HELP });
  left.append(status, details);
  root.append(boxes.root, sides, theory.root, help);
  el.append(root);

  // What was chosen ----------------------------------------------------------------------

  let chosen = ""; // n and the id of a node, or e and the number of an edge
  function choose(key) {
    chosen = key;
    map.choose(key);
    tables.point(key);
    if (key.startsWith("e")) read(Number(key.slice(1)));
    else { reading = null; panel(); }
  }
  function panel() {
    const shown = model.get("_shown");
    const node = shown.nodes.find(([id]) => `n${id}` === chosen);
    if (node) details.replaceChildren(nodePanel(node, shown, { ask, end: theory.end }));
    else if (chosen.startsWith("n")) details.replaceChildren();
  }
  const widen = (id) => ask({ do: "widen", node: id.slice(1) });
  map.cy.on("tap", "node, edge", ({ target }) => map.focus(target.id()));
  map.cy.on("dbltap", "node", ({ target }) => widen(target.id()));
  holder.addEventListener("keydown", (event) => {
    const here = document.activeElement.dataset.id ?? "";
    const isNode = here.startsWith("n");
    if (!here || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key.startsWith("Arrow")) map.focus(map.walk(event.key, here));
    else if (event.key === "Home") map.focus(`n${model.get("_shown").start}`);
    else if ((event.key === "Enter" || event.key === "+") && isNode) widen(here);
    else if (event.key === "-" && isNode) ask({ do: "fold", node: here.slice(1) });
    else if (event.key === "Escape" && map.back()) map.focus(map.back());
    else return;
    event.preventDefault();
  });

  // What Python tells --------------------------------------------------------------------

  const onShown = () => {
    const begun = performance.now();
    const shown = model.get("_shown");
    map.show(shown);
    tables.show(shown);
    boxes.show(shown.boxes);
    map.cy.one("render", () => performance.measure(REDRAW, { start: begun, end: performance.now() }));
    back.disabled = !shown.isTheory;
    start.value = shown.startLabel;
    if (chosen) { map.choose(chosen); tables.point(chosen); panel(); }
  };
  const onTheory = () => theory.show(model.get("_theory"));
  const onMarks = () => theory.marks(model.get("_marks"));
  const onSaid = () => say(model.get("_said"));
  const heard = [
    ["change:_shown", onShown], ["change:_theory", onTheory], ["change:_marks", onMarks],
    ["change:_said", onSaid],
  ];
  for (const [event, does] of heard) model.on(event, does);

  let typing = 0;
  root.addEventListener("input", ({ target }) => {
    clearTimeout(typing);
    if (target.list === names) typing = setTimeout(() => ask({ do: "suggest", text: target.value }, true), TYPING_MS);
  });

  for (const does of [onShown, onTheory, onMarks, onSaid]) does();
  theory.suggest(model.get("_shown").startLabel);
  map.open();
  return () => {
    close();
    clearTimeout(typing);
    for (const [event, does] of heard) model.off(event, does);
    map.destroy();
  };
}

export default { render };
