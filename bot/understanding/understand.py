"""Text and context in, one intent out: safety first, then the open question, then phrases, then the model."""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Final

from bot.understanding import alarm, contexts, danger, safety
from bot.understanding.alarm import taught
from bot.understanding.intents import CONTEXTS, KINDS, ONLY_IN, Handling, Kind, Understood, action_for, fits
from bot.understanding.model import Model
from bot.understanding.normalise import Text, wordset
from bot.understanding.phrases import Phrasebook, said
from bot.understanding.turns_of_phrase import (
    Hint,
    asks_for_own_seat,
    asks_for_past,
    cancels,
    hint,
    is_small_talk,
    warmth,
)

SHARPNESS: Final = 2.2
"""How much a lead in the model's scores counts: a larger value makes certainties more extreme."""
SURE: Final = 0.55
"""Certainty from which something may be shown at once."""
SURE_SEARCH: Final = 0.45
EXACT: Final = 0.97
"""Certainty of a message that is a phrase, word for word."""
ALWAYS: Final = frozenset({"menu", "help", "small_talk", "urgent", "scam_report", "stop_messages", "erase_data"})
"""Intents that are heard below a list of names, too, however short the message is."""
FORGIVEN: Final = 5
"""To be shown at once, a message may have one unknown word in so many telling ones."""
OWN: Final = 0.7
"""To be shown at once, this share of the telling words must stand in phrases of the intent itself."""
FAMILIAR: Final = 0.5
"""With a smaller share of known words a message is about something else, unless it is about the lessons."""
TRAINERS_OWN: Final = 0.5
"""By how much the trainers' intents lead where a trainer writes."""
_NOT_FOR_TRAINERS: Final = frozenset(
    {"classes", "my_schedule", "move_class", "give_back_seat", "progress", "class_details"}
)
_AT_CONSENT: Final = frozenset(
    {"my_data", "help", "cost", "question_for_human", "small_talk", "unclear", "menu", "language", "other_person"}
    | {"class_details", "classes", "complaint", "stop_messages", "erase_data", "not_sure"}
)
DOUBTFUL: Final = {"quiz": 0.8, "reminder": 0.5, "offer": 0.5, "consent": 0.4, "in_class": 0.5, "none": 0.25}
"""Below this certainty the open question is asked again instead of guessing."""
_ANSWERS: Final = frozenset({"coming", "accept_offer", "give_back_seat", "decline_offer"})
_NOT_IN_QUIZ: Final = frozenset({"other_person", "complaint", "move_class", "give_back_seat", "profile", "progress"})
_RIGHTS: Final = frozenset({"stop_messages", "erase_data", "restart_messages", "scam_report"})
_TRIGGERED: Final = wordset(
    "classes my_schedule place certificate profile language progress menu learn help cost lesson_settings"
    " move_class give_back_seat restart_messages other_person"
)
"""Intents of which one word is often said of other things."""
OWN_SEATS: Final = frozenset({"none", "reminder", "offer", "in_class", "trainer"})
"""Where whoever asks for their seats is shown them; what is said to a mentor, or while a name or a letter is asked for,
is something else."""
LONGEST_NAME: Final = 3
"""So many words that fit another intent may still be a name."""
SHORT: Final = 5
HALF: Final = 0.5
_STEADY: Final = wordset(
    "saya kami anda dia mereka di ke dari yang dan ini itu ada untuk dengan sama juga lagi saja atau kalau karena"
    " tapi sudah belum bisa"
    " mau akan jadi apa siapa kapan dimana mana berapa kenapa bagaimana tidak bukan jangan banget sekali nanti besok"
    " sekarang kemarin tadi"
    " hari jam orang iya oke masih punya lusa pagi siang sore malam the a is to of for my do can will be it am are"
)
_EMPTY: Final = re.compile(
    r" ((itu|ini|yang|apa|bagaimana|jadi|belum|mau|kok|lah|lho|loh|terus|kenapa|begitu|gitu|saja|oh|hm|hmm|hah|apaan"
    r"|kak|bu|pak|ya|mana"
    r"|[a-oq-z]{1,2}|emoji) )+"
)
"""The result if there is nothing to go by."""
_WIDE_TOPICS: Final = wordset(
    "toko pembeli produk jualan paket pesanan order orderan kurir stok bungkus modal makanan kue cabai sambal resep"
    " aplikasi"
    " untung merk upah tamu kas restoran keripik kardus stiker spanduk brosur resi nota struk pameran bazar lapak"
    " katalog"
    " grosir eceran pelanggan konsumen kerajinan anyaman souvenir penginapan booking varian adonan bumbu frozen camilan"
    " garansi refund ongkos timbangan produksi pembiayaan margin agen distributor franchise edit story review"
)
"""Words of everyday talk. A message whose only topic is one of these is not taken for a question about a lesson."""
_TOLD: Final = re.compile(r" sudah | (saya|kami) (hapus|hentikan|matikan|batalkan|berhenti|blokir) ")
"""Beginnings by which somebody tells a mentor what they did."""
JUST_HEARD: Final = 8
"""How many messages are kept as they were read last: several capabilities ask about the same one in a turn."""
_DAYS: Final = ("senin", "selasa", "rabu", "kamis", "jumat", "sabtu", "minggu", "besok", "lusa")


def _telling(text: Text) -> list[str]:
    """Returns the words of a message that tell what it is about."""
    return [word for word in text.core if word not in _STEADY and not word.isdigit()]


class Understanding:
    """Understands messages. Made once from the phrases (below a second); `understand` then takes less than a
    millisecond."""

    def __init__(self, book: Phrasebook) -> None:
        self._normaliser = normaliser = book.normaliser()
        self._remember()
        self._topics = book.topics
        read = [(one, normaliser(one.text)) for one in book.phrases]
        self._phrases: dict[str, dict[str, str]] = {}
        for one, text in read:
            for context in ONLY_IN.get(one.intent, ("none",)):
                self._phrases.setdefault(context, {}).setdefault(said(text), one.intent)
        self._model = Model((text.core or text.tokens, text.question, one.intent) for one, text in read)
        self._alarm = taught(book.danger, normaliser, ((text, one.intent) for one, text in read))
        self._of_intent: dict[str, set[str]] = {}
        for one, text in read:
            self._of_intent.setdefault(one.intent, set()).update(text.tokens)
        self._vocabulary = {
            word for one, text in read if one.intent != "unclear" for word in text.tokens
        } | self._topics
        normaliser.forget()

    def _remember(self) -> None:
        self._normalise = functools.lru_cache(maxsize=JUST_HEARD)(self._normaliser)
        self._understood = functools.lru_cache(maxsize=JUST_HEARD)(self._read)

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name not in {"_normalise", "_understood"}}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._remember()

    def understand(self, raw: str, context: str = "none") -> Understood:
        """Returns what somebody meant who typed `raw` while `context` was open. Raises KeyError for an unknown
        context."""
        if context not in CONTEXTS:
            raise KeyError(context)
        text = self._normalise(raw)
        found = self._understood(raw, context)
        warm = {"warm": warmth(text)} if found.intent == "small_talk" else {}
        if found.intent == "urgent" and danger.seen(text).self_harm:
            warm = {"alone": "yes"}
        return replace(found, slots={**slots(text, self._topics), **warm, **found.slots})

    def way_out(self, raw: str) -> str | None:
        """Returns what somebody wants who typed nothing but a word of the buttons that stand under every question."""
        return contexts.way_out(self._normalise(raw))

    def spelled(self, raw: str) -> tuple[str, ...]:
        """Returns the words of a message in one spelling, without signs."""
        return self._normalise(raw).tokens

    def is_no_name(self, raw: str) -> bool:
        """Whether what staff typed below a list of names means something by itself. One word, and up to three that fit
        what participants want, may be a name that only resembles other words ("budi", "hana")."""
        found = self.understand(raw, "trainer")
        if not found.at_once or found.certainty == EXACT or found.intent in ALWAYS:
            return found.at_once
        words = len(self._normalise(raw).core)
        return words > 1 if found.intent.startswith("t_") else words > LONGEST_NAME

    def comes_in(self, raw: str) -> bool:
        """Whether somebody says that they are at the door of a class, or in the room, or asks to be let in."""
        return contexts.comes_in(self._normalise(raw))

    def _read(self, raw: str, context: str) -> Understood:
        text = self._normalise(raw)
        weight = self._danger(text, context)
        if weight >= alarm.AT_ONCE:
            return Understood("urgent", 1.0, Handling.AT_ONCE)
        if context == "name_question":
            return _certain(contexts.name(text))
        if not text.tokens:
            return Understood("unclear", 0.5, Handling.OFFER, "help")
        if danger.cried(text):
            return Understood("urgent", 0.5, Handling.OFFER, "help")
        if context == "quiz" and (one := contexts.letter(text)):
            return Understood("quiz_answer", 1.0, Handling.AT_ONCE, slots={"letter": one})
        if context == "in_class" and (code := contexts.code(text)):
            return Understood("check_in", 1.0, Handling.AT_ONCE, slots={"code": code})
        if context == "consent":
            if safety.scam(text):
                return Understood("scam_report", 0.9, Handling.AT_ONCE)
            if (answer := contexts.consent(text)) is not None:
                return _certain(answer)
        if (right := self._rights(text, context)) is not None:
            return right
        if (answer := self._answered(text, context)) is not None:
            return _certain(answer)
        if weight >= alarm.ASKED:
            return Understood("urgent", 0.5, Handling.OFFER, "help")
        if cancels(text) and context != "trainer" and not self._topics & set(text.tokens):
            return Understood("give_back_seat", 0.8, Handling.CONFIRM, "my_schedule")
        return self._meant(text, context)

    def _danger(self, text: Text, context: str) -> float:
        """Returns how much speaks for danger; nothing does in a phrase of another intent, unless a rule says
        otherwise. Words of a swindle, of stopping and of erasing may resemble it: there it must be without doubt."""
        known = self._phrases.get(context, {}).get(said(text)) or self._phrases["none"].get(said(text))
        if known not in {None, "urgent"} and not any(danger.seen(text)[:2]):
            return -math.inf
        weight = self._alarm.weight(text)
        if weight < alarm.ASKED or weight >= alarm.WITHOUT_DOUBT or danger.seen(text).self_harm:
            return weight
        right = safety.scam(text) or safety.stop(text, self._topics) or safety.erase(text, self._topics)
        return min(weight, alarm.NEARLY) if right else weight

    def _rights(self, text: Text, context: str) -> Understood | None:
        told = context == "open_ticket" and _TOLD.search(text.line)
        if told:
            return None
        if context != "trainer" and safety.erase(text, self._topics):
            return Understood("erase_data", 0.95, Handling.CONFIRM, "stop_messages")
        if safety.setting(text) and not self._topics & (set(text.tokens) - {"foto", "video"}):
            return Understood("lesson_settings", 0.9, Handling.AT_ONCE, "stop_messages")
        if safety.stop(text, self._topics):
            return Understood("stop_messages", 0.95, Handling.CONFIRM, "lesson_settings")
        if safety.scam(text):
            return Understood("scam_report", 0.9, Handling.AT_ONCE, "question_for_human")
        return None

    def _answered(self, text: Text, context: str) -> contexts.Answer | None:
        match context:
            case "reminder":
                return contexts.yes_or_no(text, "coming", "give_back_seat")
            case "offer":
                return contexts.yes_or_no(text, "accept_offer", "decline_offer")
            case "in_class":
                return contexts.present(text)
            case "quiz" if len(text.core) == 1 and (text.core[0].isdigit() or len(text.core[0]) == 1):
                return contexts.Answer("unclear", clear=False)
            case _:
                return None

    def _meant(self, text: Text, context: str) -> Understood:
        if _EMPTY.fullmatch(text.line) or text.said.replace(" ", "").isdigit():
            return Understood("unclear", 0.9, Handling.OFFER, "help")
        exact = self._phrases.get(context, {}).get(said(text)) or self._phrases["none"].get(said(text))
        if exact is not None and not fits(exact, context):
            exact = None
        if context in OWN_SEATS and asks_for_own_seat(text, trainer=context == "trainer"):
            return Understood("my_schedule", EXACT, Handling.AT_ONCE)
        if context == "none" and asks_for_past(text) and not self._topics & set(text.tokens):
            return Understood("progress", 0.9, Handling.AT_ONCE, "my_schedule", slots={"past": "yes"})
        small = is_small_talk(text)
        suggested = hint(text, self._topics, context)
        if small and (exact is None or KINDS[exact] is not Kind.ANSWER):
            known = Understood("small_talk", 0.95, Handling.AT_ONCE)
        elif exact is not None and (suggested is None or not suggested.weighs_more):
            known = Understood(exact, EXACT, action_for(exact, clear=text.guessed == 0 or KINDS[exact] is Kind.SHOW))
        else:
            known = self._likely(text, context, suggested)
        if context == "open_ticket" and not (exact is not None and known.intent in {"menu", "my_schedule"}):
            return Understood("ticket_message", 0.8, Handling.AT_ONCE, known.intent)
        return known

    def _likely(self, text: Text, context: str, suggested: Hint | None) -> Understood:
        asking = context in {"reminder", "offer"} and contexts.asks(text)
        scores = {
            intent: score
            for intent, score in self._model.scores(text.core or text.tokens, text.question).items()
            if fits(intent, context)
            and not (context == "trainer" and intent in _NOT_FOR_TRAINERS)
            and not (context == "quiz" and intent in _NOT_IN_QUIZ)
            and not (asking and intent in _ANSWERS)
            and not (context == "consent" and intent not in _AT_CONSENT)
        }
        topical = bool(self._topics & set(text.tokens))
        if asking:
            scores["lesson_search"] -= 1.5
        if danger.denied(text) or self._own(text, "urgent") < OWN:
            scores.pop("urgent", None)
        if context == "trainer":
            for intent in scores:
                scores[intent] += TRAINERS_OWN if intent.startswith("t_") else 0.0
        for intent, lead in (suggested.leads if suggested else {}).items():
            if intent in scores:
                scores[intent] += lead
        best, second, certainty = _ranked(scores)
        if best in _RIGHTS and not (self._own(text, best) == 1.0 and certainty > 0.5 and not topical):
            # similar words alone are not enough: the rules of safety have not seen it
            best, second = (second if second not in _RIGHTS else "unclear"), best
            certainty /= 2
        if KINDS[best] is Kind.ALARM:
            return Understood(best, certainty, Handling.OFFER, second)
        if certainty < DOUBTFUL.get(context, 0.0):
            return Understood("unclear", certainty, Handling.OFFER, best)
        share = self._share(text)
        if share < FAMILIAR and KINDS[best] is not Kind.NONE and not (topical and best == "lesson_search"):
            return Understood("unclear", certainty * share, Handling.OFFER, best)
        if context == "none" and best in _TRIGGERED and self._foreign(text, best):
            return Understood("unclear", certainty * 0.6, Handling.OFFER, best)
        clear = certainty >= SURE and self._familiar(text, best)
        if best == "lesson_search":
            about = (self._topics & set(text.tokens)) - _WIDE_TOPICS
            clear = bool(about) and certainty >= SURE_SEARCH and self._familiar(text, best) and _asks_how(text)
        if best == "small_talk":
            clear = False
        if KINDS[best] is Kind.ANSWER:
            clear = False
        if suggested is not None and best in suggested.only_offered:
            clear = False
        return Understood(best, round(certainty, 3), action_for(best, clear=clear), second)

    def _share(self, text: Text) -> float:
        """Returns the share of the telling words that are known from the phrases."""
        telling = _telling(text)
        return sum(word in self._vocabulary for word in telling) / len(telling) if telling else 1.0

    def _own(self, text: Text, intent: str) -> float:
        """Returns the share of the telling words that stand in phrases of the intent itself."""
        telling = _telling(text)
        return sum(word in self._of_intent[intent] for word in telling) / len(telling) if telling else 1.0

    def _foreign(self, text: Text, intent: str) -> bool:
        """Whether a short message has mostly words that are not said of this intent, with which it only shares a
        word."""
        telling = _telling(text)
        return len(telling) <= SHORT and self._own(text, intent) <= HALF

    def _familiar(self, text: Text, intent: str) -> bool:
        """Whether nearly all telling words are known, most of them from phrases of the intent itself."""
        telling = _telling(text)
        if not telling:
            return True
        unknown = sum(word not in self._vocabulary for word in telling) + max(text.guessed - 1, 0)
        return unknown <= len(telling) // FORGIVEN and self._own(text, intent) >= OWN


def _certain(answer: contexts.Answer) -> Understood:
    return Understood(answer.intent, 0.95 if answer.clear else 0.7, action_for(answer.intent, clear=answer.clear))


def _ranked(scores: dict[str, float]) -> tuple[str, str, float]:
    """Returns the best intent, the second, and how certain the best is (0 to 1)."""
    ordered = sorted(scores, key=lambda one: (-scores[one], one))
    best = ordered[0]
    whole = sum(math.exp(SHARPNESS * (scores[one] - scores[best])) for one in ordered)
    return best, ordered[1], 1 / whole


def _asks_how(text: Text) -> bool:
    """Whether a lesson may answer the question: it asks how, what or why, and not how much something of somebody's own
    costs."""
    return bool(
        re.search(
            r" (cara|bagaimana|apa|kenapa|tips|syarat|beda|ajari|belajar|pelajari|mau tahu|tanya|contoh|jelaskan|biar"
            r"|supaya"
            r"|how|what|why|dimana daftar|bikin|buat|urus) ",
            text.line,
        )
    )


def slots(text: Text, topics: Iterable[str]) -> dict[str, str]:
    """Returns what else the message says: `day`, `hour`, `language`, `topic`, `asks`."""
    found: dict[str, str] = {}
    if contexts.asks(text):
        found["asks"] = "yes"
    if " hari ini " in text.line:
        found["day"] = "hari ini"
    elif day := next((one for one in text.tokens if one in _DAYS), None):
        found["day"] = day
    elif date := re.search(r" tanggal (\d{1,2}) ", text.line):
        found["day"] = date[1]
    if hour := re.search(r" jam (\d{1,2}) ", text.line):
        found["hour"] = hour[1]
    if language := re.search(r" (inggris|english|indonesia|jawa|batak|sunda) ", text.line):
        found["language"] = language[1]
    if about := [one for one in text.core if one in set(topics)]:
        found["topic"] = " ".join(dict.fromkeys(about))
    return found
