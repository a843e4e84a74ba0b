// The icon tag of the templates, for scripts: icon("x") is a mute SVG that refers to the sprite.
const sprite = () => document.querySelector("svg.icon use")?.getAttribute("href").split("#")[0] ?? "/static/build/icons.svg";

export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `${sprite()}#${name}`);
  svg.append(use);
  return svg;
}
