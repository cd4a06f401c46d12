// The tests as one table: names, what they tell, the result to be touched, the sources one tap away.
// On a narrow screen each test is a block of two lines, and the most telling come first.
const FIRST = 12; // shown on a narrow screen before one asks for all
const NARROW = 620;
function make(tag, attributes = {}, ...inside) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) if (value != null) made.setAttribute(name, value);
  made.append(...inside.filter((part) => part != null));
  return made;
}

function results(row, words, send) {
  if (row.options.some((option) => !option.short)) {
    const list = make("select", { "aria-label": row.name });
    list.append(make("option", { value: "" }, words.open));
    for (const { state, label } of row.options) list.append(make("option", { value: state }, label));
    list.value = row.answer ?? "";
    list.onchange = () => send({ test: row.id, state: list.value || null });
    return list;
  }
  const group = make("div", { role: "group", "aria-label": row.name, class: "results" });
  for (const { state, label, short } of row.options) {
    const on = row.answer === state;
    const button = make("button", { type: "button", "aria-pressed": String(on), "aria-label": label, title: label, "data-state": state }, short);
    button.onclick = () => send({ test: row.id, state: on ? null : state });
    group.append(button);
  }
  return group;
}

function detail(open, words) {
  const table = make("table", {}, make("thead", {}, make("tr", {}, ...words.source_head.map((t) => make("th", { scope: "col" }, t)))));
  const body = table.appendChild(make("tbody"));
  for (const row of open.rows) body.append(make("tr", {}, ...row.map((t) => make("td", {}, t))));
  return make("div", { class: "detail" }, make("p", {}, open.asked), open.rows.length ? table : null);
}

function line(row, data, send, pick) {
  const { words, open } = data;
  const shown = open.id === row.id;
  const sources = make("button", { type: "button", class: "sources", "aria-expanded": String(shown), "aria-label": `${words.sources}: ${row.name}` }, String(row.count));
  sources.onclick = () => pick(shown ? "" : row.id);
  const called = row.called ? make("small", { title: row.called }, row.called) : null;
  const numbers = row.numbers.map((value, i) => make("td", { class: "number", "data-head": words.head[i + 2] }, value));
  const made = make(
    "tr",
    { "data-test": row.id, class: row.answer ? "done" : null },
    make("th", { scope: "row" }, row.name, called),
    make("td", { class: "target", "data-head": words.head[1] }, row.about),
    ...numbers,
    make("td", { class: "answer" }, results(row, words, send)),
    make("td", { class: "more" }, sources),
  );
  if (!shown) return [made];
  return [made, make("tr", { class: "opened" }, make("td", { colspan: String(words.head.length) }, detail(open, words)))];
}

export default function ({ data, parentElement, setStateValue, setTriggerValue }) {
  const root = parentElement.querySelector(".tests") ?? parentElement.appendChild(make("div", { class: "tests" }));
  const shown = JSON.stringify(data);
  if (root.dataset.shown === shown) return;
  root.dataset.shown = shown;
  const holder = root.getRootNode();
  const at = holder.activeElement;
  const place = at && [at.closest("tr")?.dataset.test, at.className, at.dataset.state];
  const head = make("tr", {}, ...data.words.head.map((text) => make("th", { scope: "col" }, text)));
  const table = make("table", { class: "list" }, make("caption", {}, data.words.caption), make("thead", {}, head));
  const body = table.appendChild(make("tbody"));
  const send = (value) => setTriggerValue("result", value);
  const pick = (id) => setStateValue("open", id);
  for (const row of data.rows) body.append(...line(row, data, send, pick));
  root.replaceChildren(table);
  if (data.rows.length > FIRST && !root.all) {
    const all = root.appendChild(make("button", { type: "button", class: "all" }, data.words.all));
    all.onclick = () => { root.all = true; root.classList.add("whole"); all.remove(); };
  }
  if (place?.[0]) { // a new table for the old: the focus stays where it was
    const row = root.querySelector(`tr[data-test="${place[0]}"]`);
    const same = place[2] ? row?.querySelector(`[data-state="${place[2]}"]`) : row?.querySelector(place[1] === "sources" ? ".sources" : "select");
    same?.focus({ preventScroll: true });
  }
  root.watch?.disconnect();
  root.watch = new ResizeObserver(() => root.classList.toggle("narrow", root.clientWidth < NARROW));
  root.watch.observe(root);
  return () => root.watch.disconnect();
}
