"""How the tests talk with an official library: one JSON request and one JSON answer per line.

A request is {"do": name, ...arguments}; an answer is {"ok": result} or {"error": text}. The process ends with its standard input.
Libraries print what they like on standard output; it goes to standard error here.
"""

import json
import os
import sys


def serve(**functions):
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = {"ok": functions[request.pop("do")](**request)}
        except BaseException as error:  # some of their errors are no Exception
            answer = {"error": f"{type(error).__name__}: {error}"}
        answers.write(json.dumps(answer) + "\n")
