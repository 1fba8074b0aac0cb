"""Reads text files that people wrote, in UTF-8. Another encoding is refused, with one line that says what to do."""

from __future__ import annotations

from pathlib import Path


class NotUtf8(ValueError):
    """The file is saved in another encoding. `line` (from 1) is the first one that cannot be read."""

    def __init__(self, line: int, words: str) -> None:
        super().__init__(words)
        self.line = line


def read_utf8(path: Path) -> str:
    """Returns the text of a file, with line ends as \\n and without the byte order mark that some editors put at its
    start. Raises OSError if the file cannot be read, NotUtf8 if it is in another encoding."""
    return decoded(path.read_bytes()).replace("\r\n", "\n").replace("\r", "\n")


def decoded(raw: bytes) -> str:
    """Returns the text of these bytes, without a byte order mark at its start. Raises NotUtf8."""
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" in raw:  # without its mark, UTF-16 shows by its zero bytes
        raise NotUtf8(1, "is saved as UTF-16 ('Unicode'); save it as UTF-8")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # the bytes of a mark are not counted in `start`, and hold no line feed
        line = raw.removeprefix(b"\xef\xbb\xbf")[: error.start].count(b"\n") + 1
        raise NotUtf8(line, "holds letters that are not UTF-8 (perhaps 'ANSI'); save it as UTF-8") from None
