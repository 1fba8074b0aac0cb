"""From a posted row to Telegram: outbox, sender, background jobs. The only sender of messages.
May be imported by: turns, programme, class_import, reports, operations, handlers.
May import: people, words, telegram.
"""
