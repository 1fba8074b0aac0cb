"""The list of a trainer's classes when there are many: months, a search, a way back; and of several sites."""

from __future__ import annotations

from bot.people.people import Role
from tests.chat import Chat, Phone, local, staffed


def labels(phone: Phone) -> list[str]:
    return phone.last.labels


def test_forty_classes_are_shown_by_month_and_found_by_typing(chat: Chat, maria: Phone) -> None:
    for number in range(40):
        month, day = (11, 24 + number) if number < 6 else (12, number - 5) if number < 30 else (1, number - 29)
        starts = local(day, 9, month=month).replace(year=2027 if month == 1 else 2026)
        title = "Atur Uang" if number == 33 else f"Foto {number}"
        chat.add_class(f"LB-{number}", title=title, starts=starts)
    maria.types("/sesi").sees("Kelas Anda, November 2026: 6", "• Foto 0, Labuan Bajo", "Sel 24 Nov, 09.00 WITA")
    assert labels(maria)[0] == "Sel 24 Nov, 09.00 · Foto 0"
    maria.taps("Lihat berikutnya").sees("Foto 5").taps("Sebelumnya").sees("Foto 0").does_not_see("Foto 5")
    maria.taps("Desember 2026 (24)").sees("Foto 6", "November 2026 (6)", "Januari 2027 (10)").taps("Januari 2027")
    maria.sees("• Foto 30").taps("Jum 1 Jan, 09.00 · Foto 30").taps("Kembali").sees("Kelas Anda, Januari 2027: 10")
    maria.types("atur uang").sees("Ini yang cocok", "Atur Uang").taps("Atur Uang").sees("Terisi 0").taps("Kembali")
    maria.types("24 des").sees("Ini yang cocok", "Kam 24 Des").does_not_see("25 Des")
    maria.types("/sesi").types("desember").sees("24 kelas cocok", "Foto 6").does_not_see("Foto 11")
    maria.types("cari gitar").sees("Tidak ada kelas dengan “gitar”").taps("Lihat semua kelas")
    maria.types("stop").does_not_see("cocok")
    maria.types("/sesi").types("laporan").does_not_see("cocok").sees("aporan")
    maria.sends_tap("sessions:list:999:209901").sees("November 2026: 6")


def test_few_classes_stand_on_pages_with_a_way_back(chat: Chat, maria: Phone) -> None:
    for number in range(7):
        chat.add_class(f"LB-{number}", title=f"Kelas {number}", starts=local(24 + number, 9))
    maria.types("/sesi").sees("Kelas Anda: 7", "Mencari?").taps("Lihat berikutnya").sees("Kelas 6").taps("Kelas 6")
    maria.taps("Kembali").sees("Kelas 5", "Kelas 6").does_not_see("Kelas 4").taps("Sebelumnya").sees("Kelas 4")


def test_whoever_looks_after_several_sites_reads_site_and_zone(chat: Chat) -> None:
    for code, site in (("LB", "labuan-bajo"), ("JY", "jayapura"), ("YK", "yogyakarta")):
        chat.add_class(code, site=site, starts=local(23, 15))
    dewi = staffed(chat, "Dewi", role=Role.ADMIN, site=None)
    for command in ("/sesi", "/hadir", "/peserta"):
        dewi.types(command)
        found = [label.split(" · ") for label in labels(dewi) if "23 Nov" in label]
        assert sorted((parts[0], parts[-1]) for parts in found) == [
            ("Sen 23 Nov, 14.00 WIB", "Yogyakarta"),
            ("Sen 23 Nov, 15.00 WITA", "Labuan Bajo"),
            ("Sen 23 Nov, 16.00 WIT", "Jayapura"),
        ], command
    dewi.types("/hadir").sees("Foto Produk, Jayapura (WIT)", "Foto Produk, Yogyakarta (WIB)")
    dewi.types("/sesi").types("jayapura").sees("Ini yang cocok", "16.00 WIT").does_not_see("Labuan")
