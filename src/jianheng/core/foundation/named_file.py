"""A file as a person named it: there, or what stands in its place, in words that the person reads."""

from __future__ import annotations

import errno
from pathlib import Path

from jianheng.core.foundation.errors import Problem, UsageProblem

_REASONS = {
    errno.ENOENT: "没有这个文件",
    errno.EISDIR: "这是一个文件夹",
    errno.ENOTDIR: "路径中有一段不是文件夹",
    errno.EACCES: "没有读取的权限",
    errno.EPERM: "没有读取的权限",
    errno.ENAMETOOLONG: "文件名太长",
    errno.EIO: "磁盘读写出错",
    errno.ENOSPC: "磁盘满了",
}


def why_unreadable(error: OSError) -> str:
    """Why the system would not read a file, without a full stop."""
    return _REASONS.get(error.errno or 0) or f"系统错误 {errno.errorcode.get(error.errno or 0, '不明')}"


def named_file_problem(path: Path, wanted: str, hint: str = "") -> Problem | None:
    """What is wrong (U104) if ``path`` cannot be read as a file; ``wanted`` says which file it should have been.

    ``hint`` is what to do about a folder.
    """
    try:
        if path.exists() and not path.is_file() and not path.is_dir():  # a pipe would keep us waiting for a writer
            return Problem(
                "U104", f"这不是普通文件，应是{wanted}。", file=str(path), hint="请先存成文件，再写它的路径。"
            )
        with path.open("rb"):
            return None
    except (OSError, ValueError) as error:  # ValueError: a character that no path has
        folder = path.is_dir()
        seen = "这是一个文件夹" if folder else why_unreadable(error) if isinstance(error, OSError) else "不是文件名"
        todo = (hint or "请写到其中那一个文件。") if folder else "请核对写的路径和文件名。"
        return Problem("U104", f"{seen}，应是{wanted}。", file=str(path), hint=todo)


def require_named_file(path: Path, wanted: str, hint: str = "") -> None:
    """Raises UsageProblem (U104) unless ``path`` is a file that can be read; see :func:`named_file_problem`."""
    problem = named_file_problem(path, wanted, hint)
    if problem:
        raise UsageProblem(problem)
