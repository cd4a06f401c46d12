// Where one is: the Back button of the browser moves inside the app, and a new place begins at its
// top, with the focus on its heading. For a moment it takes no touch: a second one that was meant for
// the place before must answer nothing unseen. One listener for the window, however often the element
// is drawn anew.
const here = (window.lumbayesPlace ??= {});
const UNSEEN = 600; // ms
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
    // Enter and Space on a button are clicks too; what is pressed down takes the focus.
    for (const kind of ["click", "mousedown", "pointerdown", "pointerup"]) window.addEventListener(kind, (event) => {
      if (!(performance.now() < here.unseen) || !event.target.closest?.("[data-testid=stMain]")) return;
      event.preventDefault();
      event.stopPropagation();
    }, true);
  }
  const entry = { ...history.state, lumbayes: data.place, lumbayesPage: location.pathname };
  if (here.place === undefined || here.page !== location.pathname) {
    history.replaceState(entry, "");
  } else if (data.place !== here.place) {
    if (here.popped) history.replaceState(entry, "");
    else history.pushState(entry, "");
    here.unseen = performance.now() + UNSEEN;
    here.left = document.activeElement; // what was pressed: it may be used again on the new screen
    document.documentElement.dataset.unseen = "";
    setTimeout(() => delete document.documentElement.dataset.unseen, UNSEEN);
    // The page is still being drawn: what was focused may be replaced once more.
    for (const wait of [60, 250, 600, 1200]) setTimeout(() => top(data.target, data.place), wait);
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
  const now = document.activeElement;
  const moved = area.contains(now) && now !== here.left && now.tagName !== "H2"; // by Tab meanwhile
  // The arrow keys still choose among the sections.
  if (!heading || moved || now.matches("[role=radio], input[type=radio]")) return;
  heading.tabIndex = -1;
  heading.focus({ preventScroll: true });
}
