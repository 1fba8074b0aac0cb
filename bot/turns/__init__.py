"""From an update to a committed turn: inbox, worker, conversations whose state is a row.
May be imported by: programme, operations, handlers.
May import: catalogue, delivery, people, words, telegram.
"""
