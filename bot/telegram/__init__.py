"""Telegram's side: HTTP client, webhook, updates, its HTML, and what strangers send made fit to keep.
May be imported by: every package.
May import: nothing of the bot.
"""
