// Draws a page's figures; those in a fold when it is opened, for before it has no width.
"use strict";
(async () => {
  const figures = JSON.parse(document.getElementById("figures").textContent);
  const on_paper = (width) => {
    for (const drawing of document.querySelectorAll(".js-plotly-plot")) {
      Plotly.relayout(drawing, width ? {width} : {width: null, autosize: true});
    }
  };
  addEventListener("beforeprint", () => on_paper(PAPER_PX));
  addEventListener("afterprint", () => on_paper(null));
  for (const place of document.querySelectorAll("[data-figure]")) {
    const draw = () => drawn(place, figures[place.dataset.figure]);
    const fold = place.closest("details:not([open])");
    if (fold) fold.addEventListener("toggle", draw, {once: true});
    else await draw();
  }
  document.body.dataset.drawn = "yes";
})();
