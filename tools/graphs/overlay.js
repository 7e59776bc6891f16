// A cytoscape canvas, and over each thing on it a button, so that keyboards and screen readers
// reach what a canvas hides from them. It follows the page's theme and the room that there is.
import cytoscape from "cytoscape";

const pen = document.createElement("canvas").getContext("2d", { willReadFrequently: true });

export function width(text, size, font) {
  pen.font = `${size}px ${font}`;
  return pen.measureText(text).width;
}

// The page's colours, as the style sheet takes them from JupyterLab's theme. A canvas needs them
// as plain numbers, which a pixel gives of any notation.
export function colours(root) {
  const style = getComputedStyle(root);
  const plain = (colour) => {
    pen.clearRect(0, 0, 1, 1);
    pen.fillStyle = colour;
    pen.fillRect(0, 0, 1, 1);
    const [r, g, b] = pen.getImageData(0, 0, 1, 1).data;
    return `rgb(${r}, ${g}, ${b})`;
  };
  return {
    ink: plain(style.color),
    paper: plain(style.backgroundColor),
    accent: plain(style.caretColor),
    font: style.fontFamily,
  };
}

const EDGE = 28; // width and height of the button over an edge

// `look` makes cytoscape's style of the colours.
export function createOverlay(root, holder, look) {
  const layer = document.createElement("div");
  layer.className = "vg-layer";
  const canvas = document.createElement("div");
  canvas.className = "vg-canvas";
  holder.append(canvas, layer);
  const cy = cytoscape({
    container: canvas, elements: [], style: look(colours(root)), layout: { name: "preset" },
    boxSelectionEnabled: false, autounselectify: true, minZoom: 0.15, maxZoom: 2.5,
  });
  const buttons = new Map(); // id of a node or an edge: the button over it

  const move = () => {
    const { x, y } = cy.pan();
    layer.style.transform = `translate(${x}px, ${y}px) scale(${cy.zoom()})`;
  };
  // Lay the button of a thing over it; x and y are its middle.
  const put = (id, { x, y }, w = EDGE, h = EDGE) => {
    const button = buttons.get(id);
    if (!button) return;
    Object.assign(button.style, {
      left: `${x - w / 2}px`, top: `${y - h / 2}px`, width: `${w}px`, height: `${h}px`,
    });
  };
  cy.on("viewport resize", move);

  // Cytoscape remembers where its canvas lies, and learns of a page that was scrolled or resized,
  // but not of an output above that has grown: clicks would hit what lay there before.
  const lookAgain = () => cy.renderer().invalidateContainerClientCoordsCache();
  for (const event of ["pointerenter", "pointerdown"]) holder.addEventListener(event, lookAgain, true);

  // A wheel turns the page; with Ctrl it zooms.
  holder.addEventListener("wheel", (e) => e.ctrlKey || e.stopPropagation(), { capture: true });

  // Have a button for each [id, label, class name], in this order, and no other. Whoever had the
  // focus keeps it if it is still there.
  function keep(spots) {
    const stays = new Set(spots.map(([id]) => id));
    for (const [id, old] of buttons) if (!stays.has(id)) { old.remove(); buttons.delete(id); }
    spots.forEach(([id, label, className], k) => {
      const spot = buttons.get(id) ?? document.createElement("button");
      spot.type = "button";
      spot.className = `vg-spot ${className}`;
      spot.dataset.id = id;
      spot.setAttribute("aria-label", label);
      buttons.set(id, spot);
      if (layer.children[k] !== spot) layer.insertBefore(spot, layer.children[k] ?? null);
    });
  }

  // What has the focus is brought into the picture, when it was moved out of it.
  layer.addEventListener("focusin", ({ target }) => {
    holder.scrollTo(0, 0); // browsers scroll to it on their own, and the canvas would stay behind
    const item = cy.getElementById(target.dataset.id);
    const box = item.renderedBoundingBox();
    if (box.x1 < 0 || box.y1 < 0 || box.x2 > cy.width() || box.y2 > cy.height()) cy.center(item);
  });

  const restyle = () => cy.style(look(colours(root)));
  const themes = new MutationObserver(() => setTimeout(restyle, 100)); // once its style is there
  themes.observe(document.body, { attributes: true });
  let room = 0;
  let onFirst = () => {};
  let onOther = () => {};
  const sizes = new ResizeObserver(() => {
    if (holder.clientWidth === room) return;
    const first = !room;
    room = holder.clientWidth;
    if (!room) return;
    if (first) { restyle(); onFirst(); }
    else onOther();
  });

  return {
    cy, layer, move, put, keep,
    // Call the one when it has a place in the page, the other when it gets another width.
    open(first, other) { onFirst = first; onOther = other; sizes.observe(holder); },
    focus: (id) => buttons.get(id)?.focus({ preventScroll: true }),
    destroy() { themes.disconnect(); sizes.disconnect(); cy.destroy(); },
  };
}
