#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What is installed: the units mean something to systemd and keep their sandbox, the program takes
# the options that they give it, and a failure is mailed. $1 is the build directory.
set -u
build=$1
dir=$(mktemp -d) || exit 99
trap 'rm -rf "$dir"' EXIT
# shellcheck source=tests/integration/expect.sh
. "$(dirname "$0")/expect.sh"
bad() { echo "$*"; failures=$((failures + 1)); }

root=$dir/root
DESTDIR=$root meson install -C "$build" --no-rebuild --quiet >"$dir/log" 2>&1 || {
	cat "$dir/log"
	exit 1
}
units=$(dirname "$(find "$root" -name 'holystone-xfs@.service')")
[ -d "$units" ] || { echo "SKIPPED: built without units"; exit 77; }
same() { [ "$2" = "$3" ] || bad "$1: not '$2' but '$3'"; }

same "units" "holystone-all.service holystone-all.timer holystone-fail@.service
holystone-xfs-media@.service holystone-xfs@.service system-holystone.slice" \
	"$(cd "$units" && printf '%s\n' ./* | sed 's:^./::' | LC_ALL=C sort | xargs -n 3)"
grep -l '@[A-Z_]*@' "$units"/* && bad "a place was not filled in"

# --- the program knows the options -----------------------------------------------------------------

# command UNIT : its words, the specifiers as systemd would put them
command_of() {
	sed -n 's/^ExecStart=//p' "$units/$1" | sed 's:%f:/nowhere/at-all:g; s:%i:a.service:g'
}
for unit in holystone-xfs@ holystone-xfs-media@; do
	# shellcheck disable=SC2046
	set -- $(command_of $unit.service)
	[ -x "$root$1" ] || bad "$unit: $1 is not installed"
	program=$root$1
	shift
	same "$unit: mount point comes last" /nowhere/at-all "${!#}"
	expect 4 "$unit" "$program" "$@"
	holds err "/nowhere/at-all"
	lines err 1
	# where -M looks is where the mount is bound to
	same "$unit: -M" "$(sed -n 's/^BindPaths=%f:\(.*\):norbind$/\1/p' "$units/$unit.service")" \
		"$(echo "$*" | sed 's/.* -M \([^ ]*\).*/\1/')"
done
same "the media unit reads data" 1 "$(grep -c '^ExecStart=.* -x %f$' "$units/holystone-xfs-media@.service")"
same "the other does not" 0 "$(grep -c '^ExecStart=.* -x' "$units/holystone-xfs@.service")"
same "they differ in nothing else" 4 \
	"$(diff "$units/holystone-xfs@.service" "$units/holystone-xfs-media@.service" | grep -c '^[<>]')"
# shellcheck disable=SC2046
set -- $(command_of holystone-all.service)
expect 0 "holystone-all.service" "$root$1" "${@:2}" --list
expect 0 "unit of a mount point" "$root$1" xfs --svcname '/a b'
[ -e "$units/$(sed 's/@.*/@/' "$dir/out").service" ] || bad "--svcname names a unit that is not installed"
expect 0 "media unit of a mount point" "$root$1" xfs -x --svcname '/a b'
[ -e "$units/$(sed 's/@.*/@/' "$dir/out").service" ] || bad "-x --svcname names a unit that is not installed"

# --- shell completion ------------------------------------------------------------------------------

# completes WORD... : what is offered for the last of them
completes() {
	# shellcheck disable=SC1090,SC2016
	PATH=$(dirname "$program"):$PATH bash -c '. "$0"; COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
		_holystone && echo "${COMPREPLY[*]}"' \
		"$root$(find "$root" -path '*/completions/holystone' | sed "s:^$root::")" holystone "$@"
}
same "complete: commands" "$("$program" --help | sed -n 's/^  \([a-z-]*\) .*/\1/p' | xargs)" "$(completes "")"
same "complete: one command" setup-xfs-scrub "$(completes se)"
same "complete: a command below" check "$(completes lustre ch)"
same "complete: options" "--auto-media-scan-interval --auto-media-scan-stamp" "$(completes all --auto)"
same "complete: files" "" "$(completes xfs "")"

# --- a failure is mailed ---------------------------------------------------------------------------

mkdir "$dir/bin"
cat >"$dir/bin/sendmail" <<END
#!/bin/sh
echo "\$*" >"$dir/mail.args"
cat >"$dir/mail"
END
cat >"$dir/bin/journalctl" <<END
#!/bin/sh
echo "journal: \$*"
END
cat >"$dir/bin/systemctl" <<END
#!/bin/sh
echo "systemctl: \$*"
END
chmod +x "$dir/bin"/*
# shellcheck disable=SC2046
set -- $(command_of holystone-fail@.service)
report=$root$1
unit='holystone-xfs@mnt-a\x20b\x0ac.service'
mailed() { PATH=$dir/bin:$PATH "$report" "$@"; }
MONITOR_INVOCATION_ID=0123abcd expect 0 "mail" mailed root "$unit"
same "mail: recipient comes from the header" "-i -t" "$(cat "$dir/mail.args")"
grep -q '^To: root$' "$dir/mail" || bad "mail: no recipient"
if command -v systemd-escape >/dev/null; then
	grep -q '^Subject: holystone: check of /mnt/a bc on .* failed$' "$dir/mail" || bad "mail: subject"
fi
grep -q "^journal: .*_SYSTEMD_INVOCATION_ID=0123abcd" "$dir/mail" || bad "mail: journal of this run"
expect 0 "mail without an invocation" mailed root "$unit"
grep -qF "systemctl: status --no-pager --full --lines=10000 -- $unit" "$dir/mail" || bad "mail: status"
expect 0 "mail of the timer's unit" mailed root holystone-all.service
grep -q '^Subject: holystone: holystone-all.service failed on' "$dir/mail" || bad "mail: subject of all"
rm "$dir/mail"
expect 0 "nobody is to be told" mailed "" "$unit"
[ ! -e "$dir/mail" ] || bad "mail to nobody"
rm "$dir/bin/sendmail"
if ! (PATH=$PATH:/usr/sbin:/usr/lib && command -v sendmail >/dev/null); then
	expect 1 "no mail system" mailed root "$unit"
	holds err "no sendmail on this system"
fi

# --- systemd understands them ----------------------------------------------------------------------

if ! command -v systemd-analyze >/dev/null || [ ! -e /lib/systemd/system/sysinit.target ]; then
	[ "$failures" -eq 0 ] || exit 1
	echo "SKIPPED: no systemd-analyze here to look at the units"
	exit 77
fi
there=$root/lib/systemd/system
mkdir -p "$there"
cp /lib/systemd/system/*.target /lib/systemd/system/*.slice "$there" 2>/dev/null
[ "$units" -ef "$there" ] || cp "$units"/* "$there"
for unit in holystone-all.timer holystone-all.service holystone-xfs@mnt.service \
	holystone-xfs-media@mnt.service holystone-fail@holystone-xfs@mnt.service.service \
	system-holystone.slice; do
	systemd-analyze verify --root="$root" --man=no "$unit" >"$dir/out" 2>&1
	same "verify $unit" 0 $?
	# units of the system itself may be missing in here
	grep -F holystone "$dir/out" && bad "verify $unit"
done
# no more exposed than the units of xfsprogs 7.2, which have 1.2 and 1.4 of 10
exposed() { # UNIT MOST
	systemd-analyze security --offline=true --root="$root" --threshold="$2" "$1" >"$dir/out" 2>&1 ||
		{ bad "$1 is more exposed than $2 %"; tail -n 1 "$dir/out"; }
}
exposed holystone-xfs@mnt.service 13
exposed holystone-xfs-media@mnt.service 13
exposed holystone-all.service 15
[ "$failures" -eq 0 ]
