// plotly.js is packed in the page; its policy lets these programs alone run.
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
  for (const place of document.querySelectorAll("[data-figure]")) await drawn(place, figures[place.dataset.figure]);
  document.body.dataset.drawn = "yes";
})();
