"""Backups of either database, made while the bot serves, and restoring one.

A backup is a .zip with two files in it: `jalin.sqlite` (a whole SQLite database) or `jalin.pgdump` (what pg_dump writes
in its custom format), and `note.json`, which says what it is. Without the bot, unzip and the database's own programs
read it. Its checksums tell one that was cut off or damaged, before anything is touched. Where keys are given it is
encrypted, as .zip.age (`encryption`).

A restored database is a past that people have lived on from. So that nobody is told what is long over, or told twice:

- Replies that waited are dropped, and so are reminders and other notices that could have gone out before the backup
  was made: they went out a moment later. Their reason in the ledger is `restored`.
- An announcement that waited becomes `unknown`, as at a crash: its author sees how many, and may send it again. One
  that was put down for a moment which has passed meanwhile is called off.
- What is held for a later moment stays, and so do undone updates and jobs: nobody else will do them. A reminder
  that came due between backup and restore may be heard twice; dropping it could mean that nobody hears it.
- Where the replaced database can still be read, a no that was said there since stays a no: who had their data deleted,
  stopped the messages or withdrew a consent does not find that undone. From a lost disk nobody can know.

`moving` says that the bot has been stopped since the backup: then everything that waits is still to be said.

    archive      the file: its note, opened and checked
    programs     PostgreSQL's pg_dump and pg_restore
    making       a backup is made, old ones are removed
    restoring    a database is put back
    reconciling  what is decided about the past, in the same transaction

Other packages import this one as a whole: `backup.restore`.
"""

from bot.operations.backup.archive import NOTE, BackupError, readable
from bot.operations.backup.making import make, make_dated
from bot.operations.backup.reconciling import Restored, decided
from bot.operations.backup.restoring import may_restore, restore

__all__ = ["NOTE", "BackupError", "Restored", "decided", "make", "make_dated", "may_restore", "readable", "restore"]
