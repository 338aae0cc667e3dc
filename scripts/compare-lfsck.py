#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Sets what holystone finds beside what LFSCK counted on the same damaged file systems.

	compare-lfsck.py HOLYSTONE SHARED		prints docs/lfsck-comparison.md
	compare-lfsck.py --check DOC HOLYSTONE SHARED	fails if DOC is another table

SHARED/images/lustre-2.17/faults holds one archive of targets a fault, with NAME.json: what was
planted, and LFSCK's counters in a dry run and in the repairing run after it. A row whose counters
differ needs a line in compare-lfsck.txt beside this script, and no other may have one.

Exits 77 when the images are not there.
"""
import collections
import json
import os
import pathlib
import subprocess
import sys
import tempfile

HEAD = """# Findings beside LFSCK's counters

Made by `scripts/compare-lfsck.py` from {n} file systems with damage planted on real Lustre 2.17; a
test fails when it does not match. *Findings* are holystone's, by rule (`holystone explain RULE`); one
in parentheses is undecided or a note. *holystone* are the counters that these findings make in
`holystone lustre check --stats`, *LFSCK, dry run* and *LFSCK, repair* are what Lustre's own LFSCK
counted, with the options shown; all under the names of a dry run, without those that are 0.
`inconsistent_phase1` and `2`, sums of the others, are left out.

| fault | findings | holystone | LFSCK, dry run | LFSCK, repair | difference |
|---|---|---|---|---|---|
"""

NAMES = {"updated": "inconsistent", "linkea_overflow_cleared": "linkea_overflow_inconsistent"}
SHORT = {"lfsck_namespace": "ns", "lfsck_layout": "lay", "oi_scrub": "oi"}
SUMS = ("inconsistent_phase", "repaired_phase", "updated_phase")


def counted(line):
    return (any(word in line for word in ("inconsisten", "repaired", "failed", "updated"))
            or line == "linkea_overflow_cleared") and not line.startswith(SUMS)


def add(counters, parameter, line, value):
    if not counted(line) or line.startswith("prior") or not str(value).isdigit() or not int(value):
        return
    line = NAMES.get(line, line.replace("repaired", "inconsistent"))
    counters[f"{SHORT[parameter.split('.')[-1]]}.{line}"] += int(value)


def lfsck(run):
    counters = collections.Counter()
    for parameter, lines in (run or {}).items():
        for line, value in lines.items():
            add(counters, parameter, line, value)
    return counters


def ours(program, archive):
    findings, counters = collections.Counter(), collections.Counter()
    with tempfile.TemporaryDirectory() as directory:
        subprocess.run(["tar", "-xf", archive, "-C", directory], check=True)
        targets = sorted(map(str, pathlib.Path(directory).rglob("*.img")))
        done = subprocess.run([program, "lustre", "check", "--json", "--stats", "--run-dir",
                               os.path.join(directory, "run"), *targets],
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    for text in done.stdout.splitlines():
        record = json.loads(text)
        if record["type"] == "finding":
            open_ = record["state"] == "undecided" or record["severity"] == "note"
            findings[f"({record['rule']})" if open_ else record["rule"]] += 1
        elif record["type"] == "lfsck":
            for line, value in record.items():
                add(counters, record["parameter"], line, value)
    return findings, counters


def text(counters):
    return ", ".join(f"{n} {key}" for key, n in sorted(counters.items())) or "-"


def load_differences():
    differences = {}
    for line in pathlib.Path(__file__).with_suffix(".txt").read_text().splitlines():
        if line and not line.startswith("#"):
            name, _, explanation = line.partition(": ")
            differences[name] = explanation
    return differences


def table(program, faults):
    differences = load_differences()
    rows, wrong = [], []
    for archive in sorted(faults.glob("*.tar.zst")):
        name = archive.name.removesuffix(".tar.zst")
        if name.endswith(".after"):
            continue
        told = json.loads((faults / f"{name}.json").read_text())
        findings, counters = ours(program, archive)
        dry, repair = lfsck(told.get("1-dryrun")), lfsck(told.get("2-repair"))
        difference = differences.pop(name, None)
        same = counters in (dry, repair) and sum(findings.values()) == sum(counters.values())
        if same and difference:
            wrong.append(f"{name}: explained, but there is no difference")
        if not same and not difference:
            wrong.append(f"{name}: not explained: {text(findings)} | {text(counters)} | "
                         f"{text(dry)} | {text(repair)}")
        rows.append(f"| {name} `{told['lfsck_options']}` | {text(findings)} | {text(counters)} | "
                    f"{text(dry)} | {text(repair)} | {difference or 'none'} |\n")
    wrong += [f"{name}: explained, but not an image" for name in differences]
    return HEAD.format(n=len(rows)) + "".join(rows), wrong


def main():
    arguments = sys.argv[1:]
    document = None
    if arguments[0] == "--check":
        document = pathlib.Path(arguments[1]).read_text()
        arguments = arguments[2:]
    faults = pathlib.Path(arguments[1]) / "images/lustre-2.17/faults"
    if not faults.is_dir():
        print(f"SKIPPED: no images in {faults}", file=sys.stderr)
        return 77
    made, wrong = table(arguments[0], faults)
    for line in wrong:
        print(line, file=sys.stderr)
    if document is None:
        sys.stdout.write(made)
    elif document != made:
        old, new = document.splitlines(), made.splitlines()
        for line in new:
            if line not in old:
                print(f"now: {line}", file=sys.stderr)
        print("the table is another: run scripts/compare-lfsck.py", file=sys.stderr)
        return 1
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
