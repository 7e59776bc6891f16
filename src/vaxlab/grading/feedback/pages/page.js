// Draws the page's figures. plotly.js is packed in the page; its policy lets these two run alone.
"use strict";
(async () => {
  const packed = document.getElementById("plotly");
  // Where a browser is too old to unpack it, the figures' sentences stand in their places.
  if (!packed || !window.DecompressionStream) return;
  const bytes = Uint8Array.from(atob(packed.textContent), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  const program = document.createElement("script");
  program.textContent = await new Response(stream).text();
  document.head.append(program);
  const figures = JSON.parse(document.getElementById("figures").textContent);
  for (const place of document.querySelectorAll("[data-figure]")) {
    const {data, layout} = figures[place.dataset.figure];
    const words = place.firstElementChild;
    const drawing = place.appendChild(document.createElement("div"));
    words.hidden = true;
    try {
      await Plotly.newPlot(drawing, data, layout, {responsive: true, displayModeBar: false});
    } catch {
      drawing.remove();
      words.hidden = false;
    }
  }
  document.body.dataset.drawn = "yes";
})();
