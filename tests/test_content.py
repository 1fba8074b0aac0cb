"""content/: the real files, what people type to find a site, open hours, and mistakes told with file and line."""

from __future__ import annotations

import math
import shutil
from datetime import UTC, date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.catalogue.content import Content, load_content
from bot.catalogue.yaml_files import ContentError, Problem, read_yaml
from bot.people.people import Purpose
from bot.people.quiet_hours import Closed, is_open, next_opening
from bot.settings import ROOT

WIB = ("samosir", "pekanbaru", "tangerang", "semarang", "yogyakarta", "malang", "banyuwangi", "lumban-suhi-suhi-toruan",
       "jangga-dolok", "raya-seribu-bunga", "sait-buttu-asri", "kampung-warna-warni-tigarihit",
       "lumban-bulbul")  # fmt: skip
WITA = ("balikpapan", "labuan-bajo", "golo-loni", "ululoga")
SUNDAY_MORNING = Closed(time(0), time(12), weekday=6)


@pytest.fixture(scope="module")
def content() -> Content:
    return load_content(ROOT / "content")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of content/ to make mistakes in."""
    return Path(shutil.copytree(ROOT / "content", tmp_path / "content"))


def change(path: Path, old: str, new: str) -> int:
    """Change one place of a file; returns the line of it."""
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{old!r} stands there {text.count(old)} times"
    path.write_text(text.replace(old, new), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


def problems_of(folder: Path) -> tuple[Problem, ...]:
    with pytest.raises(ContentError) as caught:
        load_content(folder)
    assert str(caught.value).count("\n") == len(caught.value.problems) - 1
    return caught.value.problems


# --- the real files ---------------------------------------------------------------------------------------------------


def test_all_nineteen_sites_stand_there_with_their_zones(content: Content) -> None:
    assert {site.id: site.label for site in content.sites if site.active} == (
        dict.fromkeys(WIB, "WIB") | dict.fromkeys(WITA, "WITA") | {"jayapura": "WIT"}
    )
    kinds = [site.kind for site in content.sites]
    assert (kinds.count("sentra_ekraf"), kinds.count("destinasi")) == (10, 9)
    assert kinds == sorted(kinds, reverse=True), "the centres stand before the destinations"


def test_the_site_without_a_place_is_inactive_and_has_no_zone(content: Content) -> None:
    site = content.site("ekraf-victory")
    assert site is not None
    assert not site.active
    with pytest.raises(ValueError, match="not confirmed"):
        _ = site.zone


def test_a_site_is_found_by_its_id_only(content: Content) -> None:
    site = content.site("labuan-bajo")
    assert site is not None
    assert (site.name, site.zone, site.label) == ("Labuan Bajo", "Asia/Makassar", "WITA")
    assert content.site("Labuan Bajo") is None


def test_nothing_of_it_can_be_changed(content: Content) -> None:
    with pytest.raises(ValueError, match="frozen"):
        content.sites[0].name = "x"  # type: ignore[misc]
    with pytest.raises(AttributeError):
        content.sites = ()  # type: ignore[misc]


def test_the_programmes_rules(content: Content) -> None:
    programme = content.programme
    assert programme.leads == (1440, 120)
    assert programme.capacity == 20
    assert programme.retention.model_dump() == {
        "unconsented_hours": 24,
        "inbox_hours": 48,
        "outbox_words_days": 30,
        "profile_months": 12,
        "consent_months": 24,
        "record_months": 24,
        "sheet_photo_days": 90,
        "questions_days": 90,
    }
    assert set(programme.consents) == set(Purpose)
    assert all(content.consent_version(purpose) for purpose in Purpose)


# --- open hours -------------------------------------------------------------------------------------------------------


def test_open_hours_are_in_the_sites_own_zone(content: Content) -> None:
    for site in content.sites:
        if site.active:
            hours = content.open_hours(site.id)
            assert (hours.zone, hours.opens, hours.closes) == (site.zone, time(8), time(19, 30))
            assert Closed(time(11, 30), time(13), weekday=4) in hours.closed


def test_sunday_mornings_are_quiet_in_three_provinces(content: Content) -> None:
    quiet = {site.id for site in content.sites if site.active and SUNDAY_MORNING in content.open_hours(site.id).closed}
    expected = {
        site.id
        for site in content.sites
        if site.active and site.province in ("Sumatera Utara", "Nusa Tenggara Timur", "Papua")
    }
    assert quiet == expected
    assert len(quiet) == 11


def test_ramadan_of_2027_is_quiet_at_dusk(content: Content) -> None:
    dusk = datetime(2027, 2, 10, 18, tzinfo=ZoneInfo("Asia/Jakarta"))
    assert not is_open(content.open_hours("semarang"), dusk)
    assert is_open(content.open_hours("semarang"), dusk.replace(month=4))


@pytest.mark.parametrize("site_id", ["ekraf-victory", "gone-since-spring", None])
def test_without_a_known_place_hours_are_polite_in_all_three_zones(content: Content, site_id: str | None) -> None:
    hours = content.open_hours(site_id)
    for hour in range(24):
        for minute in (0, 30):
            moment = datetime(2026, 11, 24, hour, minute, tzinfo=UTC)
            if is_open(hours, moment):
                for zone in ("Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura"):
                    assert time(8) <= moment.astimezone(ZoneInfo(zone)).time() < time(19, 30)
    assert next_opening(hours, datetime(2026, 11, 24, tzinfo=UTC)) == datetime(2026, 11, 24, 1, tzinfo=UTC)


def test_a_site_may_have_its_own_rules(folder: Path) -> None:
    own = """sites:
  jayapura:
    open: 09.00-18.00
    closed:
      - {why: pasar, day: rabu, hours: 09.00-10.00}
    leads: [30 menit, 2 hari]
    capacity: 30
  malang:
    capacity: 12
"""
    change(folder / "programme.yaml", "sites: {}\n", own)
    content = load_content(folder)
    hours = content.open_hours("jayapura")
    assert (hours.opens, hours.closes) == (time(9), time(18))
    assert hours.closed == (Closed(time(9), time(10), weekday=2),), "its list stands for the general one"
    assert (content.leads("jayapura"), content.capacity("jayapura")) == ((2880, 30), 30)
    assert (content.leads("malang"), content.capacity("malang")) == ((1440, 120), 12)
    assert content.open_hours("malang").opens == time(8)
    assert (content.leads("semarang"), content.capacity("semarang")) == ((1440, 120), 20)


def test_reloading_sees_the_change(folder: Path) -> None:
    before = load_content(folder)
    change(folder / "programme.yaml", "capacity: 20", "capacity: 25")
    assert load_content(folder).programme.capacity == 25
    assert before.programme.capacity == 20


def test_the_date_of_the_privacy_notice(folder: Path) -> None:
    assert load_content(folder).programme.kept_until is None
    change(folder / "programme.yaml", "kept_until:\n", "kept_until: 2027-12-31\n")
    assert load_content(folder).programme.kept_until == date(2027, 12, 31)


# --- finding a site ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("labuan bjo", "labuan-bajo"),
        ("LABUANBAJO", "labuan-bajo"),
        ("labuhan bajo", "labuan-bajo"),
        ("jogja", "yogyakarta"),
        ("yogya", "yogyakarta"),
        ("Jogyakarta", "yogyakarta"),
        ("suhi suhi", "lumban-suhi-suhi-toruan"),
        ("suhi-suhi", "lumban-suhi-suhi-toruan"),
        ("tiga rihit", "kampung-warna-warni-tigarihit"),
        ("Tigarihit", "kampung-warna-warni-tigarihit"),
        ("warna warni", "kampung-warna-warni-tigarihit"),
        ("bulbul", "lumban-bulbul"),
        ("jaya pura", "jayapura"),
        ("Kab. Karo", "raya-seribu-bunga"),
        ("seribu bunga", "raya-seribu-bunga"),
        ("sait butu", "sait-buttu-asri"),
        ("tanggerang", "tangerang"),
        ("semarag", "semarang"),
        ("mlang", "malang"),
        ("banyu wangi", "banyuwangi"),
        ("balik papan", "balikpapan"),
        ("pekan baru", "pekanbaru"),
        ("golo", "golo-loni"),
        ("ulu loga", "ululoga"),
        ("nagekeo", "ululoga"),
        ("manggarai barat", "labuan-bajo"),
        ("victory", "ekraf-victory"),
        ("kaltim", "balikpapan"),
        ("riau", "pekanbaru"),
        ("sentani", "jayapura"),
        ("bandara sentani", "jayapura"),
        ("dari bali", "banyuwangi"),
        ("saya mau ikut yang di Labuan Bajo", "labuan-bajo"),
    ],
)
def test_what_people_type_finds_the_site(content: Content, typed: str, expected: str) -> None:
    assert [site.id for site in content.search_sites(typed)][:1] == [expected]


@pytest.mark.parametrize(
    "typed",
    ["", "   ", "halo", "selamat pagi", "tidak tahu", "asdfgh", "1234", "jakarta", "surabaya", "medan", "siti aminah",
     "terima kasih", "desa wisata", "a", "ya", "😀", "batik", "warung bu tini", "'; DROP TABLE", "x" * 4096],
)  # fmt: skip
def test_what_means_no_place_finds_nothing(content: Content, typed: str) -> None:
    assert content.search_sites(typed) == []


def test_a_name_of_its_own_is_not_the_beginning_of_another(content: Content) -> None:
    assert [site.id for site in content.search_sites("bali")] == ["banyuwangi"]
    assert "balikpapan" in {site.id for site in content.search_sites("balik")}


@pytest.mark.parametrize("typed", ["sumut", "Sumatera Utara", "sumatra utara"])
def test_a_province_finds_its_sites(content: Content, typed: str) -> None:
    found = content.search_sites(typed, limit=10)
    assert {site.id for site in found} == {site.id for site in content.sites if site.province == "Sumatera Utara"}
    assert len(content.search_sites(typed)) == 5


def test_a_regency_finds_the_site_of_its_name_first(content: Content) -> None:
    assert [site.id for site in content.search_sites("Samosir")] == ["samosir", "lumban-suhi-suhi-toruan"]


def test_every_site_is_found_by_its_own_name(content: Content) -> None:
    for site in content.sites:
        for typed in (site.name, site.name.upper(), site.id, *site.aliases):
            assert content.search_sites(typed)[0].id == site.id, typed


@given(st.data())
def test_one_slip_of_the_finger_is_forgiven(content: Content, data: st.DataObject) -> None:
    """A letter left out or doubled anywhere behind the first of a long enough name."""
    site = data.draw(st.sampled_from([site for site in content.sites if site.kind == "sentra_ekraf"]))
    at = data.draw(st.integers(1, len(site.name) - 1))
    doubled = data.draw(st.booleans())
    typed = site.name[:at] + (site.name[at] * 2 if doubled else "") + site.name[at + 1 :]
    assert site.id in {found.id for found in content.search_sites(typed)}, typed


@given(st.text(max_size=300))
def test_any_text_can_be_searched_for(content: Content, typed: str) -> None:
    found = content.search_sites(typed)
    assert len(found) <= 5
    assert len({site.id for site in found}) == len(found)


# --- the nearest ------------------------------------------------------------------------------------------------------


def test_the_nearest_three_to_a_pin(content: Content) -> None:
    found = content.nearest(-8.4964, 119.8877)
    assert [site.id for site, _ in found] == ["labuan-bajo", "golo-loni", "ululoga"]
    assert found[0][1] < 1
    assert found[1][1] == pytest.approx(79, abs=3), "Labuan Bajo to Golo Loni"
    assert "ekraf-victory" not in {site.id for site, _ in content.nearest(0, 0, limit=99)}
    assert len(content.nearest(0, 0, limit=99)) == 18


def test_a_known_distance(content: Content) -> None:
    jayapura = {site.id: km for site, km in content.nearest(-6.99, 110.42, limit=99)}["jayapura"]
    # By the spherical law of cosines, another formula than the one in use.
    a, b = (math.radians(-6.99), math.radians(110.42)), (math.radians(-2.53), math.radians(140.72))
    cosine = math.sin(a[0]) * math.sin(b[0]) + math.cos(a[0]) * math.cos(b[0]) * math.cos(b[1] - a[1])
    assert jayapura == pytest.approx(6371 * math.acos(cosine), rel=1e-6)
    assert 3300 < jayapura < 3450


@given(st.floats(-90, 90), st.floats(-180, 180))
def test_distances_rise_and_are_possible(content: Content, lat: float, lon: float) -> None:
    distances = [km for _, km in content.nearest(lat, lon, limit=99)]
    assert distances == sorted(distances)
    assert 0 <= distances[0] <= distances[-1] <= math.pi * 6371


# --- mistakes ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('name: "Pekanbaru"', 'name: "Pekanbaru"\n    colour: red', "Extra inputs"),
        ('region_code: "14.71"', 'region_code: "fourteen"', "region_code"),
        ("lat: -8.22", "lat: 82.2", "less than or equal to 6.3"),
        ("lon: 114.37", "lon: null", "both lat and lon"),
        ("id: malang", "id: semarang", "stands there twice"),
        ("id: malang", "id: Kota Malang", "pattern"),
        ("tz_label: WIT\n", "tz_label: WIB\n", "does not belong"),
        ("timezone: Asia/Jayapura", "timezone: Asia/Tokyo", "unknown zone"),
        ("timezone: Asia/Jayapura\n    tz_label: WIT", "timezone: null\n    tz_label: null", "is active but"),
        ("    active: false\n", "", "is active but"),
        ("  Jawa Tengah: [jateng]", "  Jawa Timor: [jateng]", "no site lies in the province"),
    ],
)
def test_a_mistake_in_the_sites_is_told(folder: Path, old: str, new: str, said: str) -> None:
    line = change(folder / "sites.yaml", old, new)
    (problem,) = problems_of(folder)
    assert problem.file == "content/sites.yaml"
    assert said in problem.words
    if "\n" not in old + new:
        within = 12 if "both" in said or "belong" in said else 0  # what concerns the whole site stands at its head
        assert line - within <= problem.line <= line


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("open: 08.00-19.30", "open: 19.30-08.00", "ends before it begins"),
        ("open: 08.00-19.30", "open: pagi", "not a stretch of time"),
        ("day: jumat", "day: jumaat", "is not one of senin"),
        ("hours: 11.30-13.00", "hours: 11.30-33.00", "33.00"),
        ("provinces: [Sumatera Utara, Nusa", "provinces: [Sumut, Nusa", "no site lies in the province 'Sumut'"),
        ("last: 2027-03-09", "last: 2027-02-01", "is before"),
        ("first: 2027-02-08", "first: February", "valid date"),
        ("leads: [1 hari, 2 jam]", "leads: [1 hari, 24 jam]", "twice"),
        ("leads: [1 hari, 2 jam]", "leads: [sebentar]", "not a time ahead"),
        ("capacity: 20", "capacity: 0", "greater than or equal to 1"),
        ("  unconsented_hours: 24\n", "", "Field required"),
        ("  profile_months: 12", "  profile_months: a year", "valid integer"),
        ("sites: {}", "sites: {atlantis: {capacity: 3}}", "no site 'atlantis'"),
        ("\n    kuliner: [M06", "\n    kulinari: [M06", "'kulinari' is not one of kuliner"),
        ("core: [M01, M02, M11", "core: [foto, M02", "pattern"),
        ("review_days: [2, 7, 21]", "review_days: [7, 2]", "larger than the one before"),
        ("default_days: [senin, rabu, jumat]", "default_days: [senin, mondey]", "is not one of senin"),
        ("default_days: [senin, rabu, jumat]", "default_days: []", "at least 1 item"),
        ("default_hour: 9", "default_hour: 25", "less than or equal to 23"),
        ("hours: [09.00-12.00, 13.00-16.00]", "hours: [13.00-16.00, 09.00-12.00]", "before the stretch above it ends"),
        ("hours: [09.00-12.00, 13.00-16.00]", "hours: [09.00-12.00, pagi]", "not a stretch of time"),
        ("first_reply: 4 jam", "first_reply: segera", "not a time ahead"),
        ("first_reply: 4 jam", "first_reply: 5 menit", "greater than or equal to 10"),
        ("days: [senin, selasa, rabu, kamis, jumat]", "days: [senin, seloso]", "is not one of senin"),
        ("  closed: []", "  closed: [besok]", "valid date"),
        ("sites: {}", "sites: {malang: {mentoring: {days: [jumat], hours: [11.30-13.00]}}}", "mentors would not work"),
        ("capacity: 20", "capacity: 20\ncapacity: 21", "'capacity' stands there twice"),
        ("hours: 00.00-12.00", "hours: [00.00-12.00", "not YAML"),
        ("sites: {}", "sites: {malang: {open: 08.00-19.00, closed: [{why: x, hours: 08.00-19.00}]}}", "days on end"),
    ],
)
def test_a_mistake_in_the_programme_is_told(folder: Path, old: str, new: str, said: str) -> None:
    line = change(folder / "programme.yaml", old, new)
    (problem,) = problems_of(folder)
    assert problem.file == "content/programme.yaml"
    assert said in problem.words
    assert line - 1 <= problem.line <= line + 1


def test_all_mistakes_are_told_at_once(folder: Path) -> None:
    change(folder / "sites.yaml", "lat: -8.22", "lat: north")
    change(folder / "sites.yaml", "lat: -6.99", "lat: south")
    change(folder / "programme.yaml", "capacity: 20", "capacity: many")
    files = [problem.file for problem in problems_of(folder)]
    assert files == ["content/programme.yaml", "content/sites.yaml", "content/sites.yaml"]


def test_a_missing_or_empty_file_is_told(folder: Path) -> None:
    (folder / "sites.yaml").unlink()
    (folder / "programme.yaml").write_text("# nothing yet\n")
    said = {problem.file: problem.words for problem in problems_of(folder)}
    assert "cannot be read: No such file" in said["content/sites.yaml"]
    assert "valid dictionary" in said["content/programme.yaml"]


def test_lines_are_those_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text("a: 1\nb:\n  - c: 2\n\n  - c: 3\n    d: {e: 4}\n")
    data, lines = read_yaml(path)
    assert data == {"a": 1, "b": [{"c": 2}, {"c": 3, "d": {"e": 4}}]}
    assert [lines.of(place) for place in (("a",), ("b", 0, "c"), ("b", 1, "d", "e"), ("b", 1, "no", "where"))] == [
        1, 3, 6, 5,
    ]  # fmt: skip
