"""From a posted row to Telegram: the outbox, the sender (the only one who sends), and background jobs.
May be imported by: class_import, handlers, operations, programme, reports, turns.
May import: actions, people, telegram, words.
"""
