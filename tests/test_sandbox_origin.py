"""No other web page drives the sandbox: not from another origin, not under a name that was made to lead to it."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

import httpx
import pytest
from playwright.sync_api import Browser, Page, Route, sync_playwright
from starlette.routing import Route as Path

from bot.sandbox import Sandbox
from bot.sandbox.own_origin import in_no_other_page
from tests.browser import CHROMIUM, QUIET
from tests.requirements import missing
from tests.sandbox_process import SandboxProcess
from tests.test_sandbox import SITI, TOKEN, opened, talk

EVIL: Final = "evil.example"
"""A name that leads to 127.0.0.1, as any name may from one moment to the next."""


def requests() -> list[tuple[str, str]]:
    """One for each route there is, and for what is none of them."""
    sandbox = Sandbox(None, token=TOKEN, bot_username="b", people=())
    found = [
        (method, route.path.replace("{person}", str(SITI)).replace("{file:path}", "chat.js"))
        for route in sandbox.asgi.routes
        if isinstance(route, Path)
        for method in route.methods or ()
    ]
    sandbox.close()
    more = [f"/bot{TOKEN}/getMe", f"/bot{TOKEN}/sendMessage?chat_id={SITI}&text=x", f"/file/bot{TOKEN}/x", "/nowhere"]
    return found + [(method, path) for method in ("GET", "POST") for path in more]


FOREIGN: Final = (
    {"host": "evil.example"}, {"host": "evil.example:{port}"}, {"host": "127.0.0.1"}, {"host": "127.0.0.1:{port}0"},
    {"host": "127.0.0.1:80"}, {"host": "127.0.0.1.evil.example:{port}"}, {"host": "evil.example@127.0.0.1:{port}"},
    {"host": "0.0.0.0:{port}"}, {"host": "127.0.0.2:{port}"}, {"host": "localhost.:{port}"}, {"host": ""},
    {"origin": "null"}, {"origin": "https://127.0.0.1:{port}"}, {"origin": "http://127.0.0.1"},
    {"origin": "http://localhost:{port}"}, {"origin": "http://evil.example:{port}"}, {"origin": ""},
    {"host": "evil.example:{port}", "origin": "http://evil.example:{port}", "sec-fetch-site": "same-origin"},
    {"sec-fetch-site": "same-site"}, {"sec-fetch-site": "Same-Origin, none"},
    {"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "cross-site", "sec-fetch-dest": "document"},
)  # fmt: skip
OWN: Final[tuple[dict[str, str], ...]] = (
    {}, {"host": "localhost:{port}"}, {"host": "LocalHost:{port}"}, {"host": "[::1]:{port}"},
    {"origin": "http://127.0.0.1:{port}", "sec-fetch-site": "same-origin"}, {"sec-fetch-site": "none"},
    {"host": "localhost:{port}", "origin": "http://localhost:{port}"},
)  # fmt: skip


def test_every_route_takes_requests_of_its_own_page_and_of_programs_alone() -> None:
    @talk
    async def scene() -> None:
        async with opened() as t:
            port = t.url.rpartition(":")[2]

            async def asked(method: str, path: str, heads: Mapping[str, str]) -> httpx.Response:
                headers = {name: value.format(port=port) for name, value in heads.items()}
                return await t.http.request(method, t.url + path, headers=headers)

            before = (len(t.sandbox.world.people), len(t.sandbox.world.updates), t.sandbox.transcript.last)
            tried = 0
            everywhere = (FOREIGN[1], FOREIGN[-2])
            for method, path in requests():
                for heads in everywhere if path not in ("/", f"/bot{TOKEN}/getMe") else FOREIGN:
                    answer = await asked(method, path, heads)
                    assert answer.status_code == 403, (method, path, heads, answer.text)
                    assert answer.headers["x-frame-options"] == "SAMEORIGIN"
                    tried += 1
            assert tried > 120
            assert (len(t.sandbox.world.people), len(t.sandbox.world.updates), t.sandbox.transcript.last) == before
            for heads in OWN:
                for path in ("/", "/sandbox/world", f"/bot{TOKEN}/getMe"):
                    answer = await asked("GET", path, heads)
                    assert answer.status_code == 200, (path, heads, answer.text)
                assert (await asked("POST", f"/sandbox/chat/{SITI}/start", heads)).status_code == 200

    scene()


def test_whoever_followed_a_link_is_told_where_the_page_is() -> None:
    @talk
    async def scene() -> None:
        async with opened() as t:
            heads = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}
            answer = await t.http.get(f"{t.url}/?<b>", headers=heads)
            assert f'<a href="{t.url}/">' in answer.text
            assert "<b>" not in answer.text

    scene()


def test_the_page_stands_in_no_frame_of_others_and_loads_nothing_of_others() -> None:
    @talk
    async def scene() -> None:
        async with opened() as t:
            for path in ("/", "/page/chat.js", "/sandbox/world", "/nowhere"):
                heads = (await t.http.get(t.url + path)).headers
                policy = heads["content-security-policy"]
                assert "frame-ancestors 'self'" in policy
                assert "default-src 'none'" in policy
                assert "unsafe" not in policy
                assert heads["cross-origin-resource-policy"] == "same-origin"

    scene()


# --- a real browser ---------------------------------------------------------------------------------------------------

ATTACKS: Final = """
async ([base, token, siti, other]) => {
  const tried = [], won = [];
  const attempt = async (name, work) => {
    tried.push(name);
    try { if (await work()) won.push(name); } catch { /* kept out */ }
  };
  const element = (tag, more) => new Promise((resolve) => {
    const made = Object.assign(document.createElement(tag), more);
    made.onload = () => resolve(tag !== "iframe");
    made.onerror = () => resolve(false);
    setTimeout(() => resolve(false), 1500);
    document.body.append(made);
  });
  const send = `${base}/bot${token}/sendMessage?chat_id=${siti}&text=evil`;
  const hook = `${base}/bot${token}/setWebhook?url=${encodeURIComponent(other)}`;
  for (const path of ["/sandbox/world", `/sandbox/chat/${siti}`, "/sandbox/transcript", `/bot${token}/getUpdates`])
    await attempt("read " + path, async () => (await fetch(base + path)).ok);
  for (const address of [send, hook, `${base}/bot${token}/getUpdates?offset=-1`]) {
    await attempt("image " + address, () => element("img", {src: address}));
    await attempt("script " + address, () => element("script", {src: address}));
    await attempt("style " + address, () => element("link", {rel: "stylesheet", href: address}));
    await attempt("fetch " + address, async () => { await fetch(address, {mode: "no-cors"}); return false; });
    await attempt("beacon " + address, async () => { navigator.sendBeacon(address, "{}"); return false; });
  }
  const say = `${base}/sandbox/chat/${siti}/say`;
  for (const mode of ["cors", "no-cors"])
    await attempt("say " + mode, async () =>
      (await fetch(say, {method: "POST", mode, body: '{"text": "evil"}'})).ok);
  await attempt("form", async () => {
    const target = await new Promise((resolve) => {
      const frame = Object.assign(document.createElement("iframe"), {name: "f" + Math.random()});
      document.body.append(frame); resolve(frame.name);
    });
    const form = Object.assign(document.createElement("form"), {method: "post", action: say, target});
    form.enctype = "text/plain";
    form.append(Object.assign(document.createElement("input"), {name: '{"text": "evil', value: '"}'}));
    document.body.append(form); form.submit();
    await new Promise((resolve) => setTimeout(resolve, 700));
    return false;
  });
  await attempt("people", async () =>
    (await fetch(base + "/sandbox/people", {method: "POST", body: '{"first_name": "Evil"}'})).ok);
  await attempt("events", () => new Promise((resolve) => {
    const source = new EventSource(base + "/sandbox/events");
    source.onopen = () => resolve(true); source.onerror = () => resolve(false);
    setTimeout(() => resolve(false), 1500);
  }));
  await attempt("page's script", () => element("script", {src: base + "/page/chat.js", type: "module"}));
  await attempt("frame", async () => {
    const frame = Object.assign(document.createElement("iframe"), {src: base + "/"});
    document.body.append(frame);
    await new Promise((resolve) => setTimeout(resolve, 1000));
    return false;  // what is in it is looked at from outside
  });
  return [tried, won];
}
"""


class _Blank(BaseHTTPRequestHandler):
    """Whoever asks gets an empty page. Whoever brings something has won."""

    brought: Final[list[str]] = []

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>evil</title><body>")

    def do_POST(self) -> None:
        self.brought.append(self.path)
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: Any) -> None: ...


@contextmanager
def foreign_site() -> Iterator[int]:
    """The port of a web site that is not ours."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Blank)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def browser() -> Iterator[Browser]:
    """One for which EVIL leads to 127.0.0.1."""
    if not CHROMIUM.exists():
        missing("browser", "no Chromium at /usr/bin/chromium")
    rules = f"--host-resolver-rules=MAP {EVIL} 127.0.0.1"
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=str(CHROMIUM), args=[*QUIET, rules])
        try:
            yield launched
        finally:
            launched.close()


def attacked(page: Page, box: SandboxProcess, base: str, other: int) -> None:
    """All is tried from this page, by somebody who even knows the token; the sandbox is as it was."""
    before = box.get(f"chat/{SITI}"), box.get("state")["people"]
    last = box.get("state")["entries"]
    tried, won = page.evaluate(ATTACKS, [base, box.token, SITI, f"http://127.0.0.1:{other}/x"])
    assert len(tried) > 25
    assert won == []
    assert len(page.frames) == 3
    assert [one.get_by_test_id("person-switch").count() for one in page.frames] == [0, 0, 0], "it is in no frame"
    assert (box.get(f"chat/{SITI}"), box.get("state")["people"]) == before
    assert box.transcript(last) == [], "nothing was called, said or done"
    assert box.call("getWebhookInfo")["result"]["url"] == ""
    assert box.call("getUpdates")["result"] != [], "what waits for the bot still waits"
    assert _Blank.brought == []


@pytest.mark.browser
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", EVIL], ids=["another port", "localhost", "another site"])
def test_a_page_of_another_origin_gets_nothing_and_does_nothing(browser: Browser, host: str) -> None:
    with SandboxProcess("--person", f"{SITI}:Siti") as box, foreign_site() as other:
        box.post(f"chat/{SITI}/say", text="nama saya Siti")
        page = browser.new_page()
        page.goto(f"http://{host}:{other}/")
        attacked(page, box, box.address, other)
        page.goto("about:blank")
        page.goto(box.address)
        assert page.get_by_test_id("person-switch").is_visible(), "whoever types the address has the page"


@pytest.mark.browser
def test_a_name_that_was_made_to_lead_to_the_sandbox_gets_nothing(browser: Browser) -> None:
    with SandboxProcess("--person", f"{SITI}:Siti") as box, foreign_site() as other:
        box.post(f"chat/{SITI}/say", text="nama saya Siti")
        page = browser.new_page()
        site = f"http://{EVIL}:{box.port}"
        answer = page.goto(f"{site}/sandbox/world")
        assert answer is not None
        assert (answer.status, "Siti" in answer.text()) == (403, False)

        def before_the_name_led_here(route: Route) -> None:
            route.fulfill(status=200, content_type="text/html", body="<!doctype html><body>")

        page.route(f"{site}/evil", before_the_name_led_here)
        page.goto(f"{site}/evil")
        attacked(page, box, site, other)


def test_an_answer_keeps_a_stricter_policy_of_its_own() -> None:
    """Two policies hold together: the page that checks certificates would lose its style."""
    told: list[Any] = []

    async def send(message: Any) -> None:
        told.append(message)

    own = (b"Content-Security-Policy", b"default-src 'none'; style-src 'unsafe-inline'")
    answering = in_no_other_page(send)({"type": "http.response.start", "status": 200, "headers": [own]})
    with pytest.raises(StopIteration):  # by hand: the browser of this file's tests has the event loop
        answering.send(None)  # type: ignore[attr-defined]
    names = [name.lower() for name, _ in told[0]["headers"]]
    assert names.count(b"content-security-policy") == 1
    assert own in told[0]["headers"]
    assert b"x-frame-options" in names
