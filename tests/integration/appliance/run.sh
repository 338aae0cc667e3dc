#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A command inside: its streams, its end, and how it is ended.
. "$(dirname "$0")/lib.sh"

# --- streams stay apart, as bytes, and the exit code comes out -----------------------------------
guest -- 'echo to-out; echo to-err >&2; exit 7' >"$dir/out" 2>"$dir/err"
same "exit code" 7 $?
same "standard output" to-out "$(cat "$dir/out")"
same "standard error" to-err "$(cat "$dir/err")"

head -c 300000 /dev/urandom >"$dir/bytes"
appliance -- cat <"$dir/bytes" >"$dir/back"
cmp -s "$dir/bytes" "$dir/back" || bad "bytes through standard input and output are not the same"
appliance --with "$dir/bytes:/bytes" -- cat /bytes | cmp -s - "$dir/bytes" || bad "a file brought in"
same "no input is an empty input" 0 "$(guest -- 'cat | { n=0; while read -r l; do n=1; done; echo $n; }' </dev/null)"
[ "$(guest -- 'test -t 1 && echo terminal')" = "" ] || bad "standard output must be no terminal"

# a reader that goes away ends the command
timeout 20 bash -c '"$0" appliance run -- yes 2>"$1" | head -c 10 >/dev/null' "$HOLYSTONE" "$dir/err"
same "a closed pipe" 0 $?

# --- what the command gets ------------------------------------------------------------------------
same "variable" value "$(appliance --env WORD=value -- sh -c 'echo $WORD')"
same "locale" C.UTF-8 "$(LC_ALL=C.UTF-8 appliance -- sh -c 'echo $LC_ALL')"
same "processors" 1 "$(appliance --cpus 1 --with grep -- grep -c ^processor /proc/cpuinfo)"
same "two processors" 2 "$(appliance --cpus 2 --with grep -- grep -c ^processor /proc/cpuinfo)"
mkdir "$dir/share"
echo from-host >"$dir/share/a"
same "shared directory" from-host "$(guest --share "$dir/share" -- 'cat /share/a; echo from-guest >/share/b')"
same "written to the shared directory" from-guest "$(cat "$dir/share/b")"

# --- ends ----------------------------------------------------------------------------------------
appliance -- /nonexistent 2>"$dir/err"
same "no such command" 125 $?
says "no such command" /nonexistent "$dir/err"
appliance -- sh -c 'kill -9 $$'
same "killed by a signal" 137 $?
"$HOLYSTONE" appliance run --timeout 2 -- sleep 100 2>"$dir/err"
same "timeout" 124 $?
appliance -- sh -c 'echo c >/proc/sysrq-trigger' 2>"$dir/err"
same "a panic" 125 $?
says "a panic's reason" 'sysrq triggered crash' "$dir/err"

# interrupt SIGNALS BEFORE SCRIPT : starts it with the file system on $dir/x mounted, sends the signals
make_xfs "$dir/x"
interrupt() {
	local n pid
	mkfifo "$dir/said"
	set -m # without job control, what runs in the background ignores SIGINT
	# synced, so that the log on disk is dirty until the file system is unmounted
	launcher "${TOOLS[@]}" --disk x="$dir/x" -- sh -c \
		"$2; mount /disk/x /mnt && echo data >/mnt/file && sync && echo up; $3" \
		>"$dir/said" 2>"$dir/err" &
	pid=$!
	set +m
	read -r _ <"$dir/said"
	for n in $1; do
		kill "-$n" "$pid"
		sleep 0.5
	done
	wait "$pid"
	code=$?
	rm "$dir/said"
}
clean_log() { ! command -v xfs_logprint >/dev/null || xfs_logprint -t "$dir/x" 2>/dev/null | grep -q CLEAN; }

for s in INT TERM HUP; do
	interrupt $s : 'exec sleep 100'
	[ "$code" -gt 128 ] || bad "SIG$s: exit code $code"
	clean_log || bad "SIG$s: not unmounted"
done
interrupt "INT INT" 'trap "" INT' 'while :; do sleep 1; done'
same "a command that ignores SIGINT is killed by the second" 137 "$code"
clean_log || bad "not unmounted after the second signal"

# a launcher that is killed takes its guest with it, and the disk is free again
launcher --disk x="$dir/x" -- sleep 100 &
pid=$!
sleep 2
kill -KILL $pid
wait $pid 2>/dev/null
sleep 1
appliance --disk x="$dir/x" -- true 2>"$dir/err"
same "after a killed launcher" 0 $?

finish
