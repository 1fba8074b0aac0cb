"""The other side: a python-telegram-bot bot as its documentation shows it, with all defaults: a ConversationHandler of
two states, persisted by PicklePersistence.

python -m tests.bench.ptb_bot API TOKEN FILE
"""

from __future__ import annotations

import sys
from typing import Any

from telegram import Update
from telegram.ext import (
    Application,
    CommandHandler,
    ContextTypes,
    ConversationHandler,
    MessageHandler,
    PicklePersistence,
    filters,
)

NAME, SECTOR = range(2)


async def begin(update: Update, _context: ContextTypes.DEFAULT_TYPE) -> int:
    assert update.message is not None
    await update.message.reply_text("Siapa nama Ibu?")
    return NAME


async def name_given(update: Update, context: ContextTypes.DEFAULT_TYPE) -> int:
    assert update.message is not None
    assert context.user_data is not None
    context.user_data["name"] = update.message.text
    await update.message.reply_text("Apa jenis usaha Ibu?")
    return SECTOR


def main() -> None:
    api, token, file = sys.argv[1:]
    builder: Any = Application.builder().token(token).base_url(f"{api}/bot").base_file_url(f"{api}/file/bot")
    application = builder.persistence(PicklePersistence(filepath=file)).build()
    text = filters.TEXT & ~filters.COMMAND
    application.add_handler(
        ConversationHandler(
            entry_points=[MessageHandler(text, begin)],
            states={NAME: [MessageHandler(text, name_given)], SECTOR: [MessageHandler(text, begin)]},
            fallbacks=[CommandHandler("batal", begin)],
            name="registration",
            persistent=True,
        )
    )
    application.run_polling()


if __name__ == "__main__":
    main()
