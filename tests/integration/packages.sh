#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Without root or sudo the scripts must list what is missing and exit 2; with everything there they
# must go on without asking for anything. The tools that answer are played by scripts.

set -u
failures=0
dir=$(mktemp -d) || exit 99
trap 'rm -rf "$dir"' EXIT
mkdir "$dir/bin"

fail() {
	echo "$*"
	cat "$dir/out" "$dir/err"
	failures=$((failures + 1))
}

# play NAME LINE: a program of that name.
play() {
	printf '#!/bin/sh\n%s\n' "$2" >"$dir/bin/$1"
	chmod +x "$dir/bin/$1"
}

# need PACKAGE...: what a script of this project would do.
need() {
	PATH=$dir/bin:$PATH sh -c '
		build_root=$1
		shift
		. "$SOURCE/scripts/deps.sh"
		need_packages "$@"
		echo "went on"' sh "$dir" "$@" >"$dir/out" 2>"$dir/err" </dev/null
}

play id 'echo 1000'
play sudo 'exit 1'
play dpkg-query 'for last; do :; done; [ "$last" = there ] && echo installed'
play apt-get 'echo "apt-get $*" >>'"$dir/apt"'; exit 1'

need there && grep -q "went on" "$dir/out" || fail "nothing is missing, but it stopped"
need there absent gone
[ $? -eq 2 ] || fail "did not exit 2"
grep -q "went on" "$dir/out" && fail "went on without packages"
grep -q "^missing packages: absent gone$" "$dir/err" || fail "does not say what is missing"
grep -q "apt-get install --no-install-recommends absent gone$" "$dir/err" ||
	fail "does not say how to install it"
[ -e "$dir/apt" ] && fail "called apt-get without the right to"

play sudo 'shift; [ "$1" = true ] || exec "$@"'
need there absent
[ $? -eq 2 ] || fail "a failing installation did not exit 2"
grep -q "could not install: absent" "$dir/err" || fail "does not say what failed"
play apt-get 'echo "$*" >>'"$dir/apt"
need there absent && grep -q "went on" "$dir/out" || fail "did not install and go on"
grep -q "^install .*absent$" "$dir/apt" || fail "did not ask apt-get for the package"
grep -q "there" "$dir/apt" && fail "asked for a package that is there"

[ "$failures" -eq 0 ]
