"""Encrypts backups in the age format (age-encryption.org), with pyrage, so that only people with the secret key can
read them. The server has public keys alone: neither from its backups nor from the server itself can older backups be
read. Without the bot, `age --decrypt --identity KEY FILE` reads them."""

from __future__ import annotations

import contextlib
import errno
import os
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any, Final

ENDING: Final = ".age"
_BEGINS: Final = b"age-encryption.org/"
_FOR_ANOTHER: Final = "No matching keys found"


class NotDecryptedError(Exception):
    """Why a file could not be read, in words that follow its name."""


class DamagedError(Exception):
    """The file was cut off or changed."""


def is_encrypted(file: Path) -> bool:
    """Returns whether the file is encrypted. Raises OSError."""
    with file.open("rb") as opened:
        return opened.read(len(_BEGINS)) == _BEGINS


@contextlib.contextmanager
def encrypting(to: Path, recipients: Sequence[str]) -> Iterator[IO[bytes]]:
    """Returns a stream that encrypts what is written into it into the new file `to`; nothing is written to a disk
    unencrypted. `recipients`: public keys (age1...), each of which can open it. Raises OSError."""
    from pyrage import encrypt_io, x25519

    keys = [x25519.Recipient.from_str(one) for one in recipients]
    problems: list[OSError] = []
    reading, writing = os.pipe()

    def encrypt(source: IO[bytes], target: IO[bytes]) -> None:
        with source, target:
            try:
                encrypt_io(source, target, keys)
            except Exception as problem:  # which holds only the words of what went wrong with the file
                problems.append(OSError(errno.EIO, str(problem)))

    source, stream = os.fdopen(reading, "rb"), os.fdopen(writing, "wb")
    try:
        worker = threading.Thread(target=encrypt, args=(source, to.open("xb")), daemon=True)
        worker.start()
    except BaseException:
        source.close()
        stream.close()
        raise
    try:
        yield stream
    finally:
        with contextlib.suppress(BrokenPipeError):  # the reason is among the problems
            stream.close()
        worker.join()
        if problems:
            raise problems[0]


def decrypt(file: Path, identity: Path, to: Path) -> None:
    """Decrypts `file` into the new file `to`. `identity`: a file with secret keys, one a line, as age-keygen writes it.
    Raises NotDecryptedError, DamagedError or OSError."""
    from pyrage import DecryptError, decrypt_io

    keys = _identities(identity)
    with file.open("rb") as source, to.open("xb") as target:
        to.chmod(0o600)
        try:
            decrypt_io(source, target, keys)
        except DecryptError as problem:
            if str(problem) == _FOR_ANOTHER:
                raise NotDecryptedError(f"no key in {identity} opens it: it was encrypted for another") from None
            raise DamagedError from None
        except OSError as problem:
            if problem.errno is None:  # not the disk's: a part further on does not fit its checksum
                raise DamagedError from None
            raise


def _identities(file: Path) -> list[Any]:
    from pyrage import IdentityError, x25519

    try:
        lines = file.read_text("ascii").splitlines()
        keys = [x25519.Identity.from_str(line.strip()) for line in lines if line.strip() and not line.startswith("#")]
    except OSError as problem:
        raise NotDecryptedError(f"the key {file} cannot be read ({problem.strerror})") from None
    except (UnicodeDecodeError, IdentityError):
        keys = []
    if not keys:
        raise NotDecryptedError(f"{file} holds no key: a line that begins with AGE-SECRET-KEY-1")
    return keys
