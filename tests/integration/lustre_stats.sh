#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# holystone lustre check --stats prints the parameters and the lines that lctl get_param printed on
# the same file systems, in the same order; and the options of the check. Skipped without them.

set -u
images=$SOURCE/../shared/images/lustre-2.17
[ -e "$images/setA.tar.zst" ] || { echo "SKIPPED: no images in $images"; exit 77; }
dir=$(mktemp -d) || exit 99
trap 'rm -rf "$dir"' EXIT
failures=0

fail() {
	echo "$*"
	failures=$((failures + 1))
}

# check CODE OPTION...: the check of the set in $dir/$set, output in $dir/out.
check() {
	want=$1
	shift
	rm -rf "$dir/run"
	# shellcheck disable=SC2046
	"$HOLYSTONE" lustre check --run-dir "$dir/run" "$@" >"$dir/out" 2>"$dir/err" </dev/null
	got=$?
	[ "$got" -eq "$want" ] || { fail "$*: exit $got, not $want"; cat "$dir/err"; }
}

keys() {
	sed 's/^\([^:=]*[:=]\).*/\1/' "$1"
}

for set in setA setB setC; do
	mkdir "$dir/$set"
	tar -xf "$images/$set.tar.zst" -C "$dir/$set" || exit 99
	targets=$(find "$dir/$set" -name '*.img' | sort)
	code=0
	# three objects there do not fit the layouts of their files
	[ "$set" = setC ] && code=4
	# shellcheck disable=SC2086
	check "$code" -A --stats $targets
	sed -n '/^mdd\./,/^lustre: /p' "$dir/out" | grep -v '^lustre: ' >"$dir/stats"
	keys "$images/$set/lfsck-1-dryrun.txt" >"$dir/want"
	keys "$dir/stats" >"$dir/keys"
	cmp "$dir/want" "$dir/keys" || { fail "$set: other lines"; diff "$dir/want" "$dir/keys"; }
	# words and magic numbers are the same as well
	for line in name magic version status param oi_files current_position; do
		grep "^$line:" "$images/$set/lfsck-1-dryrun.txt" >"$dir/a"
		grep "^$line:" "$dir/stats" >"$dir/b"
		cmp "$dir/a" "$dir/b" || fail "$set: $line"
	done
done

targets=$(find "$dir/setC" -name '*.img' | sort)
# shellcheck disable=SC2086
{
	check 4 -t layout $targets
	check 4 -t scrub,layout -n -r $targets
	check 0 -t scrub $targets
	check 0 --type=namespace $targets
	check 16 -t layuot $targets
	check 16 -e stop $targets
	check 4 -e abort $targets
}
mdt=$(find "$dir/setA" -name 'mdt*.img')
check 8 "$mdt"
grep -q "own view; not given: OST0000, OST0001" "$dir/out" || fail "does not say what was not given"
check 8 -A "$mdt"
grep -q "own view" "$dir/out" && fail "-A is no own view"

# -e abort: ends at the first directory that cannot be read, and the run keeps where
python3 - "$mdt" <<'END' || exit 99
import struct, sys
with open(sys.argv[1], "r+b") as f:
    f.seek(1024)
    sb = f.read(1024)
    size = 1024 << struct.unpack_from("<I", sb, 24)[0]
    inode_size = struct.unpack_from("<H", sb, 88)[0]
    f.seek((struct.unpack_from("<I", sb, 20)[0] + 1) * size)
    table = struct.unpack_from("<I", f.read(64), 8)[0]
    for ino in range(270, struct.unpack_from("<I", sb, 40)[0]):
        f.seek(table * size + (ino - 1) * inode_size)
        inode = f.read(160)
        extents = struct.unpack_from("<H", inode, 40)[0] == 0xF30A
        block = struct.unpack_from("<I", inode, 60 if extents else 40)[0]
        if struct.unpack_from("<H", inode, 0)[0] >> 12 == 4 and block:
            f.seek(block * size + 24)
            f.write(b"\xff" * 200)
            sys.exit(0)
sys.exit(1)
END
targets=$(find "$dir/setA" -name '*.img' | sort)
# shellcheck disable=SC2086
check 8 -e abort --stats $targets
grep -q "Stopped at MDT0000 inode [0-9]*, as asked for" "$dir/err" || fail "does not say where it ended"
grep -q "^status: failed" "$dir/out" || fail "is not failed"
grep -q "^first_failure_position: [0-9]*, N/A, N/A" "$dir/out" || fail "the position is not kept"
# shellcheck disable=SC2086
check 8 -e continue $targets
grep -q "^error META-2" "$dir/out" || fail "does not go on"

[ "$failures" -eq 0 ]
