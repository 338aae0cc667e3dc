# SPDX-License-Identifier: GPL-2.0-or-later
# Expectations of a test that runs a command and looks at what it said. Sourced; the test sets
# $dir (a directory of its own), and $failures is the count of what was not as expected.
# shellcheck shell=sh disable=SC2154
failures=0

# expect CODE NAME COMMAND...: runs it; its output goes to $dir/out and $dir/err.
expect() {
	want=$1
	name=$2
	shift 2
	"$@" >"$dir/out" 2>"$dir/err" </dev/null
	got=$?
	if [ "$got" -ne "$want" ]; then
		echo "$name: exit $got, not $want"
		cat "$dir/err"
		failures=$((failures + 1))
	fi
}

# is FILE TEXT: the text is all of it.
is() {
	if [ "$(cat "$dir/$1")" != "$2" ]; then
		echo "$name: std$1 is not \"$2\":"
		cat "$dir/$1"
		failures=$((failures + 1))
	fi
}

# holds FILE TEXT: the text is in it.
holds() {
	if ! grep -qF -- "$2" "$dir/$1"; then
		echo "$name: no \"$2\" in std$1:"
		cat "$dir/$1"
		failures=$((failures + 1))
	fi
}

# lines FILE N
lines() {
	if [ "$(wc -l <"$dir/$1")" -ne "$2" ]; then
		echo "$name: std$1 does not have $2 lines:"
		cat "$dir/$1"
		failures=$((failures + 1))
	fi
}
