"""How long the app takes: its inference, in a real browser, and for fifty people at once.

Run with the environment of the tests: ``python benchmarks/bench_app.py [users] [seconds]``, two
minutes; it measures every row of the table in ``app.md`` and, given ``--write``, puts it there.
Client, browser and server share the machine, so the figures are upper bounds.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import re
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from conftest import CHROMIUM_FLAGS, chromium

PERSON = {
    **{"low_back_pain": "yes", "buttock_pain": "one_side", "duration": "over_12w"},
    **{"age_band": "45_59", "sex": "female", "sitting": "over_8h", "body_weight": "overweight"},
}
THINK = 10.0  # seconds between two clicks of one person
PAGE = Path(__file__).with_name("app.md")
WATCH = """() => {
  window.moved = 0; window.clicked = 0;
  new MutationObserver(() => { window.moved = performance.now(); })
    .observe(document.body,
      {subtree: true, childList: true, characterData: true, attributes: true});
  document.addEventListener('click', () => { window.clicked = performance.now(); }, true);
}"""
RESULTS = """() => {
  window.shown = 0;
  const shown = '.lb .rows, .st-key-if_answer h2';
  const seen = () => [...document.querySelectorAll(shown)].map(e => e.innerText).join();
  let last = seen();
  new MutationObserver(() => { const now = seen();
    if (now !== last) { last = now; window.shown = performance.now(); } })
    .observe(document.body, {subtree: true, childList: true, characterData: true});
}"""


@contextlib.contextmanager
def server() -> Iterator[tuple[str, psutil.Process]]:
    """Start a server of its own, and end it by its handle."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    start = time.perf_counter()
    running = subprocess.Popen(
        [sys.executable, "-m", "lumbayes.app.server", "--port", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while True:
            with contextlib.suppress(OSError):
                if urllib.request.urlopen(f"http://127.0.0.1:{port}/ready", timeout=1).read():
                    break
            time.sleep(0.05)
        print(f"start until ready: {time.perf_counter() - start:.1f} s")
        yield f"http://127.0.0.1:{port}", psutil.Process(running.pid)
    finally:
        running.terminate()
        running.wait()


def in_a_browser(url: str) -> list[str]:
    """First paint, and answer changed to picture updated: rows of the table."""
    path = chromium()
    if path is None:
        raise SystemExit("no Chromium: install it, or set CHROMIUM to its path")
    from playwright.sync_api import sync_playwright

    from lumbayes.app.share import to_code

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(CHROMIUM_FLAGS))
        visits = []
        for _ in range(3):
            context = browser.new_context(viewport={"width": 1280, "height": 900})
            page = context.new_page()
            start = time.perf_counter()
            page.goto(url)
            page.get_by_role("heading", level=1).wait_for()
            title = time.perf_counter() - start
            page.locator(".lb.care").first.wait_for()
            visits.append((title, time.perf_counter() - start))
            context.close()
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.goto(f"{url}/?way=form")
        page.get_by_text("How it feels").first.click()  # no warning signs: the page goes on
        groups = page.locator(".st-key-asking").get_by_role("radiogroup")
        groups.nth(14).wait_for()
        page.wait_for_timeout(1_000)
        shown, settled = timed(
            page,
            [groups.nth(1 + i % 12).get_by_role("radio").nth(i // 12) for i in range(24)],
        )
        titles, cards = ([max(v[i] for v in visits)] for i in (0, 1))
        rows = [
            "| answer changed → chances on the page changed, median (p90) |"
            f" {at(shown)} | 200 ms |",
            "| answer changed → the whole page at rest, next question included, median (p90) |"
            f" {at(settled)} | – |",
            "| a visit, warm server, empty cache, slowest of three: title, card |"
            f" {titles[0]:.1f} s, {cards[0]:.1f} s | 2 s |",
        ]
        page.goto(f"{url}/what-if?s={to_code({'findings': PERSON})}")
        switches = page.locator("[class*=st-key-if_quick]").get_by_role("button")
        switches.first.wait_for()
        page.wait_for_timeout(1_000)
        shown, _ = timed(page, [switches.nth(i) for i in range(10) for _ in range(2)])
        shown = shown[::2]  # every second touch takes the change back
        browser.close()
    return [
        *rows,
        "| what-if switched → answer changed, each for the first time: median, slowest |"
        f" {statistics.median(shown):.0f} ms, {max(shown):.0f} ms | 300 ms |",
    ]


def cold(guests: int) -> tuple[float, float, float]:
    """Return the seconds from the start of a server until it is ready, and shows the first page.

    The pages of all guests, who wait from the start on: the first of them, and the last.
    """
    from playwright.sync_api import sync_playwright

    start = time.perf_counter()
    with server() as (url, _), sync_playwright() as playwright:
        up = time.perf_counter() - start
        path = chromium()
        browser = playwright.chromium.launch(executable_path=path, args=list(CHROMIUM_FLAGS))
        pages = [browser.new_context().new_page() for _ in range(guests)]
        opened = time.perf_counter()
        for page in pages:
            page.goto(url, wait_until="commit")
        waits = []
        for page in pages:
            page.locator(".lb.care").first.wait_for(timeout=120_000)
            waits.append(time.perf_counter() - opened)
        browser.close()
    return up, waits[0], waits[-1]


def inference() -> str:
    """Processor time of what one click asks of the model, each case new: a row of the table."""
    from lumbayes.cases.case import parse_case
    from lumbayes.inference.queries import use_kernel
    from lumbayes.knowledge.model import load_model
    from lumbayes.questions.differential import differential
    from lumbayes.questions.next_question.ranking import next_questions
    from lumbayes.questions.what_if.scenarios import counterfactual
    from lumbayes.triage.care_level import care_level

    use_kernel()
    model = load_model()
    work: dict[str, Any] = {
        "advice": lambda case: care_level(model, case),
        "first causes": lambda case: differential(model, case, 0),
        "next question": lambda case: next_questions(model, case, limit=None),
        "what-if about me": lambda case: counterfactual(model, case, {"smoking": "never"}, draws=0),
    }
    asked = [v for v in model.variables.values() if v.ask == "question" and v.name in model.network]
    spent: dict[str, list[float]] = {name: [] for name in work}
    for i in range(len(asked)):
        answers = {v.name: v.states[0] for v in asked[max(0, i - 20) : i] if v.group != "about_you"}
        try:
            case = parse_case(model, {**answers, "low_back_pain": "yes"})
        except ValueError:  # two of the answers exclude each other
            continue
        for name, job in work.items():
            start = time.process_time()
            job(case)
            spent[name].append(1000 * (time.process_time() - start))
    medians = "; ".join(f"{statistics.median(times[1:]):.0f}" for times in spent.values())
    return (
        "| processor time of inference in a click: advice; first causes; next question; what-if"
        f" about me, median | {medians} ms | – |"
    )


def timed(page: Any, clicks: list[Any]) -> tuple[list[float], list[float]]:
    """Click one after the other; how long until the numbers changed, and until all was at rest."""
    page.evaluate(WATCH)
    page.evaluate(RESULTS)
    shown, settled = [], []
    for click in clicks:
        click.click()
        page.wait_for_timeout(1_500)
        clicked, seen, moved = page.evaluate("[window.clicked, window.shown, window.moved]")
        if seen > clicked:
            shown.append(seen - clicked)
        settled.append(moved - clicked)
    return shown, settled


def at(times: list[float]) -> str:
    """Say median and ninth decile."""
    return f"{statistics.median(times):.0f} ms ({sorted(times)[int(0.9 * len(times))]:.0f} ms)"


class Visitor:
    """Someone who speaks Streamlit's own protocol, without a browser."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.questions: dict[str, list[str]] = {}
        self.given: dict[str, str] = {}
        self.faults = 0

    async def open(self) -> float:
        """Connect, and return how long the first run takes."""
        self.socket = await websockets.connect(
            self.url.replace("http", "ws") + "/_stcore/stream",
            subprotocols=["streamlit"],  # type: ignore[list-item]
            origin=self.url,  # type: ignore[arg-type]
            max_size=None,
        )
        return await self.run()

    async def run(self) -> float:
        """Return how long a run of the script takes."""
        back = BackMsg()
        back.rerun_script.query_string = "way=form"
        for key, answer in self.given.items():
            widget = back.rerun_script.widget_states.widgets.add()
            widget.id = key
            widget.string_array_value.data.append(answer)
        start = time.perf_counter()
        await self.socket.send(back.SerializeToString())
        while True:
            message = ForwardMsg()
            message.ParseFromString(await asyncio.wait_for(self.socket.recv(), 60))
            kind = message.WhichOneof("type")
            if kind == "delta" and message.delta.WhichOneof("type") == "new_element":
                element = message.delta.new_element
                if (
                    element.WhichOneof("type") == "button_group"
                    and "-q_" in element.button_group.id
                ):
                    group = element.button_group
                    self.questions[group.id] = [option.content for option in group.options]
                self.faults += element.WhichOneof("type") == "exception"
            if kind == "script_finished":
                return time.perf_counter() - start

    async def click(self) -> float:
        """Answer some question somehow, and return how long that takes."""
        question = random.choice(list(self.questions))
        options = self.questions[question]
        calm = next((o for o in ("No", "None", "Slowly") if o in options), options[-1])
        if self.given.pop(question, None) is None:  # a second touch clears the answer
            self.given[question] = calm
        return await self.run()


async def many(url: str, process: psutil.Process, users: int, seconds: float) -> list[str]:
    """Time what each of many visitors waits, with their pauses to think: rows of the table."""
    before = process.memory_info().rss
    visitors = [Visitor(url) for _ in range(users)]
    for visitor in visitors:
        await visitor.open()
    opened = process.memory_info().rss
    waits: list[float] = []
    end = time.perf_counter() + seconds
    cpu, start = process.cpu_times(), time.perf_counter()

    async def live(visitor: Visitor) -> None:
        await asyncio.sleep(random.random() * THINK)
        while time.perf_counter() < end:
            waits.append(await visitor.click())
            await asyncio.sleep(random.uniform(0.5, 1.5) * THINK)

    await asyncio.gather(*(live(visitor) for visitor in visitors))
    spent, after = time.perf_counter() - start, process.cpu_times()
    busy = (after.user + after.system - cpu.user - cpu.system) / spent
    waits.sort()
    memory = process.memory_info().rss

    for visitor in visitors:
        await visitor.socket.close()
    if sum(v.faults for v in visitors):
        raise SystemExit("a page showed a fault to one of the users")
    quantiles = ", ".join(
        f"{1000 * waits[min(int(share * len(waits)), len(waits) - 1)]:.0f} ms"
        for share in (0.5, 0.95, 0.99)
    )
    sizes = ", ".join(f"{size / 1e6:.0f} MB" for size in (before, opened, memory))
    return [
        f"| {users} users, {THINK:.0f} s between clicks, {len(waits)} clicks: p50, p95, p99 |"
        f" {quantiles} | p95 1 s |",
        f"| processor time of the server with these {users} users | {busy:.2f} of one core | – |",
        f"| memory: server warm, with {users} sessions open, after these clicks | {sizes} |"
        " bounded |",
    ]


def main(arguments: list[Any]) -> None:
    """Run all parts."""
    numbers = [a for a in arguments if a != "--write"]
    users = int(numbers[0]) if numbers else 50
    seconds = float(numbers[1]) if len(numbers) > 1 else 40.0
    rows = [inference()]
    (up, alone, _), (_, _, last) = cold(1), cold(3)
    rows.append(
        "| a server just started: until ready; then the first page; the last of three at once |"
        f" {up:.1f} s; {alone:.1f} s; {last:.1f} s | – |"
    )
    with server() as (url, process):
        rows += in_a_browser(url)
        rows += asyncio.run(many(url, process, users, seconds))
    table = "\n".join(["| what | measured | asked |", "|---|---|---|", *rows])
    print(table)
    if "--write" in arguments:
        text = PAGE.read_text(encoding="utf-8")
        whole = re.sub(r"^\| what .*?(?=\n\n)", lambda _: table, text, flags=re.S | re.M)
        PAGE.write_text(whole, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
