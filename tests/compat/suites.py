#!/usr/bin/env python3
"""Runs the official end-to-end tests of SDK 10.2.0 and btcli 9.21.2, unmodified, against our node.

    make compat SDK_TESTS=DIR BTCLI_TESTS=DIR [ONLINE=1] [ONLY="file::test file ..."] [TIMEOUT=SECONDS]
    suites.py --sdk DIR --btcli DIR [--online] [--only "file::test file ..."] [--timeout SECONDS] [--list]

DIR is a checkout of the official repository at the tag of the client (v10.2.0, v9.21.2). Only its `tests` folder is used: it is copied,
so that the checkout cannot shadow the installed client. Without `--online` the tests are left out that fetch and start programs of the
official subnet template, which ask the internet for their address; those that need a part of the chain that comes later are always left out.
`suites.txt` accounts for every test of both checkouts: a test that stands in no row, or in two, ends the run before it begins.

Each test runs by itself, on a fresh chain that `scripts/localnet.sh` starts on ports 9944 and 9945. Clients are installed once, with the
pinned packages of `requirements-*-suite.txt`, under MYELIN_CACHE. What a test printed is kept in MYELIN_CACHE/compat/logs.
Ends with 0 if every test passed.
"""

import argparse
import ast
import hashlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).resolve().parent
CACHE = Path(os.environ.get("MYELIN_CACHE") or Path.home() / ".cache/myelin") / "compat"
LOCALNET = HERE.parent.parent / "scripts/localnet.sh"
TAGS = {"sdk": "v10.2.0", "btcli": "v9.21.2"}
E2E = Path("tests/e2e_tests")
PORTS = (9944, 9945)
# Marks of suites.txt: what a test needs, and when it is there.
NEEDS = {
    "internet": "ONLINE=1 runs them",
    "shield": "the stage of official defaults brings it",
    "timelock": "the stage of official defaults brings it",
    "crowdloan": "the stage of official defaults brings it",
    "coldkey-swap": "the stage of official defaults brings it",
    "upstream": "their own authors skip them",
}
# Of Python 3, for which there are the pinned packages.
MINORS = range(11, 14)


class Test(NamedTuple):
    group: str
    suite: str
    name: str  # file::test
    needs: str  # "", or a key of NEEDS


def main():
    asked = arguments()
    checkouts = {suite: checkout(suite, getattr(asked, suite)) for suite in TAGS if getattr(asked, suite)}
    if not checkouts:
        sys.exit(
            "compat: name at least one checkout of the official tests: make compat SDK_TESTS=DIR (tag v10.2.0), BTCLI_TESTS=DIR (tag v9.21.2)"
        )
    tests, left_out = select(planned(checkouts), asked.only.split(), asked.online)
    if not all(is_installed(suite) for suite in checkouts):
        python()  # Whoever has none hears of it before anything is built.
    if asked.list:
        print(*(f"{test.group} {test.suite:5} {test.name}" for test in tests), sep="\n")
        return
    for suite, folder in checkouts.items():
        copy(suite, folder)
    clients = {suite: install(suite) for suite in {test.suite for test in tests}}
    results = {}
    for place, test in enumerate(tests, 1):
        started = time.time()
        outcome, why = run(test, clients[test.suite], asked)
        results[test] = outcome
        took = time.time() - started
        print(f"[{place}/{len(tests)}] {outcome:7} {took:5.0f} s  {test.group} {test.suite} {test.name}  {why}", flush=True)
    report(results, left_out)
    sys.exit(any(outcome != "passed" for outcome in results.values()))


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sdk", type=Path)
    parser.add_argument("--btcli", type=Path)
    parser.add_argument("--online", action="store_true")
    parser.add_argument("--only", default="")
    parser.add_argument("--list", action="store_true", help="only says what would run")
    parser.add_argument("--timeout", type=int, default=1_200, help="seconds for one test")
    return parser.parse_args()


def checkout(suite, folder):
    """The folder of a checkout, after looking at what it is."""
    if not (folder / E2E).is_dir():
        sys.exit(f"compat: {folder} has no {E2E}; check out {TAGS[suite]} of the official repository there")
    git = subprocess.run(
        ["git", "-C", folder, "describe", "--tags", "--always", "--dirty"], capture_output=True, text=True
    )
    version = git.stdout.strip() if (folder / ".git").exists() and git.returncode == 0 else "no git checkout, version unknown"
    if version != TAGS[suite]:
        print(f"compat: the {suite} tests are meant to be those of {TAGS[suite]}; {folder} is: {version}", file=sys.stderr)
    return folder


def copy(suite, folder):
    """Makes a private copy of the tests of a checkout."""
    private = CACHE / "checkouts" / suite
    shutil.rmtree(private, ignore_errors=True)
    shutil.copytree(folder / "tests", private / "tests")


def planned(checkouts):
    """Every test of the checkouts, in the order of suites.txt."""
    found = {suite: official_tests(folder) for suite, folder in checkouts.items()}
    lines = [line.split() for line in (HERE / "suites.txt").read_text().splitlines()]
    placed = {}
    for group, suite, row, *marks in (line for line in lines if line and line[0] != "#"):
        if suite not in checkouts:
            continue
        needs = " ".join(marks)
        if needs and needs not in NEEDS:
            sys.exit(f"compat: suites.txt marks {row} with {needs}; the marks are {', '.join(NEEDS)}")
        here = [name for name in found[suite] if matches(name, row)]
        if not here:
            sys.exit(f"compat: the {suite} checkout has no test {row}; is it {TAGS[suite]}?")
        for name in here:
            if (suite, name) in placed:
                sys.exit(f"compat: {suite} {name} stands in two rows of suites.txt; write the rows apart")
            placed[suite, name] = Test(group, suite, name, needs)
    missing = [f"{suite} {name}" for suite, names in found.items() for name in names if (suite, name) not in placed]
    if missing:
        sys.exit("\n  ".join(["compat: suites.txt has no row for these tests; add them, with a mark if they cannot run:", *missing]))
    return list(placed.values())


def official_tests(folder):
    """Names of all tests of a checkout, file::test."""
    names = (
        f"{path.name}::{node.name}"
        for path in sorted((folder / E2E).glob("test_*.py"))
        for node in ast.parse(path.read_text()).body
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name.startswith("test_")
    )
    return list(dict.fromkeys(names))


def matches(name, wanted):
    return name.startswith(wanted[:-1]) if wanted.endswith("*") else name == wanted


def select(tests, only, online):
    tests = list(tests)
    names = {test.name for test in tests}
    for wanted in only:
        if not any(name.startswith(wanted) for name in names):
            sys.exit(f"compat: no test is or begins with {wanted}; suites.txt lists them")
    # A whole name is that test alone, anything else the beginning of names.
    asked = [wanted if wanted in names else f"{wanted}*" for wanted in only]
    tests = [test for test in tests if not only or any(matches(test.name, wanted) for wanted in asked)]
    left_out = [test for test in tests if test.needs and not (online and test.needs == "internet")]
    if len(left_out) == len(tests):
        sys.exit(f"compat: all that was asked for is left out: it needs {' or '.join(sorted({test.needs for test in left_out}))}")
    return [test for test in tests if test not in left_out], left_out


def pins(suite):
    return HERE / f"requirements-{suite}-suite.txt"


def environment(suite):
    return CACHE / f"{suite}-{hashlib.sha256(pins(suite).read_bytes()).hexdigest()[:12]}"


def is_installed(suite):
    return (environment(suite) / "complete").exists()


def install(suite):
    """The environment with the pinned client; made once for every content of the list."""
    folder = environment(suite)
    if not is_installed(suite):
        print(f"compat: installing the {suite} client into {folder}", flush=True)
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run([python(), "-m", "venv", folder], check=True)
        # The list is complete; what packages say they need contradicts what they run with.
        subprocess.run([folder / "bin/pip", "install", "-q", "--no-deps", "--require-hashes", "-r", pins(suite)], check=True)
        (folder / "complete").touch()
    return folder


def python():
    """A Python for which there are the pinned packages."""
    versions = [f"3.{minor}" for minor in MINORS]
    for name in (os.environ.get("MYELIN_PYTHON"), "python3", *(f"python{version}" for version in versions)):
        path = name and shutil.which(name)
        asked = path and subprocess.run([path, "-c", "import ensurepip, venv, sys; print('%d.%d' % sys.version_info[:2])"], capture_output=True, text=True)
        if asked and asked.stdout.strip() in versions:
            return path
    sys.exit(
        f"compat: the clients need Python {versions[0]} to {versions[-1]} with venv, and there is none on the path; "
        "install python3-venv, or name one with MYELIN_PYTHON=/path/to/python3"
    )


def run(test, client, asked):
    """Outcome and, if it is not `passed`, the reason in one line."""
    taken = [port for port in PORTS if not is_free(port)]
    if taken:
        return "failed", f"port {taken[0]} is taken; each test starts a chain of its own there. End what listens, another node?"
    folder = CACHE / "checkouts" / test.suite
    log = CACHE / "logs" / f"{test.suite}-{re.sub('[^a-z0-9_]+', '-', test.name)}.log"
    home = CACHE / "home"
    # The second are the wallets that the suites write.
    for left in (home, *Path("/tmp").glob("btcli-e2e-wallet-*")):
        shutil.rmtree(left, ignore_errors=True)
    home.mkdir(parents=True)
    log.parent.mkdir(exist_ok=True)
    environment = {
        **os.environ,
        "HOME": str(home),
        "PATH": f"{client / 'bin'}:{os.environ['PATH']}",
        "USE_DOCKER": "0",
        "LOCALNET_SH_PATH": str(LOCALNET),
        "MYELIN_CACHE": str(CACHE.parent),
        # What an axon announces, instead of asking public servers for the address.
        "BT_AXON_EXTERNAL_IP": "203.0.113.1",
    }
    command = [client / "bin/python", "-m", "pytest", "-p", "no:cacheprovider", "-q", "--tb=short", str(E2E / test.name)]
    with log.open("w") as out:
        pytest = subprocess.Popen(
            command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True
        )
        try:
            code = pytest.wait(asked.timeout)
        except subprocess.TimeoutExpired:
            code = None
        end_session(pytest)
    printed = log.read_text(errors="replace")
    if code == 0 and re.search(r"^\d+ passed", printed, re.MULTILINE):
        return "passed", ""
    if code is None:
        return "timeout", f"longer than {asked.timeout} s"
    reasons = [line[1:].strip() for line in printed.splitlines() if line.startswith("E   ")]
    return "failed", (reasons or printed.strip().splitlines() or ["it printed nothing"])[0][:160]


def is_free(port):
    """Whether nobody listens, at the latest in half a minute: the chain of the test before may still be ending."""
    for _ in range(60):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return True
        time.sleep(0.5)
    return False


def end_session(process):
    """Ends a test, also where it hangs; its chain, in a session of its own, ends with the pipe's reader or here."""
    children = descendants(process.pid)
    for stop in (signal.SIGTERM, signal.SIGKILL):
        for pid in [process.pid, *children]:
            try:
                os.kill(pid, stop)
            except ProcessLookupError:
                pass
        if stop == signal.SIGTERM and children:
            time.sleep(1)
    process.wait()


def descendants(pid):
    children = Path(f"/proc/{pid}/task/{pid}/children")
    direct = [int(child) for child in children.read_text().split()] if children.exists() else []
    return direct + [pid for child in direct for pid in descendants(child)]


def report(results, left_out):
    tests = [*results, *left_out]
    columns = ["passed", "failed", *(needs for needs in NEEDS if any(test.needs == needs for test in left_out))]
    print(f"\n| group | tests | {' | '.join(columns)} |\n|{'---|' * (len(columns) + 2)}")
    for group in [*sorted({test.group for test in tests}, key=lambda group: int(group[1:])), "all"]:
        here = [test for test in tests if group in (test.group, "all")]
        states = ["passed" if results.get(test) == "passed" else "failed" if test in results else test.needs for test in here]
        print(f"| {group} | {len(here)} | {' | '.join(str(states.count(column)) for column in columns)} |")
    for needs, when in NEEDS.items():
        names = [f"{test.suite} {test.name}" for test in left_out if test.needs == needs]
        if names:
            print(f"\nLeft out, {needs} ({when}):", *names, sep="\n  ")
    failed = [f"{test.suite} {test.name}" for test, outcome in results.items() if outcome != "passed"]
    if failed:
        print(f"\nNot passed; logs are in {CACHE / 'logs'}:", *failed, sep="\n  ")


if __name__ == "__main__":
    main()
