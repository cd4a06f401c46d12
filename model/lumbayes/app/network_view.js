// The network as boxes in columns. Every box is a button: pointer, Tab once, arrow keys, Enter.
// On a narrow screen only the selected box and its neighbours are drawn, one below the other.
const NS = "http://www.w3.org/2000/svg";
const NARROW = 640;
const make = (tag, attributes = {}, text) => {
  const node = document.createElementNS(NS, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  if (text != null) node.textContent = text;
  return node;
};

// The width of a text as it will be drawn, so that no name runs into the value beside it.
const pen = document.createElement("canvas").getContext("2d");
const breadth = (text, size, data, bold) => {
  pen.font = `${bold ? 600 : 400} ${size}px ${data.font}`;
  return pen.measureText(text).width;
};

function named(node, data, width, height) {
  const free = width - 26 - breadth(node.value, 12, data, true); // the value stands at the right
  const two = breadth(node.label, 12, data) > free;
  const fits = (line) => breadth(line, two ? 10.4 : 12, data) <= free;
  const lines = [""];
  for (const word of two ? node.label.split(" ") : [node.label]) {
    const longer = `${lines.at(-1)} ${word}`.trim();
    if (!fits(longer) && lines.length < 2 && lines.at(-1)) lines.push(word);
    else lines[lines.length - 1] = longer;
  }
  lines.forEach((line, i) => {
    let cut = line;
    while (!fits(cut)) cut = `${cut.replace(/…$/, "").slice(0, -1).trimEnd()}…`;
    lines[i] = cut;
  });
  const text = make("text", { class: `name${two ? " two" : ""}`, fill: node.ink });
  lines.forEach((line, i) => {
    const y = lines.length > 1 ? height * (0.3 + 0.43 * i) : height / 2;
    text.append(make("tspan", { x: 9, y: y + 1 }, line + (i < lines.length - 1 ? " " : "")));
  });
  return text;
}

function box(node, data, x, y, width, height, pick) {
  const chosen = node.id === data.selected;
  const classes = ["node", node.observed && "observed", node.flag && "flag", chosen && "selected"].filter(Boolean);
  const group = make("g", {
    class: classes.join(" "), role: "button", tabindex: "-1", "aria-pressed": String(chosen), "data-id": node.id,
    "aria-label": `${node.label} ${node.value}. ${node.say}`, transform: `translate(${x - width / 2},${y - height / 2})`,
  });
  group.append(
    make("title", {}, node.label),
    make("rect", { class: "ring", x: -5, y: -5, width: width + 10, height: height + 10, rx: 9 }),
    make("rect", { class: "box", width, height, rx: node.round ? height / 2 : 4, fill: node.fill }),
    named(node, data, width, height),
    make("text", { class: "value", x: width - 8, y: height / 2 + 1, fill: node.ink }, ` ${node.value}`),
  );
  group.addEventListener("click", () => pick(node.id));
  return group;
}

function walk(groups, places, pick) {
  for (const [id, group] of Object.entries(groups)) {
    group.addEventListener("keydown", (event) => {
      if (event.key === "Enter" || event.key === " ") {
        event.preventDefault();
        pick(id);
        return;
      }
      const way = { ArrowDown: [0, 1], ArrowUp: [0, -1], ArrowRight: [1, 0], ArrowLeft: [-1, 0] }[event.key];
      if (!way) return;
      event.preventDefault();
      let best = null;
      let least = Infinity;
      for (const [other, [x, y]] of Object.entries(places)) {
        const dx = x - places[id][0];
        const dy = y - places[id][1];
        const ahead = dx * way[0] + dy * way[1];
        const aside = Math.abs(dx * way[1]) + Math.abs(dy * way[0]);
        const cost = ahead + aside * (way[1] ? 9 : 0.9);
        if (ahead > 1 && cost < least) [best, least] = [other, cost];
      }
      if (!best) return;
      group.setAttribute("tabindex", "-1");
      groups[best].setAttribute("tabindex", "0");
      groups[best].focus();
    });
  }
}

function wide(data, pick) {
  const [width, height] = data.box;
  const svg = make("svg", { viewBox: `0 0 ${data.width} ${data.height}`, role: "group", "aria-label": data.label });
  for (const [x, title] of data.heads) svg.append(make("text", { class: "head", x, y: 22, "aria-hidden": "true" }, title));
  const lines = make("g", { "aria-hidden": "true" });
  const boxes = make("g", { class: "dim" });
  svg.append(lines, boxes);
  const at = Object.fromEntries(data.nodes.map((n) => [n.id, n]));
  const near = new Set([data.selected]);
  const paths = [];
  for (const [from, to] of data.edges) {
    const [a, b] = [at[from], at[to]];
    const on = from === data.selected || to === data.selected;
    if (on) near.add(from).add(to);
    const same = a.x === b.x;
    const side = same || a.x < b.x ? 1 : -1;
    const [x1, x2] = [a.x + (side * width) / 2, same ? b.x + width / 2 : b.x - (side * width) / 2];
    const bend = same ? x1 + 26 : (x1 + x2) / 2;
    paths.push([on, make("path", { class: `edge${on ? " on" : ""}`, d: `M${x1},${a.y}C${bend},${a.y} ${bend},${b.y} ${x2},${b.y}` })]);
  }
  paths.sort((p, q) => p[0] - q[0]).forEach(([, path]) => lines.append(path));
  const groups = {};
  for (const node of data.nodes) {
    groups[node.id] = box(node, data, node.x, node.y, width, height, pick);
    if (near.has(node.id)) groups[node.id].classList.add("near");
    boxes.append(groups[node.id]);
  }
  walk(groups, Object.fromEntries(data.nodes.map((n) => [n.id, [n.x, n.y]])), pick);
  return [svg, groups];
}

function small(data, pick) {
  const [width, height, row] = [320, 38, 46];
  const at = Object.fromEntries(data.nodes.map((n) => [n.id, n]));
  const causes = data.edges.filter(([, to]) => to === data.selected).map(([from]) => from);
  const effects = data.edges.filter(([from]) => from === data.selected).map(([, to]) => to);
  const svg = make("svg", { role: "group", "aria-label": data.label });
  const groups = {};
  const places = {};
  let y = 0;
  const put = (ids, title) => {
    if (title && ids.length) svg.append(make("text", { class: "head", x: 170, y: (y += 24) }, title));
    for (const id of ids) {
      y += row;
      groups[id] = box(at[id], data, 170, y - row / 2 + 6, width, height, pick);
      places[id] = [170, y];
      svg.append(groups[id]);
    }
    y += 8;
  };
  put(causes, data.causes);
  put([data.selected], "");
  put(effects, data.effects);
  svg.setAttribute("viewBox", `0 0 340 ${y + 12}`);
  walk(groups, places, pick);
  return [svg, groups];
}

export default function ({ data, parentElement, setStateValue }) {
  let frame = parentElement.querySelector(".frame");
  if (!frame) {
    frame = document.createElement("div");
    frame.className = "frame";
    parentElement.append(frame);
  }
  const pick = (id) => {
    frame.hadFocus = true;
    setStateValue("selected", id);
  };
  const render = () => {
    const narrow = (frame.clientWidth || window.innerWidth) < NARROW;
    const scroll = frame.scrollLeft;
    const [picture, groups] = (narrow ? small : wide)({ ...data, font: getComputedStyle(frame).fontFamily }, pick);
    frame.classList.toggle("wide", !narrow);
    frame.classList.toggle("small", narrow);
    frame.replaceChildren(picture);
    frame.scrollLeft = scroll;
    const current = groups[data.selected] ?? Object.values(groups)[0];
    current.setAttribute("tabindex", "0");
    if (frame.hadFocus) {
      frame.hadFocus = false;
      current.focus({ preventScroll: true });
    }
    frame.narrow = narrow;
  };
  render();
  frame.watch?.disconnect();
  frame.watch = new ResizeObserver(() => {
    if (frame.clientWidth && frame.clientWidth < NARROW !== frame.narrow) render();
  });
  frame.watch.observe(frame);
  return () => frame.watch.disconnect();
}
