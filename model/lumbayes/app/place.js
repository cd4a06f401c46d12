// Where one is: the Back button of the browser moves inside the app, and a new place begins at its
// top. One listener for the window, however often the element is drawn anew.
const here = (window.lumbayesPlace ??= {});
export default function ({ data, setTriggerValue }) {
  here.send = (to) => setTriggerValue("back", to);
  if (!here.listens) {
    here.listens = true;
    window.addEventListener("popstate", (event) => {
      const to = event.state?.lumbayes;
      if (!to || to === here.place || event.state.lumbayesPage !== location.pathname) return;
      here.popped = true;
      here.send(to);
    });
  }
  const entry = { ...history.state, lumbayes: data.place, lumbayesPage: location.pathname };
  if (here.place === undefined || here.page !== location.pathname) {
    history.replaceState(entry, "");
  } else if (data.place !== here.place) {
    if (here.popped) history.replaceState(entry, "");
    else history.pushState(entry, "");
    // The page is still being drawn: what was focused may be replaced once more.
    for (const wait of [60, 250, 600]) setTimeout(() => top(data.target, data.place), wait);
  }
  here.popped = false;
  here.place = data.place;
  here.page = location.pathname;
}
function top(target, place) {
  if (place !== here.place) return;
  const area = document.querySelector(target);
  if (!area) return;
  area.style.scrollMarginTop = "0.5rem";
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const edge = area.getBoundingClientRect().top;
  if (edge < 0 || edge > innerHeight / 3) {
    area.scrollIntoView({ block: "start", behavior: calm ? "instant" : "smooth" });
  }
  const heading = area.querySelector("h2");
  if (heading && (document.activeElement === document.body || !area.contains(document.activeElement)
    || document.activeElement.tagName === "H2")) {
    heading.tabIndex = -1;
    heading.focus({ preventScroll: true });
  }
}
