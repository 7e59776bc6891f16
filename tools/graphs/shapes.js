// What kinds and sources look like, on the canvas and in the legend alike: never by colour alone.
const SVG = "http://www.w3.org/2000/svg";
// Okabe and Ito's colours, as in the course's figures.
const COLOURS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00"];
export const DASHES = [[], [7, 4], [2, 4], [9, 3, 2, 3]];

const round = (corners, from, radius = () => 1) =>
  Array.from({ length: corners }, (_, k) => {
    const angle = from + (2 * Math.PI * k) / corners;
    return [Math.cos(angle) * radius(k), Math.sin(angle) * radius(k)];
  }).flat();
const cross = [-0.4, -1, 0.4, -1, 0.4, -0.4, 1, -0.4, 1, 0.4, 0.4, 0.4, 0.4, 1, -0.4, 1, -0.4, 0.4, -1, 0.4, -1, -0.4, -0.4, -0.4];
const turned = (points) =>
  points.map((_, k) => (k % 2 ? points[k - 1] + points[k] : points[k] - points[k + 1]) * Math.SQRT1_2);
const POLYGONS = [
  round(24, 0),
  round(4, Math.PI / 4, () => 1.2),
  round(4, 0),
  round(3, -Math.PI / 2),
  round(6, 0),
  round(10, -Math.PI / 2, (k) => (k % 2 ? 0.5 : 1)),
  round(5, -Math.PI / 2),
  round(3, Math.PI / 2),
  cross,
  [-0.9, -0.9, 0.9, -0.9, 0.2, 0, 0.9, 0.9, -0.9, 0.9, -0.2, 0],
  [-0.9, -0.9, 0, -0.2, 0.9, -0.9, 0.9, 0.9, 0, 0.2, -0.9, 0.9],
  turned(cross),
].map((points) => points.map((at) => Math.min(Math.max(at, -1), 1)));

export const shapeOf = (kind) => POLYGONS[kind % POLYGONS.length].map((at) => at.toFixed(3)).join(" ");
export const colourOf = (kind) => COLOURS[kind % COLOURS.length];
export const dashOf = (source) => DASHES[source % DASHES.length];

function drawing(wide, inner, attributes) {
  const picture = document.createElementNS(SVG, "svg");
  for (const [name, value] of Object.entries({ width: wide, height: 16, "aria-hidden": true }))
    picture.setAttribute(name, value);
  const shape = picture.appendChild(document.createElementNS(SVG, inner));
  for (const [name, value] of Object.entries(attributes)) shape.setAttribute(name, value);
  return picture;
}

// The mark of a kind or a source in the legend; relations have none.
export function mark(dimension, k) {
  if (dimension === "kind") {
    const points = POLYGONS[k % POLYGONS.length].map((at) => 8 + 6.5 * at).join(" ");
    return drawing(16, "polygon", { points, fill: colourOf(k), stroke: "currentcolor" });
  }
  const line = { x1: 0, y1: 8, x2: 34, y2: 8, stroke: "currentcolor", "stroke-width": 2 };
  return drawing(34, "line", { ...line, "stroke-dasharray": dashOf(k).join(" ") });
}
