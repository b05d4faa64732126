#!/usr/bin/env python3
"""Holds the sources to the order of modules.

    tests/module_order.py [--strict] [ROOT]        prints each violation and ends with 1 if there is one

The table of src/README.md says which modules there are, lowest first. A module includes only its own headers and those of
modules that it lists under DEPENDS in its CMakeLists.txt, all of them above it in the table; and no module parses a heavy
library because it uses another module's header. A header that only its own module includes may hold one; --strict names
those too.
"""

import pathlib
import re
import sys

SOURCES = {".h", ".cpp"}
HEAVY = re.compile(r"^(boost/beast|rocksdb/|soci/|soci\.h|simdjson|jwt\.h|openssl/|librdkafka/|sqlite3\.h|sodium)")
# The precompiled header is there to hold them.
MAY_BE_HEAVY = {"net/precompiled.h"}
INCLUDE = re.compile(r'^\s*#\s*include\s*(["<])([^">]+)[">]', re.MULTILINE)
TABLE_ROW = re.compile(r"^\|\s*([a-z_]+)\s*\|", re.MULTILINE)


def table(src):
    """The modules in the order of src/README.md."""
    return [name for name in TABLE_ROW.findall((src / "README.md").read_text()) if name != "module"]


def cmake_order(src):
    found = re.search(r"set\(IOT_MODULE_ORDER\s+([^)]*)\)", (src / "CMakeLists.txt").read_text())
    return found.group(1).split() if found else []


def dependencies(cmake_text, module):
    """What iot_module(<module> ...) lists under DEPENDS; None if there is no such call."""
    text = re.sub(r"#.*", "", cmake_text)
    call = re.search(rf"iot_module\(\s*{module}\b([^)]*)\)", text)
    if not call:
        return None
    words = call.group(1).split()
    if "DEPENDS" not in words:
        return []
    listed = []
    for word in words[words.index("DEPENDS") + 1:]:
        if word.isupper():
            break
        listed.append(word)
    return listed


def violations(root, strict=False):
    """Each broken rule as a line of text."""
    src = pathlib.Path(root) / "src"
    modules = table(src)
    found = []
    if not modules:
        return ["src/README.md: no table of modules"]
    if cmake_order(src) != modules:
        found.append("src/CMakeLists.txt: IOT_MODULE_ORDER differs from the table in src/README.md")
    for directory in sorted(path.name for path in src.iterdir() if path.is_dir()):
        if directory not in modules:
            found.append(f"src/{directory}: not in the table of src/README.md")
    for rank, module in enumerate(modules):
        found += module_violations(src, module, modules[:rank], modules)
    return found + heavy_violations(src, modules, strict)


def heavy_violations(src, modules, strict):
    """Headers that bring a heavy library into another module, or, with `strict`, hold one at all."""
    files = {path.relative_to(src).as_posix(): path.read_text()
             for module in modules for path in sorted((src / module).rglob("*")) if path.suffix in SOURCES}
    includes = {name: [target for _, target in INCLUDE.findall(text)] for name, text in files.items()}
    found = []
    for name, targets in includes.items():
        heavy = [target for target in targets if HEAVY.match(target)]
        if not heavy or not name.endswith(".h") or name in MAY_BE_HEAVY:
            continue
        strangers = sorted(user for user in users_of(name, includes) if user.split("/")[0] != name.split("/")[0])
        if strangers:
            found.append(f"src/{name}: brings {heavy[0]}, which is heavy, into {strangers[0]}")
        elif strict:
            found.append(f"src/{name}: {heavy[0]} is heavy and belongs into a .cpp")
    return found


def users_of(header, includes):
    """The files that include the header, directly or through others."""
    users, new = set(), {header}
    while new:
        new = {name for name, targets in includes.items() if name not in users and new.intersection(targets)}
        users |= new
    return users


def module_violations(src, module, below, modules):
    files = sorted(path for path in (src / module).rglob("*") if path.suffix in SOURCES)
    if not files:
        return []
    cmake = src / module / "CMakeLists.txt"
    listed = dependencies(cmake.read_text(), module) if cmake.exists() else None
    if listed is None:
        return [f"src/{module}/CMakeLists.txt: no iot_module({module} ...)"]
    found = [f"src/{module}/CMakeLists.txt: depends on {name}, which does not lie below it"
             for name in listed if name not in below]
    for file in files:
        found += file_violations(file.relative_to(src).as_posix(), file.read_text(), module, listed, modules)
    return found


def file_violations(name, text, module, listed, modules):
    found = []
    for quote, target in INCLUDE.findall(text):
        first = target.split("/")[0]
        if quote == '"' and ("/" not in target or first not in modules):
            found.append(f'src/{name}: "{target}" does not begin with a module')
        elif quote == "<" and "/" in target and first in modules:
            found.append(f"src/{name}: <{target}> belongs in quotes")
        elif quote == '"' and first != module and first not in listed:
            found.append(f'src/{name}: "{target}", but {module} does not list {first} under DEPENDS')
    return found


def main():
    arguments = [argument for argument in sys.argv[1:] if argument != "--strict"]
    root = pathlib.Path(arguments[0]) if arguments else pathlib.Path(__file__).resolve().parents[1]
    found = violations(root, strict="--strict" in sys.argv)
    for line in found:
        print(line)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
