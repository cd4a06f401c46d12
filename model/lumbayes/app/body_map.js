// Two views of a body. Each place is a checkbox for pointer, keyboard and screen reader.
const NS = "http://www.w3.org/2000/svg";
const make = (tag, attributes = {}, text) => {
  const node = document.createElementNS(NS, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  if (text) node.textContent = text;
  return node;
};
const MIRROR = "translate(200 0) scale(-1 1)";

function build(parent, data, touch) {
  const map = document.createElement("div");
  map.className = "map";
  for (const [view, [title, label]] of Object.entries(data.views)) {
    const figure = document.createElement("figure");
    const svg = make("svg", { viewBox: "24 4 152 374", role: "group", "aria-label": label });
    const pattern = make("pattern", { id: "near", width: 6, height: 6, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" });
    pattern.append(make("rect", { width: 2.4, height: 6, fill: "#c2410c" }));
    const defs = make("defs");
    defs.append(pattern);
    const body = make("g", { class: "body", "aria-hidden": "true" });
    body.append(make("ellipse", { cx: 100, cy: 28, rx: 16, ry: 20 }), make("path", { d: data.half }), make("path", { d: data.half, transform: MIRROR }));
    svg.append(defs, body);
    for (const place of data.places.filter((p) => p.view === view)) {
      const node = make("path", {
        d: place.path, class: "place", role: "checkbox", tabindex: "0", "data-id": place.id, "aria-label": place.label,
        ...(place.flip ? { transform: MIRROR } : {}),
      });
      node.append(make("title", {}, place.label));
      node.addEventListener("click", () => touch(place.id));
      node.addEventListener("keydown", (event) => {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        touch(place.id);
      });
      svg.append(node);
    }
    const caption = document.createElement("figcaption");
    caption.textContent = title;
    figure.append(svg, caption);
    map.append(figure);
  }
  parent.append(map);
  return map;
}

export default function ({ data, parentElement, setTriggerValue }) {
  const state = (parentElement.lumbayes ??= {});
  state.touch = (id) => setTriggerValue("touched", id);
  const words = JSON.stringify(data.views);
  let map = parentElement.querySelector(".map");
  if (!map || state.words !== words) {
    map?.remove();
    map = build(parentElement, data, (id) => state.touch(id));
    state.words = words;
  }
  for (const tick of map.querySelectorAll(".tick")) tick.remove();
  for (const place of data.places) {
    const node = map.querySelector(`[data-id="${place.id}"]`);
    node.dataset.mark = place.mark;
    node.setAttribute("aria-checked", { on: "true", off: "false", near: "mixed" }[place.mark]);
    if (place.mark !== "on") continue;
    const box = node.getBBox();
    const x = (place.flip ? 200 - box.x - box.width : box.x) + box.width / 2;
    const y = box.y + box.height / 2;
    node.parentNode.append(make("path", { class: "tick", "aria-hidden": "true", d: `M${x - 4},${y} l3,3.5 l5.5,-7` }));
  }
}
