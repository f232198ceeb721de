"""One file in a folder: its bytes, its name in a log, a name for it elsewhere."""

from __future__ import annotations

import os
import re
import secrets
import stat
from pathlib import Path

from adapter.formats.notes import refuse

FILE_BYTES_MAX = 256 * 1024 * 1024
_LONG_NUMBER = re.compile(r"[0-9]{12,}")


def read_plain(file: Path) -> bytes:
    """The bytes of a plain file; a link is not followed, a pipe not waited for.

    Raises UnreadableFile for what is no such file, is too large or may not be read; OSError where the disk fails.
    """
    if not stat.S_ISREG(file.lstat().st_mode):
        raise refuse("not_a_file", "это не файл: ссылка, папка или канал")
    try:
        handle = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except PermissionError as error:
        raise refuse("no_right", "нет права читать файл") from error
    with os.fdopen(handle, "rb") as opened:
        data = opened.read(FILE_BYTES_MAX + 1)
    if len(data) > FILE_BYTES_MAX:
        raise refuse("too_large", f"файл больше {FILE_BYTES_MAX // 2**20} МБ")
    return data


def masked(name: str) -> str:
    """Banks like to put an account's number into the name; a log does not hold it whole."""
    return _LONG_NUMBER.sub(lambda found: "…" + found[0][-4:], name)


def free_name(folder: Path, name: str, digest: str) -> str:
    """Its own name, or one with its digest where another file has that name."""
    return f"{digest[:12] or secrets.token_hex(6)}-{name}" if os.path.lexists(folder / name) else name
