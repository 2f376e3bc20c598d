"""Prints every command of the installed `btcli` with the names of its options: {"stake add": ["--amount", ...], ...}.

A group or command with several names is listed once, under the name that `--help` shows first.
"""

import json

import typer

try:
    from bittensor_cli.cli import CLIManager

    app = CLIManager().app
except ModuleNotFoundError:
    from bittensor.cli.main import app


def commands(group, path=()):
    """Every command below a group: its words, and what was written for it."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name), command


found, names = {}, {}
everything = list(commands(typer.main.get_command(app)))
for words, command in sorted(everything, key=lambda entry: entry[1].hidden):
    function = getattr(command.callback, "__wrapped__", command.callback)
    named = names.setdefault(function, set())
    if words[-1] in named or (named and command.hidden):
        continue
    named.add(words[-1])
    found[" ".join(words)] = [name for option in command.params for name in option.opts + option.secondary_opts]
print(json.dumps(found))
