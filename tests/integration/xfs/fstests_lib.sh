# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the fstests_*.sh share: each case is what one of fstests' functions or tests demands of
# whatever is called xfs_scrub (format notes 12.1, 12.2), with names and images of our own. The
# program is called by that name, in PATH.
#
# Cases that need what this program can not do yet are told with "awaits", and run as soon as it can:
# asked by a run of it. FSTESTS_SUBJECT=theirs runs all of them with the other program, which shows
# that the cases themselves are right.
. "$(dirname "$0")/lib.sh"
TOOLS+=(--with rm --with touch --with mv --with sort --with cp)
[ "${FSTESTS_SUBJECT-}" != theirs ] || FSTESTS_SUBJECT=$x/bin/xfs_scrub
guest_seconds=500
mkdir "$dir/share"
chmod 777 "$dir/share"
repair_off='This version checks only'
media_off='is not part of this version'

# In the guest. run NAME COMMAND...: to /share/NAME.out, .err and .code.
# can FEATURE: repair or media, once "abilities MOUNTPOINT" has asked on a sound file system.
prelude+="
mkdir -p /tmp/bin
ln -s ${FSTESTS_SUBJECT:-/usr/bin/holystone} /tmp/bin/xfs_scrub
PATH=/tmp/bin:\$PATH
"'
run() {
	local to=/share/$1
	shift
	"$@" >$to.out 2>$to.err </dev/null
	echo $? >$to.code
}
abilities() {
	xfs_scrub "$1" 2>&1 | grep -q "'"$repair_off"'" || : >/share/can.repair
	xfs_scrub -n -x "$1" 2>&1 | grep -q "'"$media_off"'" || : >/share/can.media
}
can() {
	for feature; do [ -e /share/can.$feature ] || return 1; done
}
# under_load NAME xfsbusy-ARGUMENT -- COMMAND...: twice, while the file system is kept busy
under_load() {
	local to=$1 kind=$2 i
	shift 3
	xfsbusy /mnt/busy 100 $kind >/share/$to.busy 2>&1 &
	busy=$!
	for i in 1 2; do run $to.$i "$@"; done
	kill $busy 2>>/share/$to.busy
	wait $busy
}
'

# can FEATURE... -- CASE : on the host; tells what awaits what
can() {
	local feature missing=()
	while [ "$1" != -- ]; do
		[ -e "$dir/share/can.$1" ] || missing+=("$1")
		shift
	done
	[ ${#missing[@]} = 0 ] || { echo "awaits ${missing[*]}: $2"; return 1; }
}

# ended NAME CODE... : with one of these
ended() {
	local name=$1 code
	shift
	code=$(cat "$dir/share/$name.code" 2>/dev/null) || { bad "$name: did not run"; return; }
	[[ " $* " = *" $code "* ]] || { bad "$name: exit $code"; cat "$dir/share/$name".{out,err} >&2; }
}

# calm NAME : under_load NAME met nothing that is not there, and did not die
calm() {
	local i code
	same "$1: load to the end" "" "$(cat "$dir/share/$1.busy")"
	for i in 1 2; do
		code=$(cat "$dir/share/$1.$i.code")
		[ "$code" -lt 128 ] && [ $((code & 1)) = 0 ] ||
			bad "$1: exit $code: $(cat "$(both "$1.$i")")"
		lacks "$1" '\(Repair unsuccessful;\|Corruption:\)' "$(both "$1.$i")"
	done
}

# both NAME : its output and its errors in one file, as "2>&1" would
both() { cat "$dir/share/$1".{out,err} >"$dir/share/$1.both"; echo "$dir/share/$1.both"; }
