// A week to be ticked off. The ticks stay in this browser: nothing is sent.
const PLACE = "lumbayes-ticks";
const read = () => {
  try { return JSON.parse(localStorage.getItem(PLACE) ?? "{}"); } catch { return {}; }
};
const write = (ticks) => {
  try {
    if (Object.keys(ticks).length) localStorage.setItem(PLACE, JSON.stringify(ticks));
    else localStorage.removeItem(PLACE);
  } catch { /* storage is closed: the ticks last as long as the page */ }
};
export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".week") ?? parentElement.appendChild(make("div", "week"));
  const shown = JSON.stringify(data);
  if (root.dataset.shown === shown) return;
  root.dataset.shown = shown;
  root.replaceChildren(...data.days.map((day) => section(day, data)), clear(data, root));
}
function make(tag, kind, text) {
  const made = document.createElement(tag);
  if (kind) made.className = kind;
  if (text) made.textContent = text;
  return made;
}
// On a phone only what is for today, or for every day, is open at first.
const today = new Date().toLocaleDateString("en", { weekday: "long" });
function section(day, data) {
  const part = make("details");
  part.open = !matchMedia("(max-width: 640px)").matches || day.daily || day.id === today;
  const done = make("small");
  part.appendChild(make("summary")).append(make("h3", "", day.name), done);
  const count = () => {
    const boxes = [...part.querySelectorAll("input")];
    done.textContent = boxes.length ? ` ${boxes.filter((box) => box.checked).length}/${boxes.length}` : "";
  };
  if (!day.items.length) part.append(make("p", "", data.rest));
  const list = part.appendChild(make("ul"));
  for (const item of day.items) {
    const id = `${data.phase} ${day.id} ${item.id}`;
    const label = list.appendChild(make("li")).appendChild(make("label"));
    const box = label.appendChild(make("input"));
    box.type = "checkbox";
    box.checked = Boolean(read()[id]);
    box.onchange = () => {
      const ticks = read();
      if (box.checked) ticks[id] = 1; else delete ticks[id];
      write(ticks);
      count();
    };
    const words = label.appendChild(make("span"));
    words.append(make("strong", "", `${item.name}: `), item.dose);
  }
  part.count = count;
  count();
  return part;
}
function clear(data, root) {
  const button = make("button", "", data.clear);
  button.type = "button";
  button.onclick = () => {
    write({});
    for (const box of root.querySelectorAll("input")) box.checked = false;
    for (const part of root.querySelectorAll("details")) part.count();
  };
  return button;
}
