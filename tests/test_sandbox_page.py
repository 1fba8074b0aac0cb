"""The sandbox's page by itself, in a real browser: what somebody meets who tries the bot with a keyboard, a small phone
or a screen reader, and who shows it to others."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser import PHONE, Person, accessibility_faults

pytestmark = [pytest.mark.browser, pytest.mark.today]

DESKTOP = {"width": 1366, "height": 800}


def test_small_phones_keyboards_and_clocks(sandbox: str, page: Page) -> None:
    page.goto(sandbox)
    siti = Person(page, 1001).takes_the_phone()

    page.set_viewport_size({"width": 320, "height": 640})
    clocks = page.locator("#row-clocks span")
    expect(clocks).to_have_count(3)
    edge = page.locator(".time-row-words").bounding_box()
    for one in clocks.all():
        box = one.bounding_box()
        assert box
        assert edge
        assert box["x"] + box["width"] <= edge["x"] + edge["width"] + 0.5
    page.get_by_test_id("guide-toggle").click()
    expect(page.get_by_test_id("do-register")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.get_by_test_id("guide-toggle").click()

    siti.opens_link("s_jayapura").sees("Ya, setuju")
    page.get_by_test_id("command-menu").click()
    expect(page.get_by_test_id("command").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("command").first).to_be_hidden()
    for opens, shows in (("attach", "attach-voice"), ("time-open", "travel-next"), ("tools-open", "begin-anew")):
        page.get_by_test_id(opens).click()
        expect(page.get_by_test_id(shows)).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
        page.keyboard.press("Escape")
        expect(page.get_by_test_id(shows)).to_be_hidden()
    page.reload()
    expect(page.get_by_test_id("composer")).to_be_visible()
    page.keyboard.press("Tab")
    page.get_by_test_id("skip").press("Enter")
    expect(page.get_by_test_id("composer")).to_be_focused()

    siti.taps("Ya, setuju").sees("panggil").taps("Ibu").taps("Pakai nama Telegram").sees("usaha")
    siti.taps("Makanan").sees("Bu Siti").taps("Sudah benar").sees("Jayapura")
    expect(page.locator("#row-clocks .own")).to_contain_text("WIT")
    Person(page, 9001).takes_the_phone()
    expect(page.locator("#row-clocks .own")).to_contain_text("WITA")


def test_axe_finds_nothing_serious_wherever_one_is(sandbox: str, page: Page) -> None:
    page.emulate_media(reduced_motion="reduce")
    page.goto(sandbox)
    siti = Person(page, 1001).takes_the_phone()
    found: dict[str, list[str]] = {}

    def looks(where: str) -> None:
        found[where] = accessibility_faults(page)

    page.get_by_test_id("guide-toggle").click()
    looks("an empty chat, the strip unfolded")
    page.get_by_test_id("guide-toggle").click()
    siti.opens_link("s_labuan-bajo").sees("Ya, setuju")
    for kind, shows in (("voice", "voice"), ("sticker", "sticker"), ("album", "photo"), ("forward", "forwarded")):
        page.get_by_test_id("attach").click()
        if kind == "voice":
            looks("what can be attached")
        page.get_by_test_id(f"attach-{kind}").click()
        expect(page.get_by_test_id(shows).last).to_be_attached()
    siti.types("halo").sees("Ya, setuju")
    looks("a chat with all kinds of messages")
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    page.reload()
    siti.sees("Ya, setuju")
    looks("the same in the dark")
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    page.reload()
    siti.sees("Ya, setuju")
    for opens in ("person-switch", "tools-open", "time-open"):
        page.get_by_test_id(opens).click()
        looks(opens)
        page.keyboard.press("Escape")
    page.get_by_test_id("attach").click()
    page.get_by_test_id("attach-location").click()
    looks("choosing a place")
    page.keyboard.press("Escape")
    page.get_by_test_id("tools-open").click()
    page.get_by_test_id("begin-anew").click()
    looks("the question before beginning anew")
    page.keyboard.press("Escape")
    page.set_viewport_size(DESKTOP)  # type: ignore[arg-type]
    page.get_by_test_id("guide-toggle").click()
    looks("a desktop")
    assert {where: faults for where, faults in found.items() if faults} == {}


def test_everything_that_people_send_can_be_sent_on_a_phone_and_on_a_desktop(sandbox: str, page: Page) -> None:
    page.goto(sandbox)
    siti = Person(page, 1001).takes_the_phone().opens_link("s_labuan-bajo").sees("Ya, setuju")
    mine = page.locator('[data-testid="message"][data-from="person"]')
    for size in (PHONE, DESKTOP):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        for kind, shows in (
            ("voice", "voice"),
            ("sticker", "sticker"),
            ("sample", "photo"),
            ("forward", "forwarded"),
        ):
            page.get_by_test_id("attach").click()
            page.get_by_test_id(f"attach-{kind}").click()
            expect(mine.last.get_by_test_id(shows)).to_be_visible()
        photos = mine.get_by_test_id("photo")
        before = photos.count()
        page.get_by_test_id("attach").click()
        page.get_by_test_id("attach-album").click()
        expect(photos).to_have_count(before + 3)
        files = [{"name": "daftar.txt", "mimeType": "text/plain", "buffer": b"a"}]
        page.get_by_test_id("pick-document").set_input_files(files)  # type: ignore[arg-type]
        expect(mine.last.get_by_test_id("document")).to_contain_text("daftar.txt")
        page.get_by_test_id("attach").click()
        page.get_by_test_id("attach-location").click()
        page.get_by_test_id("location-place").first.click()
        expect(mine.last.get_by_test_id("location")).to_be_visible()
        page.get_by_test_id("attach").click()
        page.get_by_test_id("attach-contact").click()
        page.get_by_test_id("contact-share").click()
        expect(mine.last.get_by_test_id("contact")).to_be_visible()

        siti.types("saya besuk datang")
        expect(mine.last).to_contain_text("saya besuk datang")
        mine.last.hover()
        mine.last.get_by_test_id("message-menu").click()
        mine.last.get_by_test_id("edit").click()
        expect(page.get_by_test_id("editing")).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.get_by_test_id("editing")).to_be_hidden()
        expect(page.get_by_test_id("composer")).to_have_value("")
        mine.last.get_by_test_id("message-menu").press("Enter")
        mine.last.get_by_test_id("edit").press("Enter")
        page.get_by_test_id("composer").fill("saya besok datang")
        page.get_by_test_id("send").click()
        expect(mine.last).to_contain_text("saya besok datang")
        expect(mine.last.get_by_test_id("edited")).to_be_visible()
        mine.last.get_by_test_id("message-menu").press("Enter")
        mine.last.get_by_test_id("forward").press("Enter")
        expect(mine.last.get_by_test_id("forwarded")).to_contain_text("Siti")


def test_a_link_opened_before_the_page_knows_whose_phone_it_is_waits_for_that(sandbox: str, page: Page) -> None:
    asked: list[Route] = []
    held = True
    page.route("**/sandbox/world", lambda route: asked.append(route) if held else route.continue_())
    page.goto(sandbox)
    page.get_by_test_id("tools-open").click()
    page.get_by_test_id("deep-link").fill("s_labuan-bajo")
    page.get_by_test_id("deep-link-open").click()
    page.wait_for_timeout(300)
    assert asked
    held = False
    for route in asked:
        route.continue_()
    Person(page, 1001).sees("Ya, setuju")


def test_what_is_tried_stays_under_way_while_the_strip_is_drawn_anew(sandbox: str, page: Page) -> None:
    page.goto(sandbox)
    Person(page, 1001).opens_link("s_labuan-bajo").sees("Ya, setuju")
    asked: list[Route] = []
    page.route("**/sandbox/travel", lambda route: asked.append(route))
    again = page.get_by_test_id("do-time")
    page.get_by_test_id("guide-toggle").click()
    again.click()
    page.get_by_test_id("guide-toggle").click()
    expect(again).to_have_attribute("aria-busy", "true")
    page.get_by_test_id("language").click()
    expect(again).to_contain_text("Try")
    expect(again).to_have_attribute("aria-busy", "true")
    again.click()
    expect(again).to_have_attribute("aria-busy", "true")
    assert len(asked) == 1
    asked[0].fulfill(json={"now": "2026-11-24T01:00:00+00:00", "next_due": None, "told": []})
    expect(again).not_to_have_attribute("aria-busy", "true")
    assert len(asked) == 1


def test_the_strip_leads_through_a_class_and_beginning_anew_forgets_it_in_every_open_page(
    sandbox: str, page: Page
) -> None:
    page.goto(sandbox)
    assert page.context.browser
    other = page.context.browser.new_page(viewport=PHONE)  # type: ignore[arg-type]
    other.goto(sandbox)
    siti = Person(page, 1001)
    strip = page.get_by_test_id("guide-list")

    def tries(what: str) -> None:
        if not strip.is_visible():
            page.get_by_test_id("guide-toggle").click()
        page.get_by_test_id(f"do-{what}").click()

    tries("class_qr")
    expect(page.get_by_test_id("notice")).to_contain_text("nomor 3")
    tries("register")
    siti.sees("Ya, setuju").taps("Ya, setuju").sees("panggil").taps("Ibu").sees("nama").types("Siti").sees("usaha")
    siti.taps("Makanan").sees("Siti").taps("Sudah benar").sees("Kelas di Labuan Bajo")
    siti.taps("Atur Uang Usaha").taps("Ikut kelas ini").sees("sudah dapat kursi")
    siti.taps("Ya, ingatkan")
    reminder = page.get_by_test_id("message").filter(has_text="besok ada kelas Atur Uang Usaha")
    for _ in range(8):  # staff may be written to before
        tries("time")
        expect(page.get_by_test_id("do-time")).not_to_have_attribute("aria-busy", "true")
        page.get_by_test_id("time-open").click()
        expect(page.get_by_test_id("next-due")).to_contain_text("Pesan untuk")
        told = page.get_by_test_id("next-due").inner_text()
        page.get_by_test_id("time-open").click()
        if "Siti" in told:
            break
    expect(reminder).to_be_visible()

    tries("trainer")
    maria = Person(page, 2001)
    expect(page.locator("#person-name")).to_contain_text("Maria")
    maria.taps("Atur Uang Usaha").taps("Tunjukkan kode").sees("Kode hadir: ")
    tries("class_qr")
    anton = Person(page, 1002).sees("Ya, setuju")
    expect(page.locator("#person-name")).to_contain_text("Anton")
    tries("own_data")
    siti.sees("Siti")
    page.get_by_test_id("guide-toggle").click()
    expect(page.get_by_test_id("try-own_data")).to_contain_text("sudah dicoba")
    page.reload()
    expect(strip).to_be_visible()
    expect(page.get_by_test_id("try-own_data")).to_contain_text("sudah dicoba")
    page.get_by_test_id("guide-toggle").click()
    page.reload()
    expect(page.get_by_test_id("guide-toggle")).to_be_visible()
    expect(strip).to_be_hidden()

    expect(other.get_by_test_id("message").first).to_be_visible()
    page.get_by_test_id("tools-open").click()
    page.get_by_test_id("begin-anew").click()
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("message").first).to_be_visible()
    page.get_by_test_id("tools-open").click()
    page.get_by_test_id("begin-anew").click()
    page.get_by_test_id("anew-yes").click()
    for each in (page, other):
        expect(each.get_by_test_id("start")).to_be_visible()
        expect(each.get_by_test_id("message")).to_have_count(0)
        expect(each.locator("#row-moved")).to_be_hidden()
        expect(each.locator("#person-name")).to_contain_text("Siti")
    tries("register")
    siti.sees("Ya, setuju")
    anton.takes_the_phone()
    expect(page.get_by_test_id("start")).to_be_visible()
    assert page.request.get(f"{sandbox}health").json()["ok"]
