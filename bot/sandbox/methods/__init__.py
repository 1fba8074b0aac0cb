"""The methods of the Bot API by topic: what each does, in Telegram's order of checks and in its words.

    sending            texts, files, places, contacts, copies and forwards
    editing            changing, deleting and marking messages; answering taps
    polls              polls and quizzes
    profile            the bot's name and description, its commands, its menu button
    reading_arguments  whose chat, which text, which file: what several methods need

All of them are joined in `bot/sandbox/bot_api.py`.
"""
