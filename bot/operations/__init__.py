"""What keeps the bot running: backups, which process leads, health and metrics.
May be imported by: no package.
May import: programme, turns, delivery, people.
"""
