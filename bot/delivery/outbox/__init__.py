"""The ledger: every message the bot ever wants to say is a row here, written in the commit of its reason.

    tables           the rows, and the states they go through: waiting -> claimed -> sent, failed ...
    posting          a row is written
    posting_to_many  many rows with the same words are written by one statement
    claiming         a sender takes rows, for as long as its lease lasts; `recover` takes up what a dead one held
    settling         what became of them is written down
    figures          what was said, how much waits and since when
    data             what is owed of the tables

Whoever uses the outbox imports it as one: `outbox.post`, `outbox.claim`.
"""

from bot.delivery.outbox.claiming import (
    LEASE,
    MOST_ATTEMPTS,
    ClaimedMessage,
    Gate,
    Occasion,
    claim,
    most_urgent,
    recover,
    renew_leases,
)
from bot.delivery.outbox.data import DATA, empty_old
from bot.delivery.outbox.figures import (
    Newest,
    last_sent,
    newest,
    next_due,
    number_sent_to,
    oldest_waiting,
    said_as,
    said_more_than_once,
    tally,
    telegram_message_of,
)
from bot.delivery.outbox.posting import (
    Post,
    drop_waiting,
    post,
    post_all,
    post_claimed,
    post_to_each,
    take_written_flag,
    to,
)
from bot.delivery.outbox.posting_to_many import (
    GROUP,
    Group,
    body,
    keep_body,
    post_to_groups,
    post_to_many,
    recipients,
)
from bot.delivery.outbox.settling import Result, settle
from bot.delivery.outbox.tables import (
    PRIORITY_OF,
    OutboxBody,
    OutboxRow,
    Priority,
    SentFile,
    Status,
    in_state,
)

__all__ = [
    "DATA",
    "GROUP",
    "LEASE",
    "MOST_ATTEMPTS",
    "PRIORITY_OF",
    "ClaimedMessage",
    "Gate",
    "Group",
    "Newest",
    "Occasion",
    "OutboxBody",
    "OutboxRow",
    "Post",
    "Priority",
    "Result",
    "SentFile",
    "Status",
    "body",
    "claim",
    "drop_waiting",
    "empty_old",
    "in_state",
    "keep_body",
    "last_sent",
    "most_urgent",
    "newest",
    "next_due",
    "number_sent_to",
    "oldest_waiting",
    "post",
    "post_all",
    "post_claimed",
    "post_to_each",
    "post_to_groups",
    "post_to_many",
    "recipients",
    "recover",
    "renew_leases",
    "said_as",
    "said_more_than_once",
    "settle",
    "take_written_flag",
    "tally",
    "telegram_message_of",
    "to",
]
