# SPDX-License-Identifier: GPL-2.0-or-later
"""What the tests of plans share: check, plan, carry out, check again."""
import json
import os
import shutil
import subprocess


def findings(holystone, directory, images):
    """The findings of a check, and its exit code; the run is left in DIRECTORY/run."""
    done = subprocess.run([holystone, "lustre", "check", "--json", "--run-dir",
                           os.path.join(directory, "run"), *map(str, images)],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    if done.returncode < 0 or done.returncode & ~15:
        raise RuntimeError(f"check exited {done.returncode}: "
                           + done.stderr.decode(errors="replace")[-600:])
    lines = (json.loads(line) for line in done.stdout.decode(errors="surrogateescape").splitlines())
    return [line for line in lines if line.get("type") == "finding"]


def key(finding):
    return finding.get("rule"), finding.get("object")


def short(finding):
    return f"{finding['rule']} {finding.get('object')}"


def is_excused(finding):
    """Nothing is planned for it, and it says why."""
    return finding["state"] == "undecided" or finding.get("repair", "").startswith("None: ")


def plan(holystone, directory):
    done = subprocess.run([holystone, "plan", "--json", os.path.join(directory, "run")],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    if done.returncode not in (0, 4):
        raise RuntimeError("plan: " + done.stderr.decode(errors="replace"))
    lines = (json.loads(line) for line in done.stdout.decode(errors="surrogateescape").splitlines())
    return [line for line in lines if line["type"] == "repair"]


def repaired(holystone, planapply, directory, images, found):
    """
    Each finding has a plan or says why not; the plan is carried out on the images; then the check
    finds only what had none, and what the server does when it mounts. Returns what is wrong.
    """
    items = plan(holystone, directory)
    planned = {key(item) for item in items}
    excused = {key(f) for f in found if is_excused(f)}
    wrong = [f"no plan for {short(f)}" for f in found
             if not is_excused(f) and key(f) not in planned]
    done = subprocess.run([planapply, os.path.join(directory, "run"), *map(str, images)],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    if done.returncode:
        wrong.append("plan: " + done.stderr.decode(errors="replace")[-400:])
    elif done.stdout.split()[:1] != [str(len(items)).encode()]:
        wrong.append(f"{done.stdout.decode().strip()} of {len(items)} carried out")
    shutil.rmtree(os.path.join(directory, "run"))
    wrong.extend(f"afterwards {short(f)}: {f['message']}"
                 for f in findings(holystone, directory, images)
                 if key(f) not in excused and f["state"] != "undecided")
    return wrong
