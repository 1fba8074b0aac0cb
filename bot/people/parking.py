"""Which conversation an account is in: one begins, parking the one under way, and ends, taking it up again."""

from __future__ import annotations

from bot.people.people import Account


def enter(account: Account, conversation: str, state: str) -> None:
    """Puts the account into this conversation. Another one that was under way is parked, and taken up again when this
    one ends."""
    if account.conversation not in (None, conversation):
        account.parked = {"conversation": account.conversation, "state": account.state, "draft": account.draft}
        account.draft = {}
    account.conversation, account.state = conversation, state


def leave(account: Account, conversation: str | None = None) -> None:
    """Ends the conversation and its draft; a parked one comes back."""
    if conversation is not None and account.conversation != conversation:
        return
    parked = account.parked
    account.conversation = account.state = account.parked = None
    account.draft = {}
    if parked:
        account.conversation, account.state = parked["conversation"], parked["state"]
        account.draft = dict(parked["draft"])
