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

exit "$failures"
