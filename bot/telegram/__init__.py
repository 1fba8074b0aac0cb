"""Telegram's side: HTTP client, webhook, updates, its HTML, and what strangers send made fit to be kept.
May be imported by: catalogue, class_import, delivery, documents, handlers, sandbox, turns.
May import: nothing of the bot.
"""
