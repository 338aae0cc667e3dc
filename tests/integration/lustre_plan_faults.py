#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Faults planted on servers of Lustre: each gets a plan; carried out, it leaves nothing to be found.

usage: lustre_plan_faults.py PLANAPPLY SHARED [NAME...]
HOLYSTONE names the program. Skipped where the images are not.
"""
import concurrent.futures
import os
import pathlib
import subprocess
import sys
import tempfile

import planned

# What planapply cannot do.
NOT_CARRIED_OUT = {}


def one(planapply, faults, name):
    with tempfile.TemporaryDirectory(prefix="holystone-plan-") as directory:
        subprocess.run(["tar", "-C", directory, "-xSf", faults / f"{name}.tar.zst"], check=True)
        images = sorted(pathlib.Path(directory).rglob("*.img"))
        try:
            found = planned.findings(os.environ["HOLYSTONE"], directory, images)
            wrong = planned.repaired(os.environ["HOLYSTONE"], planapply, directory, images, found)
        except RuntimeError as problem:
            wrong = [str(problem)]
    return name, len(found), wrong


def main():
    planapply, shared = sys.argv[1:3]
    faults = pathlib.Path(shared) / "images" / "lustre-2.17" / "faults"
    if not faults.is_dir():
        print(f"SKIPPED: no images in {faults}")
        return 77
    names = sys.argv[3:] or sorted(p.stem for p in faults.glob("*.json"))
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for name, count, wrong in pool.map(lambda n: one(planapply, faults, n), names):
            if wrong and name not in NOT_CARRIED_OUT:
                print(f"{name}: {'; '.join(wrong)}")
                failed += 1
            elif not wrong and name in NOT_CARRIED_OUT:
                print(f"{name}: can be carried out after all")
                failed += 1
    print(f"{len(names) - failed} of {len(names)} as they should be")
    return 1 if failed or len(names) < 50 and not sys.argv[3:] else 0


if __name__ == "__main__":
    sys.exit(main())
