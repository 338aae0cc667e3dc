#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Compares what fsdump finds in real targets with what dumpe2fs and debugfs find.

usage: ldiskfs_vs_debugfs.py FSDUMP SHARED IMAGE.tar.zst... [--refused IMAGE.tar.zst...]

SHARED is the directory the images are relative to; the environment's HS_SHARED wins.

The two programs are shown a copy whose dirdata bit is cleared, since they refuse to open the
original. Compared are the set of inodes in use, their fields, the names and sizes of their
attributes, and the entries of every directory. Images behind --refused were not cleanly unmounted:
fsdump must refuse them and say why. Exit status 77: images or tools are missing.
"""
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile

DIRDATA = 0x1000


def skip(why):
    print("skipped:", why)
    sys.exit(77)


def run(*args, **kw):
    return subprocess.run(args, check=True, capture_output=True, **kw).stdout


def unescape(b):
    """The reverse of fsdump's escaping."""
    return re.sub(rb"\\(\\|x[0-9a-fA-F]{2})",
                  lambda m: b"\\" if m[1] == b"\\" else bytes([int(m[1][1:], 16)]), b)


def ours(fsdump, image):
    inodes, attrs, entries, flaws = {}, {}, {}, []
    for line in run(fsdump, image).split(b"\n"):
        kind, _, rest = line.partition(b" ")
        if kind == b"I":
            f = rest.split()
            inodes[int(f[0])] = dict(x.split(b"=") for x in f[1:])
        elif kind == b"X":
            ino, name, size = rest.split(b" ")[:3]
            attrs.setdefault(int(ino), []).append((name.decode("latin1"), int(size)))
        elif kind == b"D":
            entries[int(rest)] = []
        elif kind == b"E":
            m = re.match(rb"(\d+) (\d+) (\d+)[^ ]*((?: bad-data| wrong-leaf| duplicate)*)"
                         rb"(?: fid=)?((?: bad-data| wrong-leaf| duplicate)*) ([0-9a-f]*) (.*)$",
                         rest)
            entries[int(m[1])].append((int(m[2]), unescape(m[7])))
        elif kind == b"F":
            flaws.append(line)
    return inodes, attrs, entries, flaws


def clear_dirdata(image):
    with open(image, "r+b") as f:
        f.seek(1024 + 96)
        incompat = struct.unpack("<I", f.read(4))[0]
        f.seek(1024 + 96)
        f.write(struct.pack("<I", incompat & ~DIRDATA))


def used_inodes(image):
    total, free = 0, set()
    out = subprocess.run(["dumpe2fs", image], capture_output=True).stdout
    for line in out.decode("latin1").split("\n"):
        m = re.match(r"Inode count: +(\d+)", line)
        if m:
            total = int(m[1])
        m = re.match(r"\s+Free inodes: (.*)", line)
        if m and m[1]:
            for part in m[1].split(", "):
                a, _, b = part.partition("-")
                free.update(range(int(a), int(b or a) + 1))
    return set(range(1, total + 1)) - free


PREFIX = {"user": 1, "trusted": 4, "security": 6}


def theirs(image, inodes, dirs):
    with tempfile.NamedTemporaryFile("w") as script:
        for ino in sorted(inodes):
            script.write("stat <%d>\n" % ino)
            if ino in dirs:
                script.write("ls -p <%d>\n" % ino)
        script.flush()
        out = subprocess.run(["debugfs", "-n", "-f", script.name, image],
                             capture_output=True).stdout
    stats, attrs, entries = {}, {}, {}
    at, kind = None, None
    for line in out.split(b"\n"):
        m = re.match(rb"debugfs: (stat|ls -p) <(\d+)>", line)
        if m:
            kind, at = m[1], int(m[2])
            if kind == b"ls -p":
                entries[at] = []
            continue
        if kind == b"stat":
            m = re.match(rb"Inode: (\d+)\s+Type: (.*?)\s+Mode:\s+(\d+)\s+Flags: (0x[0-9a-f]+)", line)
            if m:
                stats[at] = {b"perm": int(m[3], 8), b"flags": int(m[4], 16)}
            m = re.match(rb"Generation: (\d+)\s+Version: 0x([0-9a-f]+:)?([0-9a-f]+)", line)
            if m:
                stats[at][b"gen"] = int(m[1])
                stats[at][b"version"] = int((m[2] or b"").rstrip(b":") + m[3], 16)
            m = re.match(rb"User:\s+(\d+)\s+Group:\s+(\d+)\s+(?:Project:\s+(\d+)\s+)?Size: (\d+)",
                         line)
            if m:
                stats[at][b"uid"], stats[at][b"gid"] = int(m[1]), int(m[2])
                stats[at][b"projid"] = int(m[3] or 0)
                stats[at][b"size"] = int(m[4])
            m = re.match(rb"Links: (\d+)\s+Blockcount: (\d+)", line)
            if m:
                stats[at][b"nlink"] = int(m[1])
                stats[at][b"blocks"] = int(m[2])
            m = re.match(rb"  (user|trusted|security)\.(\S+) \((\d+)\)", line)
            if m:
                name = "%d.%s" % (PREFIX[m[1].decode()], m[2].decode("latin1"))
                attrs.setdefault(at, []).append((name, int(m[3])))
        elif line.startswith(b"/"):
            ino, mode, uid, gid, name = line[1:].split(b"/")[:5]
            if int(ino):
                entries[at].append((int(ino), name))
    return stats, attrs, entries


def compare(fsdump, image, work):
    inodes, attrs, entries, flaws = ours(fsdump, image)
    bad = [f.decode("latin1") for f in flaws]
    copy = os.path.join(work, "copy.img")
    subprocess.run(["cp", "--sparse=always", image, copy], check=True)
    clear_dirdata(copy)
    used = used_inodes(copy)
    if used != set(inodes):
        bad.append("inodes in use differ: %s" % sorted(used ^ set(inodes))[:10])
    stats, their_attrs, their_entries = theirs(copy, inodes, entries)
    compared = 0
    for ino, i in inodes.items():
        for key, value in stats.get(ino, {}).items():
            mine = int(i[b"mode"], 8) & 0o7777 if key == b"perm" else int(i[key], 0)
            compared += 1
            if mine != value:
                bad.append("inode %d: %s is %s, debugfs says %s" % (ino, key.decode(), mine, value))
        mine = sorted(a for a in attrs.get(ino, []) if a[0].split(".")[0] in ("1", "4", "6"))
        if mine != sorted(their_attrs.get(ino, [])):
            bad.append("inode %d: attributes %s, debugfs says %s" % (ino, mine,
                                                                   their_attrs.get(ino)))
    for ino, list_ in entries.items():
        # debugfs ends a line at a newline in a name; such entries are compared by count alone.
        mine = [e for e in list_ if b"\n" not in e[1]]
        if len(mine) == len(list_) and sorted(mine) != sorted(their_entries.get(ino, [])):
            diff = set(mine) ^ set(their_entries.get(ino, []))
            bad.append("directory %d: entries differ: %s" % (ino, list(diff)[:4]))
    os.unlink(copy)
    print("%s: %d inodes, %d fields, %d attributes, %d directories, %d entries: %s" % (
        os.path.basename(image), len(inodes), compared, sum(map(len, attrs.values())),
        len(entries), sum(map(len, entries.values())), "DIFFERS" if bad else "equal"))
    for b in bad[:20]:
        print("   ", b)
    return not bad and compared > 5 * len(inodes)


def refused(fsdump, image):
    r = subprocess.run([fsdump, image], capture_output=True)
    good = r.returncode == 1 and b"journal needs recovery" in r.stderr
    print("%s: %s" % (os.path.basename(image), "refused" if good else "NOT REFUSED"))
    return good


def main():
    fsdump, shared, archives = sys.argv[1], sys.argv[2], sys.argv[3:]
    shared = os.environ.get("HS_SHARED", shared)
    for tool in ("debugfs", "dumpe2fs", "zstd", "tar"):
        if not shutil.which(tool, path=os.environ["PATH"]):
            skip("no " + tool)
    good, refuse = True, False
    for archive in archives:
        if archive == "--refused":
            refuse = True
            continue
        archive = os.path.join(shared, archive)
        if not os.path.exists(archive):
            skip("no " + archive)
        with tempfile.TemporaryDirectory() as work:
            subprocess.run(["tar", "-C", work, "-xf", archive], check=True)
            for path, _, files in sorted(os.walk(work)):
                for name in sorted(files):
                    image = os.path.join(path, name)
                    if name.endswith(".img"):
                        good &= refused(fsdump, image) if refuse else compare(fsdump, image, work)
    sys.exit(0 if good else 1)


os.environ["PATH"] += ":/usr/sbin:/sbin"
main()
