#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Checks that the rooms under src/ depend on each other as docs/ARCHITECTURE.md says.

Reads every #include: "room/file.h" must be a room below (or the room itself), and a library that
belongs to one room must not be included elsewhere.
"""
import pathlib
import re
import sys

# room -> the rooms right below it; what those may use, it may use as well.
BELOW = {
    "base": [],
    "work": ["base"],
    "io": ["work"],
    "run": ["work"],
    "lustre": ["base"],
    "names": ["base"],
    "ldiskfs": ["io"],
    "media": ["io"],
    "report": ["run"],
    "repair": ["work"],
    "cluster": ["run"],
    "lfsck": ["lustre", "ldiskfs", "cluster", "names", "media", "repair", "run"],
    "xfs": ["names", "media", "repair", "run"],
    "appliance": ["base"],
    "cli": ["xfs", "lfsck", "report", "appliance"],
}

# Header of a library -> where it may be included.
LIBRARIES = {
    r"ext2fs/|et/com_err\.h": ["ldiskfs"],
    r"sqlite3\.h": ["run", "report"],
    r"unicode/": ["names"],
    r"mpi\.h": ["cluster/mpi.c"],
    r"liburing": ["io"],
    r"argp\.h": ["cli"],
    r"libmount/": ["xfs"],
    r"blkid/": ["cli"],
}

THREADS = re.compile(r"\b(pthread_create|thrd_create)\s*\(")
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


def closure(room, seen=None):
    seen = seen if seen is not None else set()
    for below in BELOW[room]:
        if below not in seen:
            seen.add(below)
            closure(below, seen)
    return seen


def check_local(header, room, root):
    other = header.split("/")[0] if "/" in header else None
    if other is None:
        return f'"{header}" is not written as "room/file.h"'
    if other not in BELOW:
        return f'"{header}" belongs to no room'
    if not (root / header).is_file():
        return f'"{header}" does not exist'
    if other != room and other not in closure(room):
        return f'"{header}": {room} must not depend on {other}'
    return None


def check_library(header, relative, room):
    for pattern, allowed in LIBRARIES.items():
        if re.match(pattern, header) and room not in allowed and relative not in allowed:
            return f"<{header}> belongs to {', '.join(allowed)}"
    return None


def check_file(path, root):
    relative = path.relative_to(root).as_posix()
    room = relative.split("/")[0]
    if room not in BELOW:
        yield 0, f"{room} is no known room: add it to BELOW in {sys.argv[0]}"
        return
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        match = INCLUDE.match(line)
        if match and match.group(1) == '"':
            problem = check_local(match.group(2), room, root)
        elif match:
            problem = check_library(match.group(2), relative, room)
        elif THREADS.search(line) and room != "work":
            problem = "threads are started in work/ only"
        else:
            problem = None
        if problem:
            yield number, problem


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "src")
    problems = 0
    for path in sorted(root.rglob("*.[ch]")):
        for number, problem in check_file(path, root):
            print(f"{path}:{number}: {problem}")
            problems += 1
    sys.exit(1 if problems else 0)


main()
