"""Run a command that dies when whoever started it dies: ``leash.py SIGNAL USER COMMAND…`` (USER may be empty).

A test run that is killed cannot clean up; the kernel can. Becomes the command by exec, so the pid is the command's.
Where the system has no such wish (macOS), it only starts the command.
"""

import ctypes
import os
import pwd
import signal
import sys

PR_SET_PDEATHSIG = 1


def main(signal_name: str, user: str, *command: str) -> None:
    if user:
        entry = pwd.getpwnam(user)
        os.setgroups([])
        os.setgid(entry.pw_gid)
        os.setuid(entry.pw_uid)
    if sys.platform == "linux":
        # After setuid, which would clear it.
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.Signals[signal_name].value)
    os.execvp(command[0], command)  # noqa: S606


if __name__ == "__main__":
    main(*sys.argv[1:])
