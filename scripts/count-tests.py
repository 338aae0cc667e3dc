#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Counts meson's testlog.json (one object a line): prints "PASSED FAILED SKIPPED".

With --failures prints the name and the end of the output of each test that failed instead.
"""
import json
import sys

TAIL_LINES = 30


def results(path):
    with open(path, encoding="utf-8", errors="replace") as log:
        for line in log:
            if line.strip():
                yield json.loads(line)


def outcome(result):
    if result in ("OK", "EXPECTEDFAIL"):
        return "passed"
    if result in ("SKIP", "IGNORED"):
        return "skipped"
    return "failed"  # FAIL, ERROR, TIMEOUT, INTERRUPT, UNEXPECTEDPASS


def main():
    show_failures = sys.argv[1] == "--failures"
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    for test in results(sys.argv[-1]):
        kind = outcome(test["result"])
        counts[kind] += 1
        if show_failures and kind == "failed":
            print(f"--- {test['name']}: {test['result']}")
            text = test.get("stdout", "") + test.get("stderr", "")
            print("\n".join(text.splitlines()[-TAIL_LINES:]))
    if not show_failures:
        print(counts["passed"], counts["failed"], counts["skipped"])


main()
