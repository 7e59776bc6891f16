// What stands around the map: boxes to shrink it, what was chosen, and a theory with its paths.
import { button, element } from "./page.js";
import { mark } from "./shapes.js";

const TITLES = { kind: "Kinds of nodes", relation: "Relations", source: "Sources" };
const GROUPS = { for: "For", against: "Against", unsure: "Unsure" };
const number = (n) => n.toLocaleString("en");

// Check boxes for kinds, relations and sources; each says how many it shows or hides.
export function createBoxes(ask) {
  const root = element("div", "ve-boxes");
  const parts = {};

  function part(dimension, boxes) {
    const fold = root.appendChild(element("details", "ve-fold"));
    const title = fold.appendChild(element("summary", ""));
    const group = fold.appendChild(element("div", "ve-group", { role: "group" }));
    group.setAttribute("aria-label", TITLES[dimension]);
    const hide = (isOn) => {
      const values = made.filter(({ box }) => !isOn(box)).map(({ value }) => value);
      ask({ do: "hide", dimension, values });
    };
    const made = boxes.map(([value], k) => {
      const line = group.appendChild(element("div", "ve-line"));
      const label = line.appendChild(element("label", ""));
      const box = label.appendChild(element("input", "", { type: "checkbox" }));
      box.addEventListener("change", () => hide((some) => some.checked));
      if (dimension !== "relation") label.append(mark(dimension, k));
      label.append(element("span", "", { textContent: value.replaceAll("_", " ") }));
      const count = label.appendChild(element("span", "ve-count"));
      const only = line.appendChild(button("ve-only", "only", () => hide((some) => some === box)));
      only.setAttribute("aria-label", `only ${value.replaceAll("_", " ")}`);
      return { value, box, count };
    });
    group.append(button("ve-tool", "Show all", () => hide(() => true)));
    return { title, made };
  }

  return {
    root,
    show(all) {
      for (const [dimension, boxes] of Object.entries(all)) {
        parts[dimension] ??= part(dimension, boxes);
        const { title, made } = parts[dimension];
        const off = boxes.filter(([, isOn]) => !isOn).length;
        title.textContent = `${TITLES[dimension]}: ${off ? `${off} of ${boxes.length} hidden` : boxes.length}`;
        boxes.forEach(([, isOn, here, everywhere], k) => {
          made[k].box.checked = isOn;
          made[k].count.textContent = isOn
            ? `${number(here)} of ${number(everywhere)}` : `hides ${number(everywhere)}`;
        });
      }
    },
  };
}

// The node that was chosen, and what can be done with it.
export function nodePanel([id, name, kind, , , beyond, isOpen], shown, { ask, end }) {
  const root = element("div", "");
  const more = beyond ? `${number(beyond)} of its neighbours are not shown` : "all its neighbours are shown";
  root.append(element("p", "", { textContent: `${name} (${id}), ${shown.kinds[kind]}: ${more}.` }));
  const bar = root.appendChild(element("div", "ve-bar"));
  const tool = (text, message, isOff = false) => {
    const made = bar.appendChild(button("ve-tool", text, message));
    made.disabled = isOff;
  };
  tool("Widen", () => ask({ do: "widen", node: id }), shown.isTheory || !beyond);
  tool("Fold", () => ask({ do: "fold", node: id }), shown.isTheory || !isOpen);
  tool("Start here", () => ask({ do: "begin", node: id }));
  tool("Theory from here", () => end(0, `${name} (${id})`));
  tool("Theory to here", () => end(1, `${name} (${id})`));
  return root;
}

// The sentences of an edge, by what they say of it.
export function sentences({ words, sources, counts, groups }) {
  const root = element("div", "");
  const told = `${words} (${sources.join(", ")})`;
  root.append(element("p", "ve-strong", { textContent: told }));
  if (!counts.some(Boolean))
    root.append(element("p", "", { textContent: "No sentence is kept for this edge." }));
  Object.entries(GROUPS).forEach(([stance, title], k) => {
    if (!counts[k]) return;
    const rest = counts[k] - groups[stance].length;
    const head = `${title}: ${number(counts[k])}${rest ? `, the first ${groups[stance].length} of them` : ""}`;
    root.append(element("p", "ve-strong", { textContent: head }));
    const list = root.appendChild(element("ul", "ve-sentences"));
    for (const { document, sentence, year, text } of groups[stance]) {
      const line = list.appendChild(element("li", "", { textContent: `“${text}” ` }));
      const where = [document, `sentence ${sentence}`, year].filter(Boolean).join(", ");
      line.append(element("span", "ve-where", { textContent: where }));
    }
  });
  return root;
}

// A theory: two nodes, the paths between them, and a verdict.
export function createTheory(name, { ask, read }) {
  const root = element("section", "ve-theory");
  root.setAttribute("aria-label", "A theory");
  root.append(element("p", "ve-strong", { textContent: "A theory: how do two nodes hang together?" }));
  const form = root.appendChild(element("form", "ve-bar"));
  const field = (title) => {
    const label = form.appendChild(element("label", "", { textContent: title }));
    const input = label.appendChild(element("input", "ve-field", { type: "text", autocomplete: "off" }));
    input.setAttribute("list", name);
    return input;
  };
  const ends = [field("From "), field("To ")];
  const steps = form.appendChild(element("label", "", { textContent: "Steps, at most " }))
    .appendChild(element("select", "ve-field"));
  for (const n of [1, 2, 3, 4]) steps.append(element("option", "", { value: n, textContent: n, selected: n === 3 }));
  form.append(element("button", "ve-tool", { type: "submit", textContent: "Find paths" }));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    ask({ do: "theory", head: ends[0].value, tail: ends[1].value, longest: Number(steps.value) });
  });
  const result = root.appendChild(element("div", ""));
  const kept = root.appendChild(element("div", ""));
  let pair = "";

  function verdict({ verdict: old, note }) {
    const box = element("form", "ve-verdict");
    const group = box.appendChild(element("fieldset", ""));
    group.append(element("legend", "", { textContent: "Your verdict" }));
    for (const value of ["confirmed", "excluded", "open"]) {
      const label = group.appendChild(element("label", ""));
      label.append(element("input", "", { type: "radio", name: `${name}-verdict`, value, checked: value === old }), ` ${value}`);
    }
    const text = box.appendChild(element("label", "ve-wide", { textContent: "Note" }))
      .appendChild(element("textarea", "ve-field", { rows: 2, value: note }));
    box.append(element("button", "ve-tool", { type: "submit", textContent: "Keep verdict" }));
    box.addEventListener("submit", (event) => {
      event.preventDefault();
      ask({ do: "mark", verdict: new FormData(box).get(`${name}-verdict`), note: text.value });
    });
    return box;
  }

  function line({ words, verdict: held, steps: all }) {
    const item = element("li", "");
    item.append(element("span", `ve-${held}`, { textContent: held }), ` ${words}`);
    const list = item.appendChild(element("ul", ""));
    for (const { edges, tally, verdict: state } of all) {
      const step = list.appendChild(element("li", "", { textContent: `${state} (${tally}): ` }));
      edges.forEach(([edge, said], k) => {
        if (k) step.append("; ");
        step.append(button("ve-link", said, () => read(edge)));
      });
    }
    return item;
  }

  return {
    root,
    end(k, label) { ends[k].value = label; ends[k].focus(); },
    suggest: (name_) => ends[1].value || (ends[1].value = name_),
    show(theory) {
      const now = theory.paths ? `${theory.head} ${theory.tail}` : "";
      if (!now) { result.replaceChildren(); pair = ""; return; }
      theory.labels.forEach((label, k) => { ends[k].value = label; });
      const list = element("ol", "ve-paths");
      list.append(...theory.paths.map(line));
      const form_ = now === pair ? result.querySelector("form") : verdict(theory);
      pair = now;
      result.replaceChildren(element("p", "", { textContent: theory.said }), list, form_);
    },
    marks(all) {
      if (!all.length) { kept.replaceChildren(); return; }
      const table = element("table", "ve-table");
      table.append(element("caption", "ve-caption", { textContent: "Your verdicts (explorer.verdicts in Python)" }));
      const head = table.appendChild(element("thead", "")).appendChild(element("tr", ""));
      const columns = ["From", "To", "Verdict", "Paths", "Held", "Denied", "For", "Against", "Unsure", "Note"];
      for (const text of columns) head.append(element("th", "", { scope: "col", textContent: text }));
      const body = table.appendChild(element("tbody", ""));
      for (const mark_ of all) {
        const row = body.appendChild(element("tr", ""));
        const counts = ["paths", "held", "denied", "sentences_for", "sentences_against", "sentences_unsure"];
        const cells = [...mark_.labels, mark_.verdict, ...counts.map((c) => mark_[c]), mark_.note];
        for (const text of cells) row.append(element("td", "", { textContent: text }));
      }
      kept.replaceChildren(table);
    },
  };
}
