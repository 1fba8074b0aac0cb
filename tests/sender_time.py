"""Real time as the sender's parts see it, for tests: it passes when somebody sleeps, and only then."""

from __future__ import annotations

import asyncio

from bot.delivery.runtime import Runtime


class SenderTime:
    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds
        await asyncio.sleep(0)

    def runtime(self) -> Runtime:
        return Runtime(lambda: self.now, self.sleep)
