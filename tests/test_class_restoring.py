"""A class that was cancelled is put back within a day: the same people have their seats, and hear it once."""

from __future__ import annotations

from bot.programme import call_list
from bot.programme.sessions import ClassSession
from tests.chat import Chat, Phone, enrolled, local, registered, staffed
from tests.test_class_details import calendar
from tests.test_class_management import classes, notes, statuses


def test_the_same_people_have_their_seats_again_and_hear_it_once(chat: Chat, maria: Phone) -> None:
    session = chat.add_class(starts=local(26, 9), capacity=2)
    siti, anton = enrolled(chat, "Siti", session=session), enrolled(chat, "Anton", session=session)
    rina, budi = enrolled(chat, "Rina", session=session), enrolled(chat, "Budi", session=session)
    first = calendar(siti, session)
    maria.sends_tap(f"sessions:cancel:{session}").sees("Bisa dikembalikan dalam 24 jam")
    maria.taps("Cuaca buruk").taps("Ya, batalkan").sees("4 orang dikabari", "Kembalikan kelas")
    siti.sees("dibatalkan")
    gone = calendar(siti, session)
    assert gone[1] > first[1]
    budi.types("/berhenti")  # leaves the waitlists with that
    chat.travel(hours=2)
    for phone in (siti, anton, rina, budi):
        phone.looks_up()
    maria.types("/sesi").sends_tap(f"sessions:show:{session}").sees("Dibatalkan Sen 23 Nov, 10.00", "cuaca buruk")
    maria.sees("Bisa dikembalikan sampai Selasa, 24 November 2026 pukul 10.00").taps("Kembalikan kelas")
    maria.sees("Kursi yang kembali: 2 orang. Daftar tunggu: 1 orang", "dikabari satu kali")
    siti.sees_nothing_new()
    data, message = maria.button("Ya, kembalikan")
    maria.taps("Ya, kembalikan").sees("jadi diadakan", "3 orang dikabari")
    siti.sees("kelas Foto Produk jadi diadakan", "Kursinya masih ada. Bisa datang?", "Perbarui kalender").taps(
        "Bisa datang"
    )
    rina.sees("jadi diadakan", "tetap di daftar tunggu")
    budi.sees_nothing_new()
    again = calendar(siti, session)
    assert again == (first[0], again[1], first[2])
    assert again[1] > gone[1]
    found = statuses(chat, session)
    assert {name: status for name, (status, _) in found.items()} == {
        "Siti": "seated", "Anton": "seated", "Rina": "waitlisted", "Budi": "cancelled",
    }  # fmt: skip
    assert classes(chat)[0].seats_taken == 2
    maria.sends_tap(data, message).sees_toast("Sudah dikembalikan").sees("Terisi 2 dari 2")
    assert notes(chat)[-1] == ("session_restored", f"session:{session}")
    anton.sends_tap(f"enrolment:withdrawn:{session}")
    chat.travel(minutes=2)
    rina.sees("ada kursi kosong")
    chat.travel(to=local(25, 9))
    siti.sees("Sampai jumpa besok pukul 09.00 WITA")


def test_who_took_another_class_meanwhile_is_asked(chat: Chat, maria: Phone) -> None:
    session, other = chat.add_class(starts=local(26, 9)), chat.add_class("LB-2", title="Harga", starts=local(26, 10))
    people = [enrolled(chat, name, session=session) for name in ("Siti", "Anton", "Rina")]
    maria.sends_tap(f"sessions:cancelled:{session}")
    for phone in people:
        phone.sends_tap(f"enrolment:take:{other}").sees("sudah dapat kursi").looks_up()
    maria.sends_tap(f"sessions:restore:{session}").sees("Kursi yang kembali: 3 orang").taps("Ya, kembalikan")
    maria.sees("3 orang dikabari", "3 orang punya kelas lain pada waktu itu")
    siti, anton, rina = people
    siti.sees("sudah punya kursi di kelas Harga pada waktu itu", "Jawab sebelum").does_not_see("Bisa datang?")
    siti.taps("Pilih Foto Produk").sees("sudah pindah dari kelas Harga")
    anton.taps("Tetap di Harga")
    found, there = statuses(chat, session), statuses(chat, other)
    assert (found["Siti"][0], there["Siti"][0]) == ("seated", "withdrawn")
    assert (found["Anton"][0], there["Anton"][0]) == ("withdrawn", "seated")
    chat.travel(hours=7)
    rina.sees("Foto Produk")
    assert (statuses(chat, session)["Rina"][0], statuses(chat, other)["Rina"][0]) == ("lapsed", "seated")
    assert classes(chat)[0].seats_taken == 1


def test_who_has_not_heard_of_the_cancellation_hears_neither(chat: Chat, maria: Phone) -> None:
    session = chat.add_class(starts=local(30, 9))
    siti = enrolled(chat, "Siti", session=session)
    chat.travel(to=local(23, 20))
    anton = enrolled(chat, "Anton", session=session)
    maria.sends_tap(f"sessions:move:{session}").types("1 des 9").taps("Simpan").sees("2 orang dikabari")
    chat.travel(to=local(24, 21))  # both know where it is now
    rina = enrolled(chat, "Rina", session=session)
    for phone in (siti, anton, rina):
        phone.looks_up()
    maria.sends_tap(f"sessions:cancelled:{session}")
    chat.travel(hours=1)
    maria.sends_tap(f"sessions:restore:{session}").taps("Ya, kembalikan").sees("0 orang dikabari")
    maria.does_not_see("belum tahu")
    chat.travel(to=local(25, 12))
    for phone in (siti, anton, rina):
        phone.sees_nothing_new()
    with chat.database.transaction() as db:
        calls = call_list.of_class(db, db.get_one(ClassSession, session), chat.now, chat.content)
        assert (calls.occasion, calls.entries, calls.told) == (call_list.Occasion.RESTORED, (), 3)
    # a move that waited was dropped with the cancellation: of where it is now they must hear
    chat.travel(to=local(25, 21))
    maria.sends_tap(f"sessions:move:{session}").types("2 des 9").taps("Simpan")
    maria.sends_tap(f"sessions:cancelled:{session}").sends_tap(f"sessions:restore:{session}").taps("Ya, kembalikan")
    maria.sees("3 orang dikabari")
    chat.travel(to=local(26, 9))
    siti.sees("jadi diadakan", "Rabu, 2 Desember 2026")
    assert sum("2 Desember" in bubble.text for bubble in siti.new) == 1


def test_a_class_comes_back_for_a_day_and_not_after_it_would_have_begun(chat: Chat, maria: Phone) -> None:
    near, far = chat.add_class(starts=local(23, 14)), chat.add_class("LB-2", title="Harga", starts=local(30, 9))
    for session in (near, far):
        maria.sends_tap(f"sessions:cancelled:{session}").taps("Kembalikan kelas")
    data, message = maria.button("Ya, kembalikan")
    chat.travel(to=local(23, 14))
    maria.sends_tap(f"sessions:restore:{near}").sees("tidak bisa dikembalikan lagi", "Salin kelas")
    chat.travel(to=local(24, 10, 1))
    maria.sends_tap(data, message).sees("tidak bisa dikembalikan lagi")
    maria.sends_tap(f"sessions:show:{far}").does_not_see("Kembalikan kelas").taps("Salin kelas").types("7 des 9")
    maria.taps("Simpan").sees("Kelas sudah dibuat")
    assert [one.cancelled_at is None for one in classes(chat)] == [False, False, True]


def test_an_old_yes_does_not_put_back_what_was_cancelled_anew(chat: Chat, maria: Phone) -> None:
    session = chat.add_class(starts=local(26, 9))
    maria.sends_tap(f"sessions:cancelled:{session}").taps("Kembalikan kelas")
    data, message = maria.button("Ya, kembalikan")
    yosef = staffed(chat, "Yosef").sends_tap(f"sessions:restore:{session}").taps("Ya, kembalikan").sees("jadi diadakan")
    maria.sends_tap(data, message).sees_toast("Sudah diubah").sees("Terisi 0 dari 20")
    yosef.sends_tap(f"sessions:cancelled:{session}")
    maria.sends_tap(data, message).sees_toast("Sudah diubah").sees("Kembalikan kelas Foto Produk?")
    assert classes(chat)[0].cancelled_at is not None
    registered(chat).sends_tap(data).sees("hanya untuk pelatih")


# --- warnings -------------------------------------------------------------------------------------------------------


def test_the_same_class_twice_and_what_clashes_is_told_before_it_is_saved(chat: Chat, maria: Phone) -> None:
    session = chat.add_class(starts=local(26, 9), title="Foto Produk")
    maria.sends_tap(f"sessions:copy:{session}").types("26/11 9").sees("Simpan kelas ini?")
    maria.sees("⚠️ Waktunya bersamaan dengan", "Foto Produk, Kam 26 Nov, 09.00–11.00 WITA: kelas yang sama sudah ada")
    maria.taps("Kembali").types("26/11 11").does_not_see("⚠️", "Tetap simpan").taps("Kembali").types("26/11 10")
    maria.sees("kelas yang sama", "Pelatih: Pelatih (contoh)").taps("Pelatihnya saya: Maria").sees("Pelatih: Maria")
    maria.taps("Tetap simpan").sees("Kelas sudah dibuat")
    assert [one.trainer for one in classes(chat)] == ["Pelatih (contoh)", "Maria"]
    maria.types("/sesi").taps("Buat kelas").types("Harga").types("26/11 10").taps("1 jam").taps("15 kursi")
    maria.types("Balai Desa").taps("Tanpa peta").sees("Foto Produk, Kam 26 Nov, 10.00–12.00", "pelatihnya sama, Maria")
    maria.does_not_see("tempatnya sama").taps("Tetap simpan").sees("Kelas sudah dibuat")
    harga = classes(chat)[-1].id
    maria.sends_tap(f"sessions:venue:{harga}").types("Puncak waringin").taps("Tanpa peta")
    maria.sees("tempatnya sama, Puncak Waringin").taps("Berhenti")
    maria.sends_tap(f"sessions:move:{harga}").types("27/11 10").does_not_see("⚠️").taps("Simpan").sees("Sudah diubah")
    maria.sends_tap(f"sessions:detail:{harga}:title").types("Toko").does_not_see("⚠️").taps("Simpan")


def test_a_clash_that_came_up_meanwhile_is_shown_before_it_is_saved(chat: Chat, maria: Phone) -> None:
    session = chat.add_class(starts=local(26, 9))
    maria.sends_tap(f"sessions:copy:{session}").types("27/11 9").does_not_see("⚠️")
    chat.add_class("LB-2", starts=local(27, 10))
    data, message = maria.button("Simpan")
    maria.sends_tap(data, message).sees_toast("Sudah diubah").sees("⚠️", "Tetap simpan")
    assert len(classes(chat)) == 2
    # another site's classes are in nobody's way
    far = chat.add_class("SM-1", site="samosir", starts=local(28, 9))
    anton = staffed(chat, "Anton", site="samosir").sends_tap(f"sessions:copy:{far}").types("27/11 10")
    anton.does_not_see("⚠️")


def test_a_class_is_put_back_with_a_warning_if_the_place_was_given_away(chat: Chat, maria: Phone) -> None:
    session = chat.add_class(starts=local(26, 9))
    maria.sends_tap(f"sessions:cancelled:{session}")
    chat.add_class("LB-2", title="Harga", starts=local(26, 9))
    maria.sends_tap(f"sessions:restore:{session}").sees("Harga, Kam 26 Nov, 09.00–11.00", "pelatihnya sama")
    maria.taps("Ya, kembalikan").sees("jadi diadakan")
