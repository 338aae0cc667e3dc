#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# What --json prints is as docs/schema says: rules, and checks of damaged, of sound and of incomplete
# file systems. Without python3-jsonschema or the images the parts that need them are skipped.

set -u
images=$SOURCE/../shared/images/lustre-2.17
dir=$(mktemp -d) || exit 99
trap 'rm -rf "$dir"' EXIT
failures=0

# valid WHAT FILE
valid() {
	python3 "$SOURCE/scripts/validate-json.py" "$SOURCE/docs/schema" "$2" >"$dir/said"
	case $? in
	0) ;;
	77)
		cat "$dir/said"
		exit 77
		;;
	*)
		echo "$1:"
		head -n 20 "$dir/said"
		failures=$((failures + 1))
		;;
	esac
}

# check WHAT TARGET...
check() {
	what=$1
	shift
	rm -rf "$dir/run"
	"$HOLYSTONE" lustre check --json --stats --run-dir "$dir/run" "$@" >"$dir/out" 2>"$dir/err"
	tail -n 1 "$dir/out" | grep -q '^{"type":"summary"' ||
		{ echo "$what: does not end in a summary"; failures=$((failures + 1)); }
	# its plan, so that both are looked at in one go
	"$HOLYSTONE" plan --json "$dir/run" >"$dir/plan" 2>"$dir/err"
	[ $? -le 4 ] || { echo "$what: no plan"; cat "$dir/err"; failures=$((failures + 1)); }
	tail -n 1 "$dir/plan" | grep -q '^{"type":"plan"' ||
		{ echo "$what: its plan does not end"; failures=$((failures + 1)); }
	cat "$dir/out" "$dir/plan" >"$dir/all"
	valid "$what" "$dir/all"
}

"$HOLYSTONE" rules --json >"$dir/out"
valid "rules" "$dir/out"
"$HOLYSTONE" explain --json LAY-2 >"$dir/out"
valid "explain" "$dir/out"

# the schemas say no where they must
printf '%s\n' '{"type":"fid","path":"/","fid":"","exists":true}' >"$dir/out"
if python3 "$SOURCE/scripts/validate-json.py" "$SOURCE/docs/schema" "$dir/out" >/dev/null; then
	echo "an empty FID passes"
	failures=$((failures + 1))
fi

if [ ! -d "$images/faults" ]; then
	[ "$failures" -eq 0 ] || exit 1
	echo "SKIPPED: no images in $images"
	exit 77
fi
for image in "$images"/faults/*.json; do
	name=$(basename "$image" .json)
	mkdir "$dir/f"
	tar -xf "$images/faults/$name.tar.zst" -C "$dir/f" || exit 99
	# shellcheck disable=SC2046
	check "$name" $(find "$dir/f" -name '*.img' | sort)
	rm -rf "$dir/f"
done
mkdir "$dir/a"
tar -xf "$images/setA.tar.zst" -C "$dir/a" || exit 99
# shellcheck disable=SC2046
check "setA" $(find "$dir/a" -name '*.img' | sort)
grep -q '"verdict":"consistent"' "$dir/out" || { echo "setA is consistent"; failures=$((failures + 1)); }
# shellcheck disable=SC2046
check "MDT of setA" $(find "$dir/a" -name 'mdt*.img' | sort)
grep -q '"verdict":"undecided","absent":\["OST0000","OST0001"\]' "$dir/out" ||
	{ echo "the OSTs of setA are absent"; failures=$((failures + 1)); }

[ "$failures" -eq 0 ]
