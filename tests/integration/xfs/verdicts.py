#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
verdicts.py OURS THEIRS [DIFFERENCE...]

Compares what `holystone xfs -n --json` (OURS) and `xfs_scrub -n` (THEIRS) said of one file system,
object by object: which parts of which objects are damaged, which could be optimised, and what is
deceptive about which name. Folded consequences count as said. A DIFFERENCE is an object that only one of
them may and must name: "-AG 1 free list" only xfs_scrub, "+..." only holystone.
"""
import json
import re
import sys

INODE = re.compile(r"inode (\d+) \(\d+/\d+\)")
# Which of several names that look alike is the other one depends on what was met first.
TWIN = re.compile(r"(renders identically to|could be confused with) .*?( due to .*)?\.$")


def plain(text):
    return TWIN.sub(r"\1 ...\2.", INODE.sub(r"inode \1", text))


def theirs(path):
    said = set()
    for line in open(path, encoding="utf-8", errors="surrogateescape"):
        line = plain(line.rstrip("\n"))
        if m := re.match(r"Corruption: (.*): Repairs are required\.$", line):
            said.add(m[1])
        elif m := re.match(r"Info: (.*): Optimization is possible\.$", line):
            said.add("optimize " + m[1])
        elif m := re.match(r"Info: .*: Optimizations of (.*) are possible\.$", line):
            said.add("optimize " + m[1])
        elif m := re.match(r"(?:Warning|Info): (.*: Unicode name .*)", line):
            said.add(m[1])
        elif m := re.match(r"Warning: (.*): Possibly suspect metadata\.$", line):
            said.add("suspect " + m[1])
    return said


def place(target, finding):
    if "path" in finding:
        path = finding["path"]
        return target if path == "/" else target + path
    name = plain(finding.get("object", ""))
    if name == "label":
        return target
    return "" if name in ("file system", "inodes", "realtime volume") else name


def ours(path):
    said = set()
    for line in open(path, encoding="utf-8"):
        if not line.startswith("{"):
            continue
        f = json.loads(line)
        if f["type"] != "finding":
            continue
        target = f["target"]
        what = f["message"].split(": ")[0]
        here = (place(target, f) + " " + what).strip()
        if f["rule"] == "XFS-CORRUPT":
            said.add(here)
            for s in f.get("symptoms", []):
                if s.get("rule") == "XFS-CORRUPT":
                    said.add((place(target, s) + " " + s["message"].split(": ")[0]).strip())
        elif f["rule"] == "XFS-PREEN":
            said.add("optimize " + here)
        elif f["rule"] == "XFS-SUSPECT":
            said.add("suspect " + here)
        elif f["rule"].startswith("XFS-NAME-"):
            said.add(place(target, f) + ": " + plain(f["message"] + "."))
    return said


def main():
    we, they = ours(sys.argv[1]), theirs(sys.argv[2])
    want = set(sys.argv[3:])
    got = {"+" + s for s in we - they} | {"-" + s for s in they - we}
    for s in sorted(got - want):
        print("only " + ("holystone" if s[0] == "+" else "xfs_scrub") + ": " + s[1:])
    for s in sorted(want - got):
        print("no longer a difference: " + s)
    return got != want


sys.exit(main())
