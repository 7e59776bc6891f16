// Draws figures on a page, the course's own or a learner's feedback; and fits them on paper.
"use strict";
const PAPER_PX = 640; // what A4 leaves inside two frames
addEventListener("beforeprint", () => {
  document.body.classList.add("paper");
  for (const table of document.querySelectorAll(".wide table")) {
    table.style.width = "min-content";
    const zoom = Math.min(1, PAPER_PX / table.offsetWidth);
    table.style.cssText = `zoom: ${zoom}`;
  }
});
addEventListener("afterprint", () => {
  document.body.classList.remove("paper");
  for (const table of document.querySelectorAll(".wide table")) table.style.cssText = "";
});
// On a phone the legend goes below, and long titles over several lines.
const wrapped = (part, width) => {
  if (typeof part?.title?.text !== "string") return part;
  const lines = [""];
  for (const word of part.title.text.split(" ")) {
    if (lines.at(-1).length + word.length > width / 9) lines.push("");
    lines.push(`${lines.pop()} ${word}`.trim());
  }
  const font = {...part.title.font, size: 14};
  return {...part, title: {...part.title, text: lines.join("<br>"), font}};
};
const fitted = (layout, width) => {
  if (width > 480) return layout;
  const legend = {...layout.legend, orientation: "h", x: 0, y: -0.25, yanchor: "top"};
  const made = {...wrapped(layout, width), legend};
  for (const axis of ["xaxis", "yaxis"]) if (axis in made) made[axis] = wrapped(made[axis], width - 90);
  return made;
};
// Draw one figure in its place, whose first child says it in words where it cannot be drawn.
const drawn = async (place, {data, layout}) => {
  const words = place.firstElementChild;
  const drawing = place.appendChild(document.createElement("div"));
  words.hidden = true;
  try {
    await Plotly.newPlot(drawing, data, fitted(layout, drawing.clientWidth), {responsive: true, displayModeBar: false});
  } catch {
    drawing.remove();
    words.hidden = false;
  }
};
