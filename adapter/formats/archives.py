"""Zip files from outside, opened in memory only: one plain file inside, of bounded size, or nothing.

Nothing is written to disk, so the name inside can do no harm; an unusual one is refused all the same, as are packings
of a ratio that no document has.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from pathlib import PurePosixPath

from adapter.domain.errors import UnreadableFile
from adapter.formats.notes import refuse

RATIO_MAX = 100  # XML packs into a tenth
_PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED = 0x1
# Whatever `zipfile` raises for a file made to break it.
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    ValueError,
    NotImplementedError,
    RuntimeError,
)


def is_zip(data: bytes) -> bool:
    """By the first bytes: a zip file, also an empty or a broken one."""
    return data[:4] in (b"PK\x03\x04", b"PK\x05\x06")


def unpack_only_file(data: bytes, *, ending: str, size_max: int) -> bytes:
    """The content of the one file inside, whose name ends so.  Raises UnreadableFile."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            member = _find_only(archive.infolist(), ending)
            _check_size(member, len(data), size_max)
            with archive.open(member) as file:
                content = file.read(size_max + 1)
    except UnreadableFile:
        raise
    except _BROKEN as error:
        raise refuse("bad_zip", "архив zip повреждён") from error
    if len(content) > size_max:
        raise _too_big(size_max)
    return content


def _find_only(members: list[zipfile.ZipInfo], ending: str) -> zipfile.ZipInfo:
    if len(members) != 1:
        raise refuse("not_one_file", f"в архиве должен быть ровно один файл, а их {len(members)}")
    (member,) = members
    if member.flag_bits & _ENCRYPTED:
        raise refuse("zip_encrypted", "архив зашифрован")
    if PurePosixPath(member.filename).name != member.filename or not member.filename.lower().endswith(ending):
        raise refuse("unexpected_name", f"в архиве должен быть один файл *{ending} без папок")
    if member.compress_type not in _PACKINGS:
        raise refuse("zip_packing", "архив упакован необычным способом; нужен обычный zip (deflate)")
    return member


def _check_size(member: zipfile.ZipInfo, packed: int, size_max: int) -> None:
    if member.file_size > size_max:
        raise _too_big(size_max)
    if member.file_size > packed * RATIO_MAX:
        raise refuse("zip_ratio", "файл в архиве сжат неправдоподобно сильно")


def _too_big(size_max: int) -> UnreadableFile:
    return refuse("too_big", f"файл в архиве больше {size_max // (1024 * 1024)} МБ")
