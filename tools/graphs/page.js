// Elements of a page, made in one line each. Text from tables never becomes HTML.
export function element(tag, className, properties = {}) {
  return Object.assign(document.createElement(tag), { className, ...properties });
}

export function button(className, text, onClick) {
  const made = element("button", className, { type: "button", textContent: text });
  made.addEventListener("click", onClick);
  return made;
}
