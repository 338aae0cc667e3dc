#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The check of dependencies between rooms must accept this tree and notice each way to break a rule.

set -u
check=$SOURCE/scripts/check-rooms.py
failures=0
dir=$(mktemp -d) || exit 99
trap 'rm -rf "$dir"' EXIT

fail() {
	echo "$*"
	failures=$((failures + 1))
}

python3 "$check" "$SOURCE/src" || fail "this tree is refused"

# refused ROOM LINE TEXT: a file of the room with this line is refused, and the message has TEXT.
refused() {
	mkdir -p "$dir/src/$1" "$dir/src/base" "$dir/src/run"
	: >"$dir/src/base/err.h"
	: >"$dir/src/run/run.h"
	printf '%s\n' "$2" >"$dir/src/$1/x.c"
	if python3 "$check" "$dir/src" >"$dir/out"; then
		fail "accepted in $1: $2"
	elif ! grep -qF -- "$3" "$dir/out"; then
		fail "$1: $2: not \"$3\" but: $(cat "$dir/out")"
	fi
	rm "$dir/src/$1/x.c"
}

refused base '#include "run/run.h"' "base must not depend on run"
refused io ' # include "run/run.h"' "io must not depend on run"
refused run '#include "err.h"' 'not written as "room/file.h"'
refused run '#include "base/none.h"' "does not exist"
refused run '#include "attic/x.h"' "belongs to no room"
refused lfsck '#include <ext2fs/ext2fs.h>' "belongs to ldiskfs"
refused cli '#include <sqlite3.h>' "belongs to run, report"
refused names '#include <mpi.h>' "belongs to cluster/mpi.c"
refused cluster '#include <mpi.h>' "belongs to cluster/mpi.c"
refused run 'x = pthread_create(&t, NULL, f, NULL);' "threads are started in work/ only"
rm -rf "$dir/src"
refused attic 'int x;' "attic is no known room"

[ "$failures" -eq 0 ]
