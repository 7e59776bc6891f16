// The widget `vaxlab.graphs.Drawing`: a stage to draw on, a toolbar, the text form, a status line.
// The page asks and Python answers: nothing is drawn for good before it was read there.
import edgehandles from "cytoscape-edgehandles";
import cytoscape from "cytoscape";
import { createAsking, isTrouble } from "./asking.js";
import { element } from "./page.js";
import { createStage } from "./stage.js";

cytoscape.use(edgehandles);

const TYPING_MS = 500; // so long after the last key the text is read
const HELP =
  "Draw: pull from a cause to its effect, or click one after the other. Remove: click an edge, " +
  "then Delete. A large picture is pulled by its empty ground; Ctrl and the wheel zoom. " +
  "By keyboard: Tab and arrows go from variable to variable and on to the edges; Enter starts " +
  "and ends an edge, Delete removes one, Escape leaves the picture.";

let count = 0;

function render({ model, el }) {
  const root = element("div", "vaxlab-graph");
  const number = ++count;
  const tools = element("div", "vg-tools");
  tools.setAttribute("role", "toolbar");
  tools.setAttribute("aria-label", "Tools of the drawing");
  const tool = (text) => tools.appendChild(element("button", "vg-tool", { type: "button", textContent: text }));
  const moving = tool("Move variables");
  moving.setAttribute("aria-pressed", "false");
  const remove = tool("Remove edge");
  const undo = tool("Undo");
  const tidy = tool("Tidy");
  const holder = element("div", "vg-stage");
  holder.setAttribute("role", "group");
  holder.setAttribute("aria-label", "Picture of the graph");
  holder.setAttribute("aria-describedby", `vg-help-${number}`);
  // JupyterLab leaves Enter, the arrows and Delete to the picture.
  holder.setAttribute("data-lm-suppress-shortcuts", "true");
  const status = element("div", "vg-status");
  status.setAttribute("role", "status");
  status.setAttribute("aria-live", "polite");
  const help = element("p", "vg-help", { id: `vg-help-${number}`, textContent: HELP });
  const label = element("label", "vg-label", {
    htmlFor: `vg-text-${number}`, textContent: "The same graph as text, one line each: cause -> effect",
  });
  const field = element("textarea", "vg-text", { id: `vg-text-${number}`, rows: 5, spellcheck: false });
  root.append(tools, holder, status, help, label, field);
  el.append(root);
  const stage = createStage(root, holder);
  const { cy, layer } = stage;

  // To and from Python -----------------------------------------------------------------

  const say = (text) => {
    status.textContent = text;
    status.classList.toggle("vg-wrong", isTrouble(text));
  };
  const { ask, close } = createAsking(model, number, say, (_, isLast) => {
    if (!isLast) return;
    cy.edges(".waiting").remove();
    say(model.get("_said"));
  });
  const onShown = () => {
    stage.show(model.get("_shown"));
    choose(null);
  };
  let sent = model.get("_draft");
  let typing = 0;
  const onDraft = () => {
    const draft = model.get("_draft");
    if (typing || draft === sent) return; // newer words stand in the field
    field.value = sent = draft;
  };
  const onSaid = () => say(model.get("_said"));
  const read = () => {
    clearTimeout(typing);
    typing = 0;
    if (field.value === sent) return;
    sent = field.value;
    ask({ do: "text", text: sent });
  };
  field.addEventListener("input", () => {
    clearTimeout(typing);
    typing = setTimeout(read, TYPING_MS);
  });
  field.addEventListener("change", read);
  field.addEventListener("keydown", (event) => event.stopPropagation()); // Enter is a new line here

  // Edges: drawn, chosen, removed ------------------------------------------------------

  let from = null; // the cause, while an edge is drawn by keys or clicks
  let chosen = null; // the edge that Delete removes
  function start(node) {
    from?.removeClass("from");
    from = node;
    from?.addClass("from");
    for (const spot of layer.children) {
      if (spot.dataset.id === from?.id()) spot.setAttribute("aria-pressed", "true");
      else spot.removeAttribute("aria-pressed");
    }
    if (from) say(`From ${from.data("name")}: now the effect. Escape leaves off.`);
  }
  function choose(edge) {
    chosen?.removeClass("chosen");
    chosen = edge;
    chosen?.addClass("chosen");
    remove.disabled = !chosen;
  }
  function draw(source, target) {
    start(null);
    read();
    cy.add({ classes: "waiting", data: { source: source.id(), target: target.id() } });
    ask({ do: "add", edge: [source.data("name"), target.data("name")] });
  }
  function press(node) {
    if (!from) start(node);
    else if (from.same(node)) { start(null); onSaid(); }
    else draw(from, node);
  }
  function removeChosen() {
    if (!chosen) return;
    const cause = chosen.source().id();
    read();
    ask({ do: "remove", edge: chosen.data("edge") });
    stage.focus(cause); // the edge's own button goes away
  }

  const hands = cy.edgehandles({ snap: false, hoverDelay: 0 });
  hands.enableDrawMode();
  cy.on("ehcomplete", (_, source, target, added) => {
    added.remove();
    draw(source, target);
  });
  cy.on("tap", ({ target }) => {
    if (target === cy) { choose(null); start(null); return; }
    if (target.isEdge()) stage.focus(target.id());
    else {
      stage.focus(target.id());
      if (hands.drawMode) press(target);
    }
  });
  layer.addEventListener("focusin", ({ target }) => {
    const item = cy.getElementById(target.dataset.id);
    choose(item.isEdge() ? item : null);
  });
  layer.addEventListener("click", ({ target }) => {
    const item = cy.getElementById(target.dataset.id);
    if (item.isNode()) press(item);
  });
  holder.addEventListener("keydown", (event) => {
    const spots = [...layer.children].filter((spot) => !from || spot.matches(".vg-node"));
    const here = spots.indexOf(document.activeElement);
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (step) spots[(here + step + spots.length) % spots.length]?.focus({ preventScroll: true });
    else if (event.key === "Delete" || event.key === "Backspace") removeChosen();
    else if (event.key === "Escape" && from) { start(null); onSaid(); }
    else if (event.key === "Escape") field.focus();
    else if (event.key === "z" && (event.ctrlKey || event.metaKey)) undo.click();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });

  remove.addEventListener("click", removeChosen);
  undo.addEventListener("click", () => { read(); ask({ do: "undo" }); });
  tidy.addEventListener("click", () => ask({ do: "tidy", columns: stage.columns() }));
  moving.addEventListener("click", () => {
    hands.toggleDrawMode();
    moving.setAttribute("aria-pressed", String(!hands.drawMode));
    holder.classList.toggle("vg-moving", !hands.drawMode);
    start(null);
  });

  model.on("change:_shown", onShown);
  model.on("change:_draft", onDraft);
  model.on("change:_said", onSaid);
  field.value = sent;
  onShown();
  onSaid();
  stage.open(() => {
    const columns = stage.columns();
    if (columns !== model.get("_shown").columns) ask({ do: "tidy", columns }, true);
  });
  return () => {
    close();
    clearTimeout(typing);
    model.off("change:_shown", onShown);
    model.off("change:_draft", onDraft);
    model.off("change:_said", onSaid);
    stage.destroy();
  };
}

export default { render };
