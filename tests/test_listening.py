"""Where the bot listens: what is wrong with HOST or PORT is said of the one that is wrong."""

from __future__ import annotations

import socket

import pytest

from bot.command_line.process import listen


@pytest.mark.parametrize("host", ["999.1.1.1", "203.0.113.7", "no such host"])
def test_a_host_that_is_no_address_of_this_machine(host: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        listen(host, 8397, 1)
    assert f"HOST: {host} is no address of this machine" in capsys.readouterr().err + str(ended.value)


def test_a_port_that_is_taken(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SystemExit) as ended:
            listen("127.0.0.1", port, 1)
        assert f"PORT: {port} is taken" in capsys.readouterr().err + str(ended.value)
        listen("127.0.0.1", port, 50).close()
