"""Switches on, in a copy of kataan's sources, what it leaves out without a standard library. Run in that copy."""

import pathlib
import re

GATE = 'feature = "std"'
# What uses nothing but functions of numbers: file, and where it begins and ends.
PLACES = [
    ("src/nbexec/expr.rs", None, None),
    ("src/nbexec/method_dispatch.rs", None, None),
    ("src/nbexec/native_dispatch.rs", "N_MATH_ABS => ", None),
    ("src/realm.rs", "/// `a ** b`", "#[cfg(test)]"),
    ("src/common/mod.rs", "/// `Math.round` with", "#[cfg(all(test"),
]
for name, begin, end in PLACES:
    path = pathlib.Path(name)
    text = path.read_text()
    first = text.index(begin) if begin else 0
    last = text.index(end, first) if end else len(text)
    part = text[first:last].replace(GATE, 'feature = "alloc"')
    text = text[:first] + part + text[last:]
    # After the page comment and the attributes of the file.
    place = re.search(r"^(use |mod |pub )", text, re.M).start()
    path.write_text(text[:place] + "#[allow(unused_imports)]\nuse crate::common::{FloatExt as _, Functions as _};\n" + text[place:])
