"""Polls and quizzes: their votes, and their end."""

from __future__ import annotations

from typing import Any

from .models import Event, Message, Person, Poll
from .world import World


def new(world: World, person: Person, body: dict[str, Any]) -> dict[str, Any]:
    """Gives the checked poll an id, and returns it as the Bot API's Poll; `place` ties it to its message once that is
    sent."""
    body["id"] = str(world.bot["id"] % 10_000 * 10**15 + world.next_number("poll") * 6007)
    world.polls[body["id"]] = Poll(person.id, 0, body)
    return body


def place(world: World, message: Message) -> None:
    poll = world.polls[message.body["poll"]["id"]]
    poll.message = message.id
    world.keep_poll(poll)


def of_message(world: World, message: Message) -> Poll | None:
    body = message.body.get("poll")
    return world.polls.get(body["id"]) if body else None


def vote(world: World, person: Person, poll: Poll, options: list[int]) -> None:
    """Records the person's vote; an empty list takes it back. The page has checked that voting is allowed."""
    key = str(person.id)
    for option in poll.votes.pop(key, []):
        poll.body["options"][option]["voter_count"] -= 1
    if options:
        poll.votes[key] = options
    for option in options:
        poll.body["options"][option]["voter_count"] += 1
    poll.body["total_voter_count"] = len(poll.votes)
    world.keep_poll(poll)
    if poll.body["is_anonymous"]:
        update = world.updates.add("poll", poll.body)
    else:
        update = world.updates.add(
            "poll_answer",
            {
                "poll_id": poll.body["id"],
                "user": person.as_user(),
                "option_ids": options,
                "option_persistent_ids": [poll.body["options"][option]["persistent_id"] for option in options],
            },
        )
    world.on_deed("voted", person.id, {"message_id": poll.message, "update_id": update, "options": options})
    _changed(world, poll)


def close(world: World, poll: Poll) -> None:
    poll.body["is_closed"] = True
    world.keep_poll(poll)
    world.updates.add("poll", poll.body)
    _changed(world, poll)


def close_due(world: World) -> None:
    """Closes polls whose time is over in the sandbox's present."""
    now = world.timestamp()
    for poll in world.polls.values():
        if not poll.body["is_closed"] and poll.body.get("close_date", now + 1) <= now:
            close(world, poll)


def _changed(world: World, poll: Poll) -> None:
    message = world.chats.get(poll.chat, {}).get(poll.message)
    if message is not None:
        world.keep_message(message)
        world.on_event(Event("poll", poll.chat, message, {"message_id": message.id}))
