#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# holystone lustre check where it cannot do its work: each refusal, one sentence and exit 8;
# cancelled, 32 and a run that says so; and two at once. Needs no root; what does is skipped aloud.
#
# Environment: HOLYSTONE, MKLUSTRE.

set -u
failures=0
PATH=$PATH:/usr/sbin:/sbin
dir=$(mktemp -d) || exit 99
mounted=
trap '[ -z "$mounted" ] || umount "$mounted"; rm -rf "$dir"' EXIT

fail() {
	echo "$*"
	failures=$((failures + 1))
}

# expect CODE NAME TEXT ARGUMENT...: a check with these arguments; TEXT is in what it says.
expect() {
	want=$1
	name=$2
	text=$3
	shift 3
	timeout 60 "$HOLYSTONE" lustre check --run-dir "$dir/run" "$@" >"$dir/out" 2>"$dir/err" \
		</dev/null
	got=$?
	rm -rf "$dir/run"
	[ "$got" -eq "$want" ] || fail "$name: exit $got, not $want: $(cat "$dir/out" "$dir/err")"
	grep -qF -- "$text" "$dir/err" "$dir/out" || fail "$name: no \"$text\": $(cat "$dir/err")"
}

# Refused before anything begins: exactly one line of complaint, nothing on stdout, no run.
refused() {
	expect 8 "$@"
	[ "$(wc -l <"$dir/err")" -eq 1 ] || fail "$1: not one line: $(cat "$dir/err")"
	[ ! -s "$dir/out" ] || fail "$1: output: $(cat "$dir/out")"
}

"$MKLUSTRE" -o "$dir/a" --mdts 2 --osts 1 --files 300 || exit 99
"$MKLUSTRE" -o "$dir/b" --mdts 1 --osts 1 --files 50 --fsname other --seed 2 || exit 99
m0=$dir/a/mdt0000.img
m1=$dir/a/mdt0001.img
o0=$dir/a/ost0000.img

expect 0 "sound" "" "$m0" "$m1" "$o0"
expect 16 "unknown option" "--frobnicate" --frobnicate "$m0"
expect 16 "no target" "no target given"
expect 16 "bad number" "--counters" --counters many "$m0"
refused "two file systems" "other" "$m0" "$m1" "$o0" "$dir/b/mdt0000.img"
refused "the same target twice" "MDT0000" "$m0" "$m1" "$o0" "$m0"
refused "no MDT" "MDT" "$o0"
refused "missing file" "No such file" "$m0" "$dir/none.img"
refused "directory" "$dir/a" "$m0" "$dir/a"
mkfifo "$dir/fifo"
refused "pipe" "$dir/fifo" "$m0" "$dir/fifo"
refused "character device" "/dev/null" "$m0" /dev/null
: >"$dir/empty"
refused "empty file" "$dir/empty" "$m0" "$dir/empty"
head -c 100000 /dev/zero >"$dir/zero"
refused "zeros" "$dir/zero" "$m0" "$dir/zero"
head -c 3000000 "$m0" >"$dir/short"
refused "truncated" "$dir/short" "$dir/short" "$m1" "$o0"
if command -v mke2fs >/dev/null; then
	mke2fs -q -F -t ext4 "$dir/ext4" 8M >/dev/null 2>&1
	refused "no Lustre target" "no Lustre" "$m0" "$dir/ext4"
fi

# The needs_recovery feature, as a server that lost power leaves it.
cp --sparse=always "$o0" "$dir/journal"
flags=$(od -An -tu1 -j1120 -N1 "$dir/journal")
# shellcheck disable=SC2059
printf "\\$(printf %o $((flags | 4)))" |
	dd of="$dir/journal" bs=1 seek=1120 conv=notrunc 2>/dev/null
refused "journal" "journal" "$m0" "$m1" "$dir/journal"

# What is missing makes the run incomplete, not wrong.
expect 8 "absent OST" "OST0000" "$m0" "$m1"
expect 8 "absent MDT" "MDT0001" "$m0" "$o0"

# Somebody else's file. Root reads everything, so root becomes nobody.
cp --sparse=always "$o0" "$dir/secret"
chmod 0 "$dir/secret"
if [ "$(id -u)" -ne 0 ]; then
	refused "unreadable" "Permission denied" "$m0" "$m1" "$dir/secret"
elif setpriv --reuid=65534 --clear-groups "$HOLYSTONE" --version >/dev/null 2>&1; then
	chmod 755 "$dir" "$dir/a"
	setpriv --reuid=65534 --clear-groups "$HOLYSTONE" lustre check --run-dir /none \
		"$m0" "$m1" "$dir/secret" >"$dir/out" 2>"$dir/err"
	[ $? -eq 8 ] || fail "unreadable: not 8"
	grep -q "Permission denied" "$dir/err" || fail "unreadable: $(cat "$dir/err")"
else
	echo "not tested: unreadable target (nobody cannot run $HOLYSTONE)"
fi

# A run directory without room, and one that cannot be made.
refused "run directory below a file" "$dir/empty" --run-dir "$dir/empty/run" "$m0" "$m1" "$o0"
if [ "$(id -u)" -eq 0 ] && mkdir "$dir/small" &&
	mount -t tmpfs -o size=64k none "$dir/small" 2>/dev/null; then
	mounted=$dir/small
	head -c 60000 /dev/zero >"$dir/small/filler"
	timeout 60 "$HOLYSTONE" lustre check --run-dir "$dir/small/run" "$m0" "$m1" "$o0" \
		>"$dir/out" 2>"$dir/err"
	[ $? -eq 8 ] || fail "full disk: not 8: $(cat "$dir/out" "$dir/err")"
	[ -s "$dir/err" ] || fail "full disk: not a word"
	umount "$mounted" && mounted=
else
	echo "not tested: full disk (no tmpfs can be mounted here)"
fi

# Two at once over the same targets: each its own run, both right.
"$HOLYSTONE" lustre check --run-dir "$dir/one" "$m0" "$m1" "$o0" >"$dir/out1" 2>&1 &
first=$!
"$HOLYSTONE" lustre check --run-dir "$dir/two" "$m0" "$m1" "$o0" >"$dir/out2" 2>&1
second=$?
wait $first
first=$?
[ $first -eq 0 ] && [ $second -eq 0 ] || fail "two at once: $first $second: $(cat "$dir"/out[12])"
[ -s "$dir/one/run.db" ] && [ -s "$dir/two/run.db" ] || fail "two at once: not two runs"

# Interrupted: a process that is stopped before it has done much, asked to end, and let go on.
"$MKLUSTRE" -o "$dir/c" --mdts 1 --osts 1 --files 30000 --seed 3 || exit 99
tries=0
while :; do
	rm -rf "$dir/stopped"
	"$HOLYSTONE" lustre check --threads 1 --run-dir "$dir/stopped" "$dir"/c/*.img >"$dir/out" \
		2>"$dir/err" &
	pid=$!
	while [ ! -e "$dir/stopped/run.db" ] && kill -0 $pid 2>/dev/null; do
		:
	done
	kill -TERM $pid 2>/dev/null
	wait $pid
	got=$?
	# It may have been too late.
	[ $got -ne 0 ] || [ $tries -eq 20 ] && break
	tries=$((tries + 1))
done
[ $got -eq 32 ] || fail "interrupted: exit $got, not 32: $(cat "$dir/err")"
grep -qi "cancelled" "$dir/err" || fail "interrupted: $(cat "$dir/err")"
if command -v sqlite3 >/dev/null; then
	sqlite3 "$dir/stopped/run.db" .dump | grep -q "stopped" || fail "interrupted: not stopped"
else
	grep -q "stopped" "$dir"/stopped/run.db* || fail "interrupted: run.db does not say stopped"
fi

[ "$failures" -eq 0 ]
