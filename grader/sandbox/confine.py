"""What a worker gives up before it sees a student's code: other programs, other processes, and most of the kernel.

The filter (seccomp, Linux) stays until the process ends, and its threads have it too. The worker loads this file by its
path, so it needs only the standard library. On other systems, and other processors, there is no such filter.
"""

from __future__ import annotations

import ctypes
import errno
import platform
import struct
import sys

# System calls by name and number: x86_64 from asm/unistd_64.h, aarch64 from asm-generic/unistd.h; None where not there.
_CALLS: dict[str, tuple[int | None, int | None]] = {
    # other processes and programs
    "fork": (57, None), "vfork": (58, None), "execve": (59, 221), "execveat": (322, 281),
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271), "kcmp": (312, 272),
    "pidfd_open": (434, 434), "pidfd_getfd": (438, 438), "setsid": (112, 157), "setpgid": (109, 154),
    # namespaces and mounts
    "unshare": (272, 97), "setns": (308, 268), "mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41),
    "chroot": (161, 51), "open_tree": (428, 428), "move_mount": (429, 429), "fsopen": (430, 430),
    "mount_setattr": (442, 442), "open_by_handle_at": (304, 265), "name_to_handle_at": (303, 264),
    # sockets to anywhere; socketpair stays, which reaches only this process
    "socket": (41, 198), "connect": (42, 203), "bind": (49, 200), "listen": (50, 201), "accept": (43, 202),
    "accept4": (288, 242),
    # memory and files that no limit counts, and doors into the kernel that were often left open
    "memfd_create": (319, 279), "memfd_secret": (447, 447), "shmget": (29, 194), "mq_open": (240, 180),
    "msgget": (68, 186), "semget": (64, 190), "bpf": (321, 280), "perf_event_open": (298, 241),
    "userfaultfd": (323, 282), "io_uring_setup": (425, 425), "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427), "add_key": (248, 217), "request_key": (249, 218), "keyctl": (250, 219),
    "kexec_load": (246, 104), "init_module": (175, 105), "finit_module": (313, 273), "delete_module": (176, 106),
    "swapon": (167, 224), "swapoff": (168, 225), "reboot": (169, 142), "settimeofday": (164, 170),
    "clock_settime": (227, 112), "clock_adjtime": (305, 266), "adjtimex": (159, 171), "syslog": (103, 116),
    "acct": (163, 89), "quotactl": (179, 60), "personality": (135, 92), "sethostname": (170, 161),
    "setdomainname": (171, 162), "vhangup": (153, 58), "lookup_dcookie": (212, 18), "fanotify_init": (300, 262),
}  # fmt: skip
_CLONE, _CLONE3 = (56, 220), (435, 435)
_CLONE_THREAD = 0x00010000
_AUDIT_ARCH = (0xC000003E, 0xC00000B7)
_X32 = 0x40000000  # a second set of numbers for the same calls, on x86_64
# BPF (linux/filter.h): load a word of the call's data, compare, compute with, return.
_LOAD, _EQUAL, _AT_LEAST, _ANY_OF, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER, _ARCH, _FIRST_ARGUMENT = 0, 4, 16  # places in struct seccomp_data, little-endian
_KILL, _ERRNO, _ALLOW = 0x80000000, 0x00050000, 0x7FFF0000
_PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _FILTER = 38, 22, 2


def confine() -> bool:
    """Refuse, from here on, all calls of the kernel by which a process leaves its place; say whether that is possible.

    Refused calls raise PermissionError in Python. OSError if the kernel does not take the filter.
    """
    machines = {"x86_64": 0, "aarch64": 1, "arm64": 1}
    which = machines.get(platform.machine())
    if sys.platform != "linux" or which is None:
        return False
    program = _program(which)
    code = ctypes.create_string_buffer(program, len(program))

    class Filter(ctypes.Structure):
        _fields_ = [("length", ctypes.c_ushort), ("code", ctypes.c_void_p)]

    library = ctypes.CDLL(None, use_errno=True)
    taken = Filter(len(program) // 8, ctypes.addressof(code))
    for words in ((_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), (_PR_SET_SECCOMP, _FILTER, ctypes.byref(taken), 0, 0)):
        if library.prctl(*[ctypes.c_ulong(word) if isinstance(word, int) else word for word in words]) != 0:
            number = ctypes.get_errno()
            raise OSError(number, f"the kernel takes no filter: {errno.errorcode.get(number, number)}")
    return True


def _program(which: int) -> bytes:
    """Return the filter for x86_64 (0) or aarch64 (1): refuse what is listed, and clone unless it makes a thread."""
    numbers = [pair[which] for pair in _CALLS.values()]
    refused = sorted(number for number in numbers if number is not None)
    steps: list[tuple[int, int, int, int]] = [
        (_LOAD, 0, 0, _ARCH), (_EQUAL, 1, 0, _AUDIT_ARCH[which]), (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER),
    ]  # fmt: skip
    if which == 0:
        steps += [(_AT_LEAST, 0, 1, _X32), (_RETURN, 0, 0, _ERRNO | errno.ENOSYS)]
    # The C library falls back to clone, whose flags a filter can see, where there is no clone3.
    steps += [(_EQUAL, 0, 1, _CLONE3[which]), (_RETURN, 0, 0, _ERRNO | errno.ENOSYS)]
    steps += [
        (_EQUAL, 0, 4, _CLONE[which]), (_LOAD, 0, 0, _FIRST_ARGUMENT), (_ANY_OF, 0, 1, _CLONE_THREAD),
        (_RETURN, 0, 0, _ALLOW), (_RETURN, 0, 0, _ERRNO | errno.EPERM),
    ]  # fmt: skip
    for number in refused:
        steps += [(_EQUAL, 0, 1, number), (_RETURN, 0, 0, _ERRNO | errno.EPERM)]
    steps.append((_RETURN, 0, 0, _ALLOW))
    return b"".join(struct.pack("=HBBI", *step) for step in steps)
