"""The other side: an aiogram 3 bot with its state machine in memory, as its documentation shows it, all defaults.

Run by the Python of .venv-bench, where aiogram is: `aiogram_bot.py API TOKEN`
"""

from __future__ import annotations

import asyncio
import sys

from aiogram import Bot, Dispatcher
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.fsm.storage.memory import MemoryStorage
from aiogram.types import Message


class Registration(StatesGroup):  # type: ignore[misc]
    name = State()
    sector = State()


async def begin(message: Message, state: FSMContext) -> None:
    await state.set_state(Registration.name)
    await message.answer("Siapa nama Ibu?")


async def name_given(message: Message, state: FSMContext) -> None:
    await state.update_data(name=message.text)
    await state.set_state(Registration.sector)
    await message.answer("Apa jenis usaha Ibu?")


async def main() -> None:
    api, token = sys.argv[1:]
    dispatcher = Dispatcher(storage=MemoryStorage())
    dispatcher.message.register(name_given, Registration.name)
    dispatcher.message.register(begin)
    await dispatcher.start_polling(Bot(token, session=AiohttpSession(api=TelegramAPIServer.from_base(api))))


if __name__ == "__main__":
    asyncio.run(main())
