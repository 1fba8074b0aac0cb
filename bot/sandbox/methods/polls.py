"""Methods for polls and quizzes: sendPoll, stopPoll."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from .. import polls
from ..arguments import Arguments, read_formatted
from ..keyboards import read_markup
from ..refusals import Refused
from .reading_arguments import Methods, inline_only


class Polls(Methods):
    """sendPoll and stopPoll."""

    def do_send_poll(self, a: Arguments) -> dict[str, Any]:
        question, question_entities = a.formatted("question", "question_")
        if not question:
            raise Refused("Poll question must be non-empty")
        if len(question) > 300:
            raise Refused("Poll question length must not exceed 300")
        options = self._poll_options(a)
        kind = a.text("type").lower() or "regular"
        if kind not in ("regular", "quiz"):
            raise Refused("unsupported poll type specified")
        several = a.flag("allows_multiple_answers")
        body: dict[str, Any] = {
            "id": "",
            "question": question,
            "options": options,
            "total_voter_count": 0,
            "is_closed": a.flag("is_closed"),
            "is_anonymous": a.flag("is_anonymous") if a.has("is_anonymous") else True,
            "type": kind,
            "allows_multiple_answers": several,
            "allows_revoting": a.flag("allows_revoting") if a.has("allows_revoting") else kind == "regular",
            "members_only": a.flag("members_only"),
        }
        if shown := self.world.entities_json(question_entities):
            body["question_entities"] = shown
        if kind == "quiz":
            body["correct_option_ids"] = self._correct_options(a, len(options), several=several)
            explanation, found = a.formatted("explanation", "explanation_")
            if len(explanation) > 200:
                raise Refused("Poll explanation length must not exceed 200")
            if explanation.count("\n") > 2:
                raise Refused("Poll explanation must have at most 2 line feeds")
            if explanation:
                body["explanation"] = explanation
                body["explanation_entities"] = self.world.entities_json(found)
        self._poll_end(a, body)
        description, found = a.formatted("description", "description_")
        if len(description) > 1024:
            raise Refused("Poll description length must not exceed 1024")
        if description:
            body["description"] = description
            if shown := self.world.entities_json(found):
                body["description_entities"] = shown
        person = self.writable(a)
        read_markup(a.values.get("reply_markup"))  # refused before the poll is made
        self.reply_to(a, person)
        message = self.send(a, person, {"poll": polls.new(self.world, person, body)})
        polls.place(self.world, message)
        return message.body

    def _poll_options(self, a: Arguments) -> list[dict[str, Any]]:
        given = a.json("options", "can't parse options JSON object")
        if not isinstance(given, list):
            raise Refused("expected an Array of String as options" if given is not None else "options is empty")
        if not given:
            raise Refused("Poll must have at least 1 option")
        if len(given) > 12:
            raise Refused("Poll can't have more than 12 options")
        options = []
        for number, option in enumerate(given):
            fields = option if isinstance(option, dict) else {"text": option}
            if not isinstance(fields.get("text"), str):
                raise Refused("can't parse poll option: Can't find field \"text\"")
            mode = fields.get("text_parse_mode")
            mode = mode if isinstance(mode, str) else ""
            text, found = read_formatted(fields["text"], mode, fields.get("text_entities"))
            if not text:
                raise Refused("Poll options must be non-empty")
            if len(text) > 100:
                raise Refused("Poll options length must not exceed 100")
            shown = {"persistent_id": str(number), "text": text, "voter_count": 0}
            if entities := self.world.entities_json(found):
                shown["text_entities"] = entities
            options.append(shown)
        return options

    def _correct_options(self, a: Arguments, count: int, *, several: bool) -> list[int]:
        correct = a.json("correct_option_ids", "can't parse correct_option_ids JSON object")
        if correct is None and a.has("correct_option_id"):
            correct = [a.integer("correct_option_id", -1)]
        if not isinstance(correct, list) or not correct:
            raise Refused("Correct quiz option list must be non-empty")
        if not all(isinstance(i, int) and 0 <= i < count for i in correct):
            raise Refused("wrong quiz correct_option_id")
        if any(later <= earlier for earlier, later in pairwise(correct)):
            raise Refused("Correct quiz option list must be increasing")
        if len(correct) > 1 and not several:
            raise Refused("wrong quiz correct_option_id")
        return correct

    def _poll_end(self, a: Arguments, body: dict[str, Any]) -> None:
        now = self.world.timestamp()
        period, end = a.integer("open_period"), a.integer("close_date")
        if period and end:
            raise Refused("can't specify open_period and close_date simultaneously")
        if period:
            body["open_period"] = min(max(period, 5), 2_628_000)
            body["close_date"] = now + body["open_period"]
        elif end:
            if not now + 5 <= end <= now + 2_628_000:
                raise Refused("wrong poll close_date specified")
            body["close_date"] = end

    def do_stop_poll(self, a: Arguments) -> dict[str, Any]:
        person = self.writable(a)
        message = self.world.message_of(person.id, a.integer("message_id"), "message with poll to stop not found")
        poll = polls.of_message(self.world, message)
        if poll is None or not message.from_bot or "forward_origin" in message.body:
            raise Refused("poll can't be stopped")
        if poll.body["is_closed"]:
            raise Refused("poll has already been closed")
        markup = inline_only(read_markup(a.values.get("reply_markup")))
        polls.close(self.world, poll)
        if (markup.body if markup else None) != message.body.get("reply_markup"):
            self.world.edit(message, {}, (), markup)
        return poll.body
