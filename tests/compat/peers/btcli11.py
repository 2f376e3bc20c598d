"""The command line of bittensor 11, loaded once: each command runs in a copy of this process, which ends with it."""

import functools
import os
import signal
import sys
import tempfile
import time
import traceback

import typer
from asked import serve
from bittensor.cli import main as official

# The package makes the tree of its commands anew for each, which takes most of its time.
typer.main.get_command = functools.cache(typer.main.get_command)


def below(group, path=()):
    """Every command that `--help` shows, with its words."""
    for name, command in group.commands.items():
        if command.hidden:
            continue
        if hasattr(command, "commands"):
            yield from below(command, (*path, name))
        else:
            yield " ".join((*path, name)), command


def commands():
    """By name, with the names of their options."""
    return {
        name: [word for option in command.params for word in option.opts + option.secondary_opts]
        for name, command in below(typer.main.get_command(official.app))
    }


def become(words, files, environment):
    """The command, in the copy."""
    code = 0
    try:
        for number, file in enumerate(files):
            os.dup2(file.fileno(), number)
        sys.stdin, sys.stdout, sys.stderr = open(0), open(1, "w"), open(2, "w")
        sys.argv = ["btcli", *words]
        os.environ.update(environment)
        official.main()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def run(words, answers="", seconds=60, environment={}):
    """What it printed, and its exit code; none if it did not end in time."""
    files = [tempfile.TemporaryFile() for _ in range(3)]
    files[0].write(answers.encode())
    files[0].seek(0)
    child = os.fork()
    if child == 0:
        become(words, files, environment)
    deadline, code = time.monotonic() + seconds, None
    while True:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            code = os.waitstatus_to_exitcode(status)
            break
        if time.monotonic() > deadline:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            break
        time.sleep(0.01)
    for file in files:
        file.seek(0)
    text, complaint = (file.read().decode(errors="replace") for file in files[1:])
    return {"code": code, "text": text, "complaint": complaint}


serve(commands=commands, run=run)
