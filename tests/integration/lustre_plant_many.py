#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Two and three faults at once, chosen at random: the check never crashes, and each fault is told.

A fault counts as told when a finding is about one of its objects, or names one of them among its
facts, symptoms or other objects: then another fault has masked it, and the finding says so.

With --planapply the plan of the run is carried out, too; then the check must be content.

usage: lustre_plant_many.py MKLUSTRE [--seeds N] [--first N] [--planapply PROGRAM] [--keep DIR]
HOLYSTONE names the program.
"""
import argparse
import concurrent.futures
import json
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile

import planned

CLUSTER = ["--mdts", "2", "--osts", "2", "--files", "120", "--preset", "rich",
           "--features", "metadata_csum,64bit", "-j", "1"]
# Faults that nothing need be said of, and those that make a target refuse to be opened.
SILENT = ("NONE:", "LAY-11", "NS-14")
JOBS = 2


def rules(mklustre):
    out = subprocess.run([mklustre, "--plant-list"], stdout=subprocess.PIPE, check=True)
    return [r for r in out.stdout.decode().split() if not r.startswith(SILENT)]


def told(fault, lines):
    """Findings are searched as text: an object may stand in any field of them."""
    wanted = set()
    for expected in fault["expected"]:
        wanted.update([expected.get("fid"), *expected.get("also", []), expected.get("target")])
    wanted.add(fault.get("fid"))
    wanted.discard(None)
    return any(w in line for line in lines for w in wanted)


def one(options, names, seed):
    """None, or what went wrong."""
    rnd = random.Random(seed)
    chosen = rnd.sample(names, rnd.choice((2, 3)))
    directory = tempfile.mkdtemp(dir=options.work)
    said = f"seed {seed}: {' '.join(chosen)}"
    try:
        made = subprocess.run([options.mklustre, "-o", directory, "--plant-seed", str(seed),
                               *[x for rule in chosen for x in ("--plant", rule)], *CLUSTER],
                              stderr=subprocess.PIPE, check=False)
        if made.returncode:
            return None  # no victims left that do not meet: not this test's matter
        with open(os.path.join(directory, "planted.jsonl"), encoding="utf-8") as f:
            planted = [json.loads(line) for line in f]
        images = sorted(pathlib.Path(directory).glob("*.img"))
        found = planned.findings(options.holystone, directory, images)
        lines = [json.dumps(f) for f in found]
        silent = [p["rule"] for p in planted if not told(p, lines)]
        if silent:
            return f"{said}: nothing said of {' '.join(silent)}"
        if options.planapply:
            wrong = planned.repaired(options.holystone, options.planapply, directory, images, found)
            if wrong:
                return f"{said}: {'; '.join(wrong)}"
    except (RuntimeError, subprocess.TimeoutExpired) as problem:
        return f"{said}: {problem}"
    finally:
        if not options.keep:
            shutil.rmtree(directory, ignore_errors=True)
    return None


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("mklustre")
    parser.add_argument("--seeds", type=int, default=40)
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--planapply", help="carry out the plan with this program")
    parser.add_argument("--keep")
    options = parser.parse_args()
    options.holystone = os.environ["HOLYSTONE"]
    names = rules(options.mklustre)
    with tempfile.TemporaryDirectory(prefix="holystone-many-") as work:
        options.work = options.keep or work
        seeds = range(options.first, options.first + options.seeds)
        with concurrent.futures.ThreadPoolExecutor(JOBS) as pool:
            failed = [x for x in pool.map(lambda s: one(options, names, s), seeds) if x]
    for line in failed:
        print(line)
    print(f"{options.seeds - len(failed)} of {options.seeds} as they should be")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
