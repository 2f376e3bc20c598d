"""Times chrF of translations, sentence by sentence, in sacrebleu, and prints the scores in percent.

Usage: chrf.py FILE; the file has a JSON list of pairs: a translation and its reference.
"""

import json
import sys
import time

from sacrebleu.metrics import CHRF

pairs = json.load(open(sys.argv[1], encoding="utf-8"))
chrf = CHRF()
started = time.perf_counter()
scores = [chrf.sentence_score(answer, [reference]).score for answer, reference in pairs]
print(json.dumps({"seconds": time.perf_counter() - started, "scores": scores}))
