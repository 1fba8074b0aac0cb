"""What keeps the bot running: backups, which process leads, health and metrics.
May be imported by: app and the command line alone.
May import: actions, catalogue, delivery, documents, people, programme, turns, words.
"""
