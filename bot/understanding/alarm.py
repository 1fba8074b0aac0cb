"""How likely a message tells of danger to life: classes of words, and a linear model made from sentences at start.

The rules of `danger` know sentences; this knows what they are made of. Words of content/understanding.yaml stand in
classes (bleeding, trapped, a weapon; a child, now; selling, a joke, long ago), and the model learns from whole
sentences which classes, words and pieces of words together mean danger. Pure Python; the same words and sentences give
the same model.
"""

from __future__ import annotations

import math
import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from rapidfuzz.distance import OSA
from rapidfuzz.process import extractOne

from bot.understanding import danger
from bot.understanding.normalise import Normaliser, Text, is_slip, wordset

ROUNDS: Final = 6
"""How often the training goes through the sentences."""
SETTLED: Final = 2
"""The weights are the mean of those after the rounds that follow so many."""
STEP: Final = 0.5
"""How far one sentence moves the weights in the first round."""
SEED: Final = 13
FAINT: Final = 0.03
"""A smaller weight is left out, to save memory."""
NEARLY_RIGHT: Final = 0.02
"""A sentence whose probability is wrong by less teaches nothing."""
AT_ONCE: Final = 0.9
"""From this weight on the numbers are shown at once, and staff are told."""
ASKED: Final = 0.3
"""From this weight on it is asked whether anybody is in danger, with the emergency number in the same message."""
NEARLY: Final = 0.8
"""The weight, at most, where a word beside the danger turns its meaning, unless the whole is above WITHOUT_DOUBT."""
WITHOUT_DOUBT: Final = 2.5
FAR: Final = -1.5
"""Below this weight it is not asked either, though a rule of `danger` names who is hurt or how."""
FAR_IN_LONG: Final = -0.8
"""From this weight on it is asked in a message of LONG_MESSAGE words, too: ordinary talk is mostly shorter."""
LONG_MESSAGE: Final = 9
SHORT: Final = 2
"""So many words that hold a word of danger are asked about whatever the model thinks: "ada penembakan"."""
ALL_OF: Final = wordset("urgent unclear give_back_seat running_late stop_messages")
"""Intents of which all phrases are learned from: illness is often the reason not to come."""
ONE_IN: Final = 6
SHORTEST_ROOT: Final = 4
SHORTEST_MENDED: Final = 5
LONG: Final = 9
_KEPT: Final = 6_000
"""How many words the lexicon remembers the classes of."""
_ENDINGS: Final = ("nya", "ku", "mu", "kah", "lah", "pun", "nyo", "kan", "in", "an", "i", "e", "ne", "na", "x")
_BEGINNINGS: Final = (
    *("menge", "meng", "meny", "mem", "men", "peng", "pem", "pen", "nge", "ter", "ber", "tar", "dak", "di", "ke", "me"),
    *("ng", "ny", "pe", "se", "be", "ba", "ta", "ka", "ku", "m", "n"),
)
_LOST_LETTER: Final = {"meng": "k", "ng": "k", "meny": "s", "ny": "s", "mem": "p", "m": "p", "men": "t", "n": "t"}
"""The letter that a prefix swallows: "mukul" is "pukul", "nyiksa" is "siksa"."""
_VOWELS: Final = frozenset("aeiou")
_SIGNS_OF_LIFE: Final = wordset(
    "gerak bergerak obah usik bangun bangunin dibangunin dibangunkan tangi hudang sadar napas nafas bernapas bernafas"
    " ambekan respon merespon nyahut menyahut sahut manyauik jawab menjawab melek buka nangis menangis bicara ngomong"
    " berdiri jalan denyut berdenyut gerakin digerakin digerakkan gerakkan bersuara suara kencing inget"
)
_NOT: Final = wordset("tidak belum susah sulit without nyanda ten sing")
_NEAR: Final = 3
"""How many words after "tidak" a sign of life may stand."""
_NO_OTHERS: Final = wordset(
    "saya anda tidak dia kami yang di ke dari dan ini itu bisa mau sudah belum datang dalam ada jadi punya sama"
)
"""Words that no class may take in only because a word of it is spelled so otherwise."""
_HARMLESS, _LIFELESS = "/h0", "/lifeless"
"""Features: there is no word of harm; somebody does not move or answer."""
_BESIDE: Final = "/b:"
"""How the classes of words beside the danger begin: without one of them, and without a rule, it is asked at most."""
_NO_HARM: Final = -1.2
"""What a message without a word of harm gets, though its other words may resemble danger."""
_SELF, _SURE, _WORD, _DENIED = 2.0, 1.0, 0.5, -1.5
"""What the rules of `danger` add to the weight."""


@dataclass(frozen=True)
class DangerBook:
    """What content/understanding.yaml holds of danger: classes of words of harm, of words beside them, and of words
    that turn the meaning; sentences of danger, and sentences that only sound so."""

    harm: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    beside: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    otherwise: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sentences: tuple[str, ...] = ()
    quiet: tuple[str, ...] = ()

    def classes(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Yields all classes; the first letter of the name tells which of the three it is."""
        for kind, of in (("h", self.harm), ("b", self.beside), ("o", self.otherwise)):
            for name, words in of.items():
                yield f"{kind}:{name}", words


def _roots(word: str) -> Iterator[str]:
    """Yields what a word may be made from: "dipukulin" from "pukul"."""
    yield word
    bases = [word]
    bases += [word[: -len(end)] for end in _ENDINGS if word.endswith(end) and len(word) - len(end) >= SHORTEST_ROOT]
    yield from bases[1:]
    for base in bases:
        for begin in _BEGINNINGS:
            rest = base.removeprefix(begin)
            if rest == base:
                continue
            if len(rest) >= SHORTEST_ROOT:
                yield rest
            if begin in _LOST_LETTER and len(rest) >= SHORTEST_ROOT - 1 and rest[0] in _VOWELS:
                yield _LOST_LETTER[begin] + rest


class Lexicon:
    """Knows to which classes words, and several words in a row, belong."""

    def __init__(self, book: DangerBook, normalise: Normaliser) -> None:
        one: dict[str, set[str]] = defaultdict(set)
        several: dict[str, list[tuple[tuple[str, ...], str]]] = defaultdict(list)
        for name, words in book.classes():
            for word in words:
                text = normalise(word)
                spelled = {tuple(word.split())}
                if not text.guessed and text.tokens and not (len(text.tokens) == 1 and text.tokens[0] in _NO_OTHERS):
                    spelled.add(text.tokens)
                for parts in spelled:
                    if len(parts) == 1:
                        one[parts[0]].add(name)
                    else:
                        several[parts[0]].append((parts, name))
        self._one = {word: frozenset(names) for word, names in one.items()}
        self._normalise = normalise
        self._several = dict(several)
        self._by_letter: dict[str, list[str]] = {}
        self._by_skeleton: dict[str, str] = {}
        for word in sorted(self._one):
            if len(word) >= SHORTEST_MENDED and word.isalpha():
                self._by_letter.setdefault(word[0], []).append(word)
                self._by_skeleton.setdefault(_skeleton(word), word)
        self._kept: dict[str, frozenset[str]] = {}

    def of(self, word: str) -> frozenset[str]:
        """Returns the classes of one word, through prefixes, suffixes and one slip of the finger."""
        known = self._kept.get(word)
        if known is None:
            known = self._looked_up(word)
            if len(self._kept) < _KEPT:
                self._kept[word] = known
        return known

    def forget(self) -> None:
        """Forgets the classes of words that were looked up."""
        self._kept.clear()

    def _looked_up(self, word: str) -> frozenset[str]:
        for root in _roots(word):
            if root in self._one:
                return self._one[root]
        if len(word) >= SHORTEST_MENDED and word.isalpha() and not self._normalise.knows(word):
            bones = _skeleton(word)
            if len(bones) >= SHORTEST_ROOT and len(word) - len(bones) <= 1 and bones in self._by_skeleton:
                return self._one[self._by_skeleton[bones]]
            allowed = 1 if len(word) < LONG else 2
            near = extractOne(word, self._by_letter.get(word[0], ()), scorer=OSA.distance, score_cutoff=allowed)
            if near is not None and is_slip(word, near[0]):
                return self._one[near[0]]
        return frozenset()

    def classes(self, tokens: Sequence[str]) -> list[frozenset[str]]:
        """Returns the classes of each word. Several words in a row count for the first of them."""
        found = [self.of(token) for token in tokens]
        for at, token in enumerate(tokens):
            for parts, name in self._several.get(token, ()):
                if tuple(tokens[at : at + len(parts)]) == parts:
                    found[at] |= {name}
        return found


def _skeleton(word: str) -> str:
    return "".join(letter for letter in word if letter not in _VOWELS)


def features(text: Text, lexicon: Lexicon) -> list[str]:
    """Returns what the model sees of a message: words, pairs, pieces of four letters, classes and pairs of classes,
    that somebody does not move or answer, how many words of harm there are, and how it is typed."""
    words = ["#" if token.isdigit() else token for token in text.tokens]
    classes = lexicon.classes(text.tokens)
    found = {*words, *(f"{one} {other}" for one, other in pairwise(["^", *words, "$"]))}
    for word in words:
        if len(word) > 4:
            found.update(f"~{word[at : at + 4]}" for at in range(len(word) - 3))
    present = sorted(frozenset().union(*classes))
    harm = [one for one in present if one[0] == "h"]
    found.update(f"/{one}" for one in present)
    found.update(f"{one}+{other}" for one in harm for other in present if one < other or other[0] != "h")
    in_a_row = [min(of) for of in classes if of]
    found.update(f"{one}>{other}" for one, other in pairwise(in_a_row))
    of_harm = sum(any(one[0] == "h" for one in of) for of in classes)
    of_other = sum(any(one[0] == "o" for one in of) for of in classes)
    found.update((f"/h{min(of_harm, 4)}", f"/o{min(of_other, 4)}", f"/d{max(-3, min(3, of_harm - of_other))}"))
    found.add(f"/n{min(len(words) // 4, 4)}")
    if any(
        one in _NOT and not _SIGNS_OF_LIFE.isdisjoint(words[at + 1 : at + 1 + _NEAR]) for at, one in enumerate(words)
    ):
        found.add(_LIFELESS)
    if text.question:
        found.add("?")
    if text.raw.count("!") > 1:
        found.add("!!")
    if len(text.raw) > SHORTEST_MENDED and text.raw.isupper():
        found.add("/capitals")
    return sorted(found)


class Alarm:
    """Weighs messages: above `AT_ONCE` one tells of danger, between `ASKED` and that it may."""

    def __init__(self, lexicon: Lexicon, examples: Iterable[tuple[Text, bool]]) -> None:
        self._lexicon = lexicon
        seen = [(features(text, lexicon), of_danger) for text, of_danger in examples]
        counted = Counter(feature for found, _ in seen for feature in found)
        place = {feature: at for at, feature in enumerate(one for one in counted if counted[one] > 1)}
        rows = [([place[one] for one in found if one in place], float(of_danger)) for found, of_danger in seen]
        weights = [0.0] * len(place)
        self._bias = self._trained([one for one in rows if one[0]], weights)
        self._weights = {feature: weights[at] for feature, at in place.items() if abs(weights[at]) > FAINT}

    @staticmethod
    def _trained(rows: list[tuple[list[int], float]], weights: list[float]) -> float:
        """Trains the weights by logistic regression, one sentence after the other. Returns the bias."""
        bias = 0.0
        mean, mean_bias = [0.0] * len(weights), 0.0
        chance = random.Random(SEED)
        for round_ in range(ROUNDS):
            chance.shuffle(rows)
            step = STEP / (1 + round_ / 2)
            for found, right in rows:
                scale = 1 / math.sqrt(len(found))
                total = bias + scale * sum([weights[one] for one in found])
                wrong = right - 1 / (1 + math.exp(-max(total, -30.0)))
                if abs(wrong) < NEARLY_RIGHT:
                    continue
                change = 4 * step * wrong * scale
                for one in found:
                    weights[one] += change
                bias += step * wrong / 5
            if round_ >= SETTLED:
                share = 1 / (ROUNDS - SETTLED)
                mean = [one + share * other for one, other in zip(mean, weights, strict=True)]
                mean_bias += share * bias
        weights[:] = mean
        return mean_bias

    def weight(self, text: Text) -> float:
        """Returns how much speaks for danger, the rules of `danger` included."""
        seen = features(text, self._lexicon)
        found = [self._weights.get(feature, 0.0) for feature in seen]
        learned = self._bias + sum(found) / math.sqrt(len(found) or 1)
        learned += _NO_HARM * (_HARMLESS in seen and _LIFELESS not in seen)
        rules, denied = danger.seen(text), danger.denied(text)
        whole = learned + _SELF * rules.self_harm + _SURE * rules.sure + _WORD * rules.word + _DENIED * denied
        if whole > FAR_IN_LONG and len(text.tokens) >= LONG_MESSAGE:
            whole = max(whole, ASKED)
        if not any(rules) and not any(one[:3] == _BESIDE for one in seen):
            whole = min(whole, NEARLY)
        if denied:
            return whole if whole > WITHOUT_DOUBT else min(whole, NEARLY)
        if rules.self_harm:
            return max(whole, AT_ONCE)
        if (rules.sure and whole > FAR) or (rules.word and len(text.tokens) <= SHORT):
            return max(whole, ASKED)
        return whole


def taught(book: DangerBook, normalise: Normaliser, phrases: Iterable[tuple[Text, str]]) -> Alarm:
    """Returns an Alarm that has learned the book's sentences, and from the phrases of all intents what is ordinary: all
    of those that have a word of harm or are of ALL_OF, and one in ONE_IN of the others."""
    lexicon = Lexicon(book, normalise)
    examples = [(normalise(one), True) for one in book.sentences] + [(normalise(one), False) for one in book.quiet]
    for at, (text, intent) in enumerate(phrases):
        if intent == "scam_report":
            continue
        harmful = any(one[0] == "h" for of in lexicon.classes(text.tokens) for one in of)
        if harmful or intent in ALL_OF or at % ONE_IN == 0:
            examples.append((text, intent == "urgent"))
    made = Alarm(lexicon, examples)
    lexicon.forget()
    return made
