// Turns slides by keyboard, click or touch; the address keeps the place. Without it all slides show.
"use strict";
const slides = [...document.querySelectorAll(".slide")];
const body = document.body;
const at = () => Math.max(0, slides.findIndex((slide) => `#${slide.id}` === location.hash));
const show = () => {
  slides.forEach((slide, number) => slide.classList.toggle("now", number === at()));
  slides[at()].tabIndex = -1;
  slides[at()].focus({ preventScroll: true });
  scrollTo(0, 0);
};
const go = (number) => {
  history.replaceState(null, "", `#${slides[Math.min(Math.max(number, 0), slides.length - 1)].id}`);
  show();
};
const turns = { ArrowRight: 1, PageDown: 1, " ": 1, ArrowLeft: -1, PageUp: -1 };
addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key in turns) go(at() + (event.key === " " && event.shiftKey ? -1 : turns[event.key]));
  else if (event.key === "Home") go(0);
  else if (event.key === "End") go(slides.length - 1);
  else if (event.key === "n" || event.key === "N") body.classList.toggle("with-notes");
  else if (event.key === "p" || event.key === "P") print();
  else return;
  event.preventDefault();
});
let touched = 0;
addEventListener("touchstart", (event) => { touched = event.changedTouches[0].clientX; });
addEventListener("touchend", (event) => {
  const moved = event.changedTouches[0].clientX - touched;
  if (Math.abs(moved) > 60) go(at() + (moved < 0 ? 1 : -1));
});
addEventListener("hashchange", show);
body.classList.add("running");
show();
