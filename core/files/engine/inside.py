"""The first program of a parser's box: shuts the doors that a parser has no use for, then calls the one function.

Run as a file, with nothing of the suite imported yet. Descriptors: 0 the source, 1 the result; by their numbers what to
do and where to say how it went. Whoever reads what is said there takes it for the word of a stranger.
"""

from __future__ import annotations

import ctypes
import errno
import importlib
import json
import os
import platform
import struct
import sys
import traceback
from typing import Any

REFUSED = """
execve 59 221; execveat 322 281; socket 41 198; ptrace 101 117; process_vm_readv 310 270; process_vm_writev 311
271; kcmp 312 272; keyctl 250 219; add_key 248 217; request_key 249 218; bpf 321 280; perf_event_open 298 241;
userfaultfd 323 282; io_uring_setup 425 425; io_uring_enter 426 426; io_uring_register 427 427; mount 165 40;
umount2 166 39; move_mount 429 429; open_tree 428 428; fsopen 430 430; fsconfig 431 431; fsmount 432 432; fspick
433 433; mount_setattr 442 442; pivot_root 155 41; setns 308 268; unshare 272 97; chroot 161 51; kexec_load 246
104; kexec_file_load 320 294; init_module 175 105; finit_module 313 273; delete_module 176 106; memfd_create 319
279; memfd_secret 447 447; mq_open 240 180; shmget 29 194; semget 64 190; msgget 68 186; open_by_handle_at 304
265; name_to_handle_at 303 264; fanotify_init 300 262; fanotify_mark 301 263; quotactl 179 60; quotactl_fd 443
443; personality 135 92; swapon 167 224; swapoff 168 225; reboot 169 142; sethostname 170 161; setdomainname 171
162; acct 163 89; syslog 103 116; pidfd_open 434 434; pidfd_getfd 438 438; pidfd_send_signal 424 424;
settimeofday 164 170; adjtimex 159 171; vhangup 153 58; migrate_pages 256 238; move_pages 279 239; fork 57 -;
vfork 58 -
"""
"""What a parser never needs, by its number on x86_64 and on aarch64 (-: it has none): other programs, addresses,
namespaces, mounts, memory that isn't counted, other processes, and the parts of the kernel that were broken most
often."""
KINDS = {"x86_64": (0, 0xC000003E, 56, 317), "aarch64": (1, 0xC00000B7, 220, 277)}
"""Machine -> its column above, its number for seccomp, the number of clone, the number of seccomp."""
CLONE3 = 435
THREAD = 0x00010000
"""The flag of clone that makes a thread, not a process."""


def shut() -> None:
    """Let the kernel refuse these calls from here on. Raises OSError or KeyError where it can't."""
    column, architecture, clone, seccomp = KINDS[platform.machine()]
    refused = [int(number) for call in REFUSED.split(";") if (number := call.split()[1 + column]) != "-"]
    load, equal, at_least, any_bit, give = 0x20, 0x15, 0x35, 0x45, 0x06
    allow, kill = 0x7FFF0000, 0x80000000
    refuse, unknown = (0x00050000 | number for number in (errno.EPERM, errno.ENOSYS))
    rules = [
        (load, 0, 0, 4),  # the processor whose numbers these are
        (equal, 1, 0, architecture),
        (give, 0, 0, kill),
        (load, 0, 0, 0),  # the number of the call
        (at_least, 0, 1, 0x40000000),
        (give, 0, 0, kill),
        (equal, 0, 1, CLONE3),  # its flags are out of sight: the C library then takes clone
        (give, 0, 0, unknown),
        *(rule for number in refused for rule in ((equal, 0, 1, number), (give, 0, 0, refuse))),
        (equal, 0, 3, clone),
        (load, 0, 0, 16),
        (any_bit, 1, 0, THREAD),
        (give, 0, 0, refuse),
        (give, 0, 0, allow),
    ]
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *rule) for rule in rules))
    program = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(rules), ctypes.addressof(code)))
    libc = ctypes.CDLL(None, use_errno=True)
    for call in ((libc.prctl, 38, 1, 0, 0, 0), (libc.syscall, seccomp, 1, 1, ctypes.byref(program))):
        if call[0](*call[1:]):
            raise OSError(ctypes.get_errno(), "the kernel didn't shut the doors")


def main() -> None:
    with os.fdopen(int(sys.argv[1]), "rb") as told:
        order = json.load(told)
    with os.fdopen(int(sys.argv[2]), "wb", buffering=0) as report:
        shut()
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        sys.path[:0] = ["/opt/code", "/opt/packages"]
        report.write(b"started\n")
        report.write(json.dumps(done(order)).encode())


def done(order: dict[str, Any]) -> dict[str, Any]:
    """Call the function. What went wrong is told without the words of an exception, which may hold data."""
    from core.files.unreadable import Unreadable

    try:
        function = getattr(importlib.import_module(order["module"]), order["function"])
        with open("/proc/self/fd/0", "rb") as source, os.fdopen(1, "wb") as result:  # noqa: PTH123
            value = function(source, result, **order["arguments"])
        return {"value": value}
    except Unreadable as error:
        return {"code": error.code, "details": error.details}
    except MemoryError:
        return {"code": "too_much_memory"}
    except BaseException as error:
        if isinstance(error, OSError) and error.errno == errno.EFBIG:
            return {"code": "result_too_large"}
        if isinstance(error, OSError) and error.errno in (errno.ENOMEM, errno.ENOSPC):
            return {"code": "too_much_memory"}
        frame = traceback.extract_tb(error.__traceback__)[-1]
        place = f"{type(error).__name__} at {os.path.basename(frame.filename)}:{frame.lineno}"  # noqa: PTH119
        return {"code": "broken", "place": place}


if __name__ == "__main__":
    main()
