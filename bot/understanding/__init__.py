"""What a typed message means: text and context in, one intent out; local, without database or network.
May be imported by: catalogue, handlers.
May import: nothing of the bot.
"""
