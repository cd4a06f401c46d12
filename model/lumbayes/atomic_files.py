"""Files and folders that appear whole under their name, or not at all."""

from __future__ import annotations

import errno
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lumbayes.errors import LumbayesError
from lumbayes.interrupts import before_the_end


def real_path(path: Path | str) -> Path:
    """Return where a path leads: what is written to a link goes to the file behind it.

    Examples
    --------
    >>> str(real_path("answers.csv"))
    'answers.csv'
    """
    return Path(os.path.realpath(path)) if Path(path).is_symlink() else Path(path)


def check_writable(path: Path | str) -> None:
    """Refuse a name that no file can have, or that belongs to a folder, a pipe or a device.

    Raises
    ------
    LumbayesError
        Says why, and what to do.

    Examples
    --------
    >>> check_writable("/dev/null")
    Traceback (most recent call last):
    lumbayes.errors.LumbayesError: /dev/null is a pipe or a device, not a file. Name a file.
    """
    try:
        os.lstat(path)
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:
            raise LumbayesError(f"{path}: the name is too long for a file. Shorten it.") from None
    real = real_path(path)
    folder = real.absolute().parent
    if real.is_dir():
        raise LumbayesError(f"{path} is a folder. Name a file in it.")
    if real.exists() and not real.is_file():
        raise LumbayesError(f"{path} is a pipe or a device, not a file. Name a file.")
    if not folder.is_dir():
        raise LumbayesError(f"{path}: there is no folder {real.parent}. Make it first.")
    if not os.access(folder, os.W_OK):
        raise LumbayesError(f"{path} cannot be written: no permission in {folder}.")


@contextmanager
def atomic_path(path: Path | str) -> Iterator[Path]:
    """Yield a free name beside a path; what is written there takes the name of the path at the end.

    After an error nothing is left. A file that was there before is replaced; a link stays, and the
    file behind it is replaced.

    Raises
    ------
    LumbayesError
        As of ``check_writable``, before anything is written, or that the disk is full or fails.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder) / "note.txt"
    ...     with atomic_path(path) as unfinished:
    ...         _ = unfinished.write_text("whole")
    ...         before = path.exists()
    ...     before, path.read_text()
    (False, 'whole')
    """
    check_writable(path)
    real = real_path(path)
    unfinished = real.with_name(f".{secrets.token_hex(8)}.unfinished")
    with before_the_end(lambda: remove(unfinished)):
        try:
            yield unfinished
            unfinished.replace(real)
        except OSError as error:
            advice = "Free some space." if error.errno == errno.ENOSPC else "Check the path."
            message = f"{path} cannot be written: {error.strerror or error}. {advice}"
            raise LumbayesError(message) from None
        finally:
            remove(unfinished)


def remove(path: Path) -> None:
    """Remove a file, or a folder with all that is in it; nothing there is no error."""
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def atomic_write(path: Path | str, content: bytes) -> None:
    """Write a file that appears whole or not at all.

    Raises
    ------
    LumbayesError
        As of ``atomic_path``.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     atomic_write(f"{folder}/a.txt", b"whole")
    ...     [path.name for path in Path(folder).iterdir()]
    ['a.txt']
    """
    with atomic_path(path) as unfinished:
        unfinished.write_bytes(content)
