"""Who the bot knows, what they may do and when they may be written to: what every capability stands on.
May be imported by: every package but telegram, documents and words.
May import: words.
"""
