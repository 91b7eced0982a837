"""Run a function in a child of this process and stop it at every system call (Linux, x86-64).

Standard: ptrace(2); PTRACE_GET_SYSCALL_INFO since Linux 5.3.
"""

from __future__ import annotations

import ctypes
import os
import platform
import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import NoReturn

_TRACEME, _SYSCALL, _SETOPTIONS, _INFO = 0, 24, 0x4200, 0x420E
_GOOD, _EXITKILL = 1, 0x100000
_ENTRY = 1
_O_CREAT = 0o100

#: System calls of x86-64 after which the disk, or a lock, may be another.
CHANGING = {
    1: "write",
    3: "close",
    18: "pwrite64",
    20: "writev",
    72: "fcntl",
    73: "flock",
    74: "fsync",
    75: "fdatasync",
    76: "truncate",
    77: "ftruncate",
    82: "rename",
    83: "mkdir",
    84: "rmdir",
    86: "link",
    87: "unlink",
    90: "chmod",
    91: "fchmod",
    258: "mkdirat",
    263: "unlinkat",
    264: "renameat",
    265: "linkat",
    268: "fchmodat",
    285: "fallocate",
    296: "pwritev",
    316: "renameat2",
}
FSYNC = frozenset({74, 75})
_OPENAT = 257


class _Info(ctypes.Structure):
    _fields_ = (
        ("op", ctypes.c_uint8),
        ("pad", ctypes.c_uint8 * 3),
        ("arch", ctypes.c_uint32),
        ("ip", ctypes.c_uint64),
        ("sp", ctypes.c_uint64),
        ("values", ctypes.c_uint64 * 8),
    )


@dataclass(frozen=True)
class Stop:
    """A child that stands at a system call: about to enter it, or just back from it."""

    pid: int
    number: int
    entering: bool
    arguments: tuple[int, ...]
    result: int

    @property
    def name(self) -> str:
        """Of a call that changes something; '' of any other."""
        if self.number == _OPENAT:
            return "openat" if self.arguments[2] & _O_CREAT else ""
        return CHANGING.get(self.number, "")


@lru_cache(maxsize=1)
def _libc() -> ctypes.CDLL:
    library = ctypes.CDLL(None, use_errno=True)
    library.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
    library.ptrace.restype = ctypes.c_long
    return library


def refused() -> str:
    """Why nothing can be traced here; '' when it can."""
    if sys.platform != "linux" or platform.machine() != "x86_64":
        return "ptrace as used here is of Linux on x86-64"
    try:
        count = sum(stop.entering for stop in stops(os.getppid))
    except OSError as error:
        return f"ptrace is refused: {error}"
    return "" if count else "ptrace shows no system call"


def stops(function: Callable[[], object]) -> Iterator[Stop]:
    """Every entry to and return from a system call of `function` in a fork of this process.

    A caller that stops to iterate kills the child where it stands, as SIGKILL does: the call that
    it is about to enter does not happen.
    """
    pid = os.fork()
    if pid == 0:
        _be_traced(function)
    ended = False
    try:
        _, status = os.waitpid(pid, 0)
        ended = os.WIFEXITED(status)
        if ended:
            raise OSError(0, "the child could not be traced")
        _ask(_SETOPTIONS, pid, 0, _GOOD | _EXITKILL)
        info, number, arguments = _Info(), 0, (0,)
        while True:
            _ask(_SYSCALL, pid)
            _, status = os.waitpid(pid, 0)
            ended = os.WIFEXITED(status) or os.WIFSIGNALED(status)
            if ended and status:
                raise ChildProcessError(f"the child ended with status {status}")
            if ended:
                return
            if os.WSTOPSIG(status) != signal.SIGTRAP | 0x80:
                continue  # a signal, which is not passed on
            _ask(_INFO, pid, ctypes.sizeof(info), ctypes.byref(info))
            entering = info.op == _ENTRY
            if entering:
                number, arguments = info.values[0], tuple(info.values[1:7])
            result = 0 if entering else ctypes.c_int64(info.values[0]).value
            yield Stop(pid, number, entering, arguments, result)
    finally:
        if not ended:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


def _be_traced(function: Callable[[], object]) -> NoReturn:
    try:
        _ask(_TRACEME, 0)
        os.kill(os.getpid(), signal.SIGSTOP)
        function()
        os._exit(0)
    except BaseException:  # a child of a test never returns into it
        os._exit(9)


def _ask(request: int, pid: int, address: int = 0, data: object = None) -> None:
    if _libc().ptrace(request, pid, address, data) < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
