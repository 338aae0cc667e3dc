#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# holystone undo: which targets it finds and where, what it refuses, and that all is as before.
#
# usage: undo.sh EDIT_TOUR; environment: HOLYSTONE, MKLUSTRE, SOURCE.
set -u
tour=$1
dir=$(mktemp -d) || exit 99
trap 'rm -rf "$dir"' EXIT
# shellcheck source=tests/integration/expect.sh
. "$SOURCE/tests/integration/expect.sh"

"$MKLUSTRE" -o "$dir/c" --mdts 1 --osts 2 --files 60 || exit 99
mdt=$dir/c/mdt0000.img
ost0=$dir/c/ost0000.img
ost1=$dir/c/ost0001.img
mkdir "$dir/copy"
cp --sparse=always "$mdt" "$ost0" "$ost1" "$dir/copy"
export XDG_STATE_HOME="$dir/state"
undo() {
	"$HOLYSTONE" undo "$@"
}
same() {
	cmp "$1" "$dir/copy/${1##*/}" || failures=$((failures + 1))
}

# a run of the check knows where the targets are
run=$dir/run
"$HOLYSTONE" lustre check -q --run-dir "$run" "$mdt" "$ost0" "$ost1" >/dev/null || exit 99
expect 0 "nothing changed" undo "$run"
is out "the run has changed nothing"
expect 8 "no such run" undo 20000101T000000Z
holds err "there is no run '20000101T000000Z'"
expect 16 "no run given" undo

change() {
	"$tour" "$mdt" "$run" MDT0000 && "$tour" "$ost0" "$run" OST0000 || exit 99
}
change
expect 0 "dry run" undo -n "$run"
holds out "MDT0000: "
holds out "can be restored"
cmp -s "$mdt" "$dir/copy/mdt0000.img" && {
	echo "a dry run has restored"
	failures=$((failures + 1))
}
expect 8 "a target that was not changed" undo "$run" OST0001
holds err "OST0001: the run has changed nothing on it"
expect 0 "one target" undo "$run" OST0000
same "$ost0"
cmp -s "$mdt" "$dir/copy/mdt0000.img" && failures=$((failures + 1))
expect 0 "the rest, and again" undo "$run/"
same "$mdt"
same "$ost0"
expect 0 "repeated" undo -q "$run"
is out ""
same "$mdt"

# elsewhere: named with its device
change
mv "$ost0" "$dir/c/moved.img"
expect 8 "a device that is gone" undo "$run"
holds err "OST0000: "
holds out "MDT0000: "
same "$mdt"
expect 0 "where it is now" undo "$run" "OST0000=$dir/c/moved.img"
mv "$dir/c/moved.img" "$ost0"
same "$ost0"

# another target, a damaged file, no run.db
change
expect 8 "another target" undo "$run" "MDT0000=$ost1"
holds err "it is of another file system"
same "$ost1"
cp "$run/OST0000.e2undo" "$dir/whole"
printf x | dd of="$run/OST0000.e2undo" bs=1 seek=20000 conv=notrunc 2>/dev/null
expect 8 "a damaged file" undo "$run" OST0000
holds err "checksum"
cp "$dir/whole" "$run/OST0000.e2undo"
mv "$run/run.db" "$dir/run.db"
rm -f "$run"/run.db-*
expect 8 "no run.db" undo "$run" OST0000
holds err "OST0000=DEVICE"
expect 0 "no run.db, with the device" undo "$run" "OST0000=$ost0" "MDT0000=$mdt"
same "$ost0"
same "$mdt"

# a run by its name
if [ "$(id -u)" -ne 0 ]; then
	mkdir -p "$dir/state/holystone/fs"
	cp -r "$run" "$dir/state/holystone/fs/20250101T000000Z"
	expect 0 "by name" undo -n 20250101T000000Z "OST0000=$ost0" "MDT0000=$mdt"
fi

[ "$failures" -eq 0 ]
