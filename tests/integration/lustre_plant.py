#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Every rule of the Lustre check, planted in a made cluster and looked for.

One small cluster with everything in it is made and damaged for each rule; `holystone lustre check`
must report exactly what mklustre says it planted: rule, object, path, and nothing else. A matrix
of rules says what was found, missed and found besides.

With --planapply each finding must have a repair in the plan of the run, or say why there is none;
and once the plan has been carried out, the check must find nothing but what had none.

usage: lustre_plant.py MKLUSTRE [--seed N] [--plant-only] [--planapply PROGRAM] [--keep DIR]
                       [--json FILE] [RULE...]
HOLYSTONE names the program.
"""
import argparse
import concurrent.futures
import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import planned

CLUSTER = ["--mdts", "3", "--osts", "2", "--files", "300", "--preset", "rich",
           "--features", "metadata_csum,64bit"]
JOBS = 2
BLOCK = 4096
# What one fault may change: its records, their containers' checksums, bitmaps and counters.
MOST_BLOCKS = 12


def images(directory):
    return sorted(pathlib.Path(directory).glob("*.img"))


def run(args, ok=(0,)):
    done = subprocess.run([str(a) for a in args], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          check=False)
    if done.returncode not in ok:
        raise RuntimeError(f"{args[0]} exited {done.returncode}: "
                           + done.stderr.decode(errors="replace")[-400:])
    return done.stdout


def data_extents(fd, size):
    """Where a sparse file has data."""
    at = 0
    while at < size:
        try:
            start = os.lseek(fd, at, os.SEEK_DATA)
        except OSError:
            return
        at = os.lseek(fd, start, os.SEEK_HOLE)
        yield start // BLOCK, (at + BLOCK - 1) // BLOCK


def block_sums(image):
    """Sums of the blocks that hold anything but zeros."""
    sums = {}
    zero = bytes(BLOCK)
    with open(image, "rb", buffering=0) as f:
        for first, end in data_extents(f.fileno(), os.fstat(f.fileno()).st_size):
            f.seek(first * BLOCK)
            for number in range(first, end):
                block = f.read(BLOCK)
                if block != zero:
                    sums[number] = hashlib.blake2b(block, digest_size=8).digest()
    return sums


def changed_blocks(before, directory):
    changed = 0
    for image in images(directory):
        now, then = block_sums(image), before[image.name]
        changed += sum(now.get(k) != then.get(k) for k in now.keys() | then.keys())
    return changed


def answers(expected, finding):
    if expected["rule"] != finding["rule"]:
        return False
    if "fid" in expected:
        return finding.get("object") in [expected["fid"]] + expected.get("also", [])
    return expected["target"] in (finding.get("target"), finding.get("object"))


def same_path(wanted, got):
    """A shard is at its master's path, or below it by its own name."""
    return got is not None and (got == wanted or got.startswith(wanted + "/["))


def compare(planted, findings):
    """What was found, missed, found besides, and found at another path."""
    rest, found, missed, paths = list(findings), [], [], []
    for expected in (x for fault in planted for x in fault["expected"]):
        hits = [f for f in rest if answers(expected, f)]
        if not hits:
            missed.append(expected)
            continue
        # One of a file's objects stands for all of them; a second finding is one too many.
        rest.remove(hits[0])
        found.append(expected)
        if "path" in expected and not same_path(expected["path"], hits[0].get("path")):
            paths.append((expected["path"], hits[0].get("path")))
    if any(fault["rule"].startswith("META-") for fault in planted):
        # What could not be read leaves things open; that is said, not concluded.
        rest = [f for f in rest if f.get("state") != "undecided"]
    return found, missed, rest, paths


def short(item):
    return f"{item['rule']} {item.get('fid') or item.get('object') or item.get('target')}"


def plant(options, before, rule):
    directory = tempfile.mkdtemp(dir=options.work)
    result = {"rule": rule, "found": [], "missed": [], "extra": [], "paths": [], "error": None}
    try:
        run([options.mklustre, "-o", directory, "-j", "1", "--plant", rule,
             "--plant-seed", options.seed] + CLUSTER)
        with open(os.path.join(directory, "planted.jsonl"), encoding="utf-8") as f:
            planted = [json.loads(line) for line in f]
        result["planted"] = planted
        blocks = changed_blocks(before, directory)
        result["blocks"] = blocks
        if len(planted) != 1 or planted[0]["rule"] != rule:
            result["error"] = "planted.jsonl does not name the fault"
        elif blocks > MOST_BLOCKS or (blocks == 0):
            result["error"] = f"{blocks} blocks changed"
        if not options.plant_only:
            findings = planned.findings(options.holystone, directory, images(directory))
            found, missed, extra, paths = compare(planted, findings)
            result.update(found=found, missed=missed, extra=extra, paths=paths)
            if options.planapply:
                result["plan"] = planned.repaired(options.holystone, options.planapply, directory,
                                                  images(directory), findings)
    except (RuntimeError, ValueError, OSError) as problem:
        result["error"] = str(problem)
    finally:
        if options.keep:
            kept = os.path.join(options.keep, rule.replace(":", "-"))
            shutil.rmtree(kept, ignore_errors=True)
            shutil.copytree(directory, kept, copy_function=sparse_copy)
        shutil.rmtree(directory, ignore_errors=True)
    return result


def sparse_copy(source, target):
    run(["cp", "--sparse=always", "--reflink=auto", source, target])
    return target


def say(result):
    plan = result.get("plan", [])
    good = not (result["error"] or result["missed"] or result["extra"] or result["paths"] or plan)
    line = f"{result['rule']:<18}{result.get('blocks', '-'):>4} blocks  "
    if good:
        print(line + "found" if result["found"] else line + "nothing, as it should be")
        return True
    parts = []
    if result["error"]:
        parts.append(result["error"])
    if result["missed"]:
        parts.append("MISSED " + ", ".join(short(x) for x in result["missed"]))
    if result["extra"]:
        names = [short(x) + f" {x.get('path', '')}" for x in result["extra"][:4]]
        if len(result["extra"]) > 4:
            names.append(f"and {len(result['extra']) - 4} more")
        parts.append("EXTRA " + ", ".join(names))
    parts.extend("PLAN " + x for x in plan)
    for wanted, got in result["paths"]:
        parts.append(f"PATH {got} instead of {wanted}")
    print(line + "; ".join(parts))
    return False


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("mklustre")
    parser.add_argument("rules", nargs="*")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--plant-only", action="store_true", help="do not run the check")
    parser.add_argument("--planapply", help="carry out the plan with this program")
    parser.add_argument("--keep", help="leave the damaged clusters here")
    parser.add_argument("--json", help="write the results here")
    options = parser.parse_args()
    options.holystone = os.environ.get("HOLYSTONE", "holystone")
    if options.keep:
        os.makedirs(options.keep, exist_ok=True)
    rules = options.rules or run([options.mklustre, "--plant-list"]).decode().split()
    with tempfile.TemporaryDirectory(prefix="lustre-plant-") as work:
        options.work = work
        clean = os.path.join(work, "clean")
        run([options.mklustre, "-o", clean] + CLUSTER)
        before = {image.name: block_sums(image) for image in images(clean)}
        good = options.plant_only or say({"rule": "(undamaged)", "error": None, "missed": [],
                                          "found": [], "paths": [],
                                          "extra": planned.findings(options.holystone, clean,
                                                                      images(clean))})
        with concurrent.futures.ThreadPoolExecutor(JOBS) as pool:
            results = list(pool.map(lambda rule: plant(options, before, rule), rules))
    passed = sum(say(result) for result in results)
    print(f"{passed} of {len(results)} rules as planted")
    if options.json:
        with open(options.json, "w", encoding="utf-8") as f:
            json.dump(results, f, indent=1)
    return 0 if good and passed == len(results) else 1


if __name__ == "__main__":
    sys.exit(main())
