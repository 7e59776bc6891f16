// The table beside the map: the same nodes and edges, sorted as one likes.
import { button, element } from "./page.js";

const NODES = {
  name: "Nodes",
  columns: ["Node", "Kind", "Not shown"],
  rows: ({ nodes, kinds }) => nodes.map(([id, name, kind, , , beyond]) => (
    { key: `n${id}`, opens: 0, cells: [name, kinds[kind], beyond] }
  )),
};
const EDGES = {
  name: "Edges",
  columns: ["From", "Relation", "To", "Source", "For", "Against", "Unsure"],
  rows: ({ nodes, edges }) => edges.map(([number, head, tail, relation, sources, ...counts]) => ({
    key: `e${number}`, opens: 1,
    cells: [nodes[head][1], relation.replaceAll("_", " "), nodes[tail][1], sources.join(", "), ...counts],
  })),
};

const compare = (a, b) => (typeof a === "number" ? a - b : String(a).localeCompare(String(b)));

// `onChoose` hears the key of the row whose button was pressed.
export function createTables(onChoose) {
  const root = element("div", "ve-tables");
  const bar = root.appendChild(element("div", "ve-bar"));
  const pane = root.appendChild(element("div", "ve-pane"));
  let shown = { nodes: [], edges: [], kinds: [] };
  let here = EDGES;
  const order = new Map(); // table: [column, direction]
  const choices = [EDGES, NODES].map((table) => (
    bar.appendChild(button("ve-tool", table.name, () => { here = table; draw(); }))
  ));

  function sort(column) {
    const [old, direction] = order.get(here) ?? [];
    // Of numbers the largest are wanted first.
    const first = typeof here.rows(shown)[0]?.cells[column] === "number" ? -1 : 1;
    order.set(here, [column, old === column ? -direction : first]);
    draw();
    pane.querySelectorAll("th button")[column]?.focus();
  }

  function head() {
    const row = element("tr", "");
    const [sorted, direction] = order.get(here) ?? [];
    here.columns.forEach((name, k) => {
      const cell = row.appendChild(element("th", "", { scope: "col" }));
      if (k === sorted) cell.setAttribute("aria-sort", direction > 0 ? "ascending" : "descending");
      const sign = k === sorted ? (direction > 0 ? " ▲" : " ▼") : "";
      cell.append(button("ve-sort", name + sign, () => sort(k)));
    });
    return row;
  }

  function draw() {
    const focused = pane.contains(document.activeElement) && document.activeElement.dataset.key;
    choices.forEach((choice, k) => {
      const table = [EDGES, NODES][k];
      choice.textContent = `${table.name}: ${table.rows(shown).length}`;
      choice.setAttribute("aria-pressed", String(table === here));
    });
    const rows = here.rows(shown);
    const [column, direction] = order.get(here) ?? [];
    if (column !== undefined)
      rows.sort((a, b) => direction * compare(a.cells[column], b.cells[column]));
    const table = element("table", "ve-table");
    table.append(element("caption", "ve-hidden", { textContent: `${here.name} shown on the map` }));
    table.appendChild(element("thead", "")).append(head());
    const body = table.appendChild(element("tbody", ""));
    for (const { key, opens, cells } of rows) {
      const row = body.appendChild(element("tr", ""));
      cells.forEach((text, k) => {
        const cell = row.appendChild(element("td", typeof text === "number" ? "ve-number" : ""));
        if (k !== opens) { cell.textContent = text; return; }
        const opener = cell.appendChild(button("ve-row", text, () => onChoose(key)));
        opener.dataset.key = key;
        if (opens) opener.setAttribute("aria-label", `Read: ${cells.slice(0, 3).join(" ")}`);
      });
    }
    pane.replaceChildren(table);
    rove(pane.querySelector(`[data-key="${CSS.escape(focused || "")}"]`) ?? pane.querySelector(".ve-row"), focused);
  }

  // One row is reached by Tab, the others from there by arrows.
  function rove(to, isFocused = true) {
    for (const opener of pane.querySelectorAll(".ve-row")) opener.tabIndex = opener === to ? 0 : -1;
    if (to && isFocused) to.focus();
  }
  pane.addEventListener("keydown", (event) => {
    const rows = [...pane.querySelectorAll(".ve-row")];
    const at = rows.indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 }[event.key];
    if (at < 0 || to === undefined) return;
    rove(rows[Math.min(Math.max(to, 0), rows.length - 1)]);
    event.preventDefault();
  });
  pane.addEventListener("focusin", ({ target }) => {
    if (target.matches(".ve-row")) rove(target, false);
  });

  return {
    root,
    show(next) { shown = next; draw(); },
    // Show the row of a node or an edge that was chosen on the map.
    point(key) {
      for (const row of pane.querySelectorAll("tr.chosen")) row.classList.remove("chosen");
      const row = pane.querySelector(`[data-key="${CSS.escape(key)}"]`)?.closest("tr");
      row?.classList.add("chosen");
      if (row) pane.scrollTop = row.offsetTop - pane.clientHeight / 2;
    },
  };
}
