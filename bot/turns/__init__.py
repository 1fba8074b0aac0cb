"""From an update to a committed turn: inbox, worker, and conversations whose state is a row.
May be imported by: handlers, operations, programme.
May import: actions, catalogue, delivery, people, telegram, words.
"""
