#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# "holystone xfs --appliance": images are checked as they are and stay as they were with -n, and are
# repaired without.
. "$(dirname "$0")/lib.sh"
unset SERVICE_MODE
size=300M

# check NAME EXIT OPTION... : the image is the same afterwards
check() {
	local name=$1 code=$2 before
	shift 2
	before=$(sum "$dir/d")
	"$HOLYSTONE" xfs --appliance --timeout 120 "$@" "$dir/d" >"$dir/out" 2>&1 </dev/null
	same "$name" "$code" $? || cat "$dir/out" >&2
	same "$name: SHA-256" "$before" "$(sum "$dir/d")"
}

qflags() { "$x/run" xfs_db -c 'sb 0' -c 'p qflags' "$1"; }

make_fs "$dir/d" -m rmapbt=1,reflink=1 -i exchange=1 -n parent=1
inside --disk "d=$dir/d" -- "
	mount -t xfs -o uquota,gqnoenforce /disk/d /mnt || exit 99
	xfsrich /mnt || exit 98
	xfs_scrub -k /mnt >/dev/null || exit 97" >"$dir/out"
same "filled" 0 $?
same "quotas" "qflags = 0x147" "$(qflags "$dir/d")"
cp --sparse=always "$dir/d" "$dir/kept"

# --- a clean one; its record comes out -------------------------------------------------------------
check "clean" 0 -n -v --run-dir "$dir/run"
says "clean" '^Phase 7: Check summary counters.' "$dir/out"
lacks "clean" '^\(Corruption\|Warning\|Error\)' "$dir/out"
[ -s "$dir/run/run.db" ] || bad "no record came out"
check "the same directory again" 4 -n --run-dir "$dir/run"
says "the same directory again" "$dir/run holds a run already" "$dir/out"

# --- an image whose log is dirty: what stands only in the log is seen, too ------------------------
inside --disk "d=$dir/d" -- "
	mount -t xfs -o uquota,gqnoenforce /disk/d /mnt || exit 99
	mkdir /mnt/gnp\$(printf '\342\200\256')txt && xfs_io -x -c 'shutdown -f' /mnt" >"$dir/out"
same "made dirty" 0 $?
"$x/run" xfs_logprint -t "$dir/d" | grep -q '<DIRTY>' || bad "the log is not dirty"
LC_ALL=C.UTF-8 check "dirty log" 2 -n
says "dirty log" '^Warning: .*suspicious text direction' "$dir/out"
LC_ALL=C check "dirty log, no UTF-8" 0 -n
same "dirty log: quotas" "qflags = 0x147" "$(qflags "$dir/d")"

# --- quotas are on: damage that only a kernel that keeps them can see -----------------------------
cp --sparse=always "$dir/kept" "$dir/d"
"$x/run" xfs_db -x -c 'dquot -u 1000' -c 'fuzz -d diskdq.bcount add' "$dir/d" >/dev/null
check "quota counters" 1 --json -n
says "quota counters" "\"target\":\"$dir/d\".*quota counters: repairs are required" "$dir/out"
says "quota counters" "\"exit_code\":1.*\"device\":\"$dir/d\"" "$dir/out"
# without the options they would be off, and the superblock changed
cp --sparse=always "$dir/kept" "$dir/plain"
inside --disk "d=$dir/plain" -- 'mount -t xfs /disk/d /mnt' >/dev/null
same "a plain mount turns quotas off" "qflags = 0" "$(qflags "$dir/plain")"
rm "$dir/plain"

# --- names as people see them ---------------------------------------------------------------------
cp --sparse=always "$dir/kept" "$dir/d"
"$x/run" xfs_db -x -c 'path /unwritten' -c 'fuzz -d u3.bmx[0].startblock add' "$dir/d" >/dev/null
check "damage" 1 -n
says "damage" "^Corruption: $dir/d/unwritten data block map: Repairs are required.$" "$dir/out"

# --- and repaired ---------------------------------------------------------------------------------
"$HOLYSTONE" xfs --appliance --timeout 120 -k --run-dir "$dir/repair" "$dir/d" >"$dir/out" 2>&1 </dev/null
same "repair" 0 $? || cat "$dir/out" >&2
says "repair" "^Repaired: $dir/d/unwritten data block map: Repairs successful" "$dir/out"
says "repair" "^$dir/d: repairs made: 1" "$dir/out"
[ -s "$dir/repair/run.db" ] || bad "repair: no record came out"
"$x/run" xfs_repair -n "$dir/d" >"$dir/out" 2>&1
same "repair: xfs_repair" 0 $? || cat "$dir/out" >&2
same "repair: quotas" "qflags = 0x147" "$(qflags "$dir/d")"
check "after the repair" 0 -n
lacks "after the repair" '^\(Corruption\|Warning\|Error\)' "$dir/out"
chmod 444 "$dir/d"
[ "$(id -u)" = 0 ] || {
	"$HOLYSTONE" xfs --appliance "$dir/d" >"$dir/out" 2>&1 </dev/null
	same "no right to write" 4 $?
}
chmod 644 "$dir/d"

# --- it ends when asked to ------------------------------------------------------------------------
slow=(-n -v $(printf -- '-b %.0s' $(seq 40))) # 4 ms of rest after each check
cp --sparse=always "$dir/kept" "$dir/d"
before=$(sum "$dir/d")
env --default-signal=INT "$HOLYSTONE" xfs --appliance --timeout 120 "${slow[@]}" --run-dir "$dir/stopped" \
	"$dir/d" >"$dir/out" 2>&1 </dev/null &
pid=$!
for _ in $(seq 100); do
	grep -q '^Phase 3' "$dir/out" && break
	sleep 0.1
done
kill -INT $pid
wait $pid
code=$?
[ $((code & 32)) = 32 ] || bad "interrupted: exit $code"
lacks "interrupted" 'Phase 5\|unmount\|killed' "$dir/out"
same "interrupted: SHA-256" "$before" "$(sum "$dir/d")"
[ -s "$dir/stopped/run.db" ] || bad "interrupted: no record"
"$HOLYSTONE" xfs --appliance --timeout 3 "${slow[@]}" "$dir/d" >"$dir/out" 2>&1 </dev/null
same "its time is over" 4 $?
says "its time is over" 'the time is over' "$dir/out"

# --- what cannot be checked, in clear words -------------------------------------------------------
refused() { # NAME EXIT PATTERN OPTION...
	local name=$1 code=$2 pattern=$3
	shift 3
	"$HOLYSTONE" xfs --appliance "$@" >"$dir/out" 2>&1 </dev/null
	same "$name" "$code" $?
	says "$name" "$pattern" "$dir/out"
}
refused "two images" 8 'takes one image or device' -n "$dir/d" "$dir/kept"
refused "no image" 8 'Usage:' -n
refused "no such image" 4 'No such file' -n "$dir/nothing"
truncate -s 300M "$dir/empty"
refused "not XFS" 8 'Not a XFS file system' -n "$dir/empty"
refused "no log device" 4 '--logdev is wrong' -n --logdev "$dir/empty" "$dir/d"
HOLYSTONE_APPLIANCE_KERNEL=/nothing refused "no kernel" 4 'nothing' -n "$dir/d"
sleep 5 >>"$dir/d" &
pid=$!
refused "in use" 4 'open for writing' -n "$dir/d"
kill $pid
wait $pid 2>/dev/null
"$x/run" xfs_db -x -c 'sb 0' -c 'write -d dblocks 5' "$dir/d" >/dev/null
refused "a superblock beyond use" 4 'cannot mount the file system: ' -n "$dir/d"
says "a superblock beyond use" 'guest kernel: .*XFS' "$dir/out"

# --- log and realtime devices ---------------------------------------------------------------------
truncate -s 64M "$dir/log"
truncate -s 300M "$dir/rt"
make_fs "$dir/d" -l "logdev=$dir/log" -r "rtdev=$dir/rt"
refused "a log elsewhere" 4 'name it with --logdev' -n --rtdev "$dir/rt" "$dir/d"
refused "a realtime device" 4 'name it with --rtdev' -n --logdev "$dir/log" "$dir/d"
check "log and realtime devices" 0 -n --logdev "$dir/log" --rtdev="$dir/rt"
finish
