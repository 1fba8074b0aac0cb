"""Who the bot knows, what they may do, and when they may be written to: every capability stands on it.
May be imported by: actions, catalogue, class_import, delivery, handlers, operations, programme, reports, turns.
May import: words.
"""
