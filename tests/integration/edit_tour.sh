#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Lustre targets, made ones and those of real servers, are edited from end to end (edit_tour): the
# check says afterwards what it said before, so does e2fsck where it knows the features, and
# 'holystone undo' and e2undo give back every bit.
#
# usage: edit_tour.sh EDIT_TOUR; environment: HOLYSTONE, MKLUSTRE, SOURCE, HS_SHARED.
set -u
tour=$1
failures=0
PATH=$PATH:/usr/sbin:/sbin
shared=${HS_SHARED:-$SOURCE/../shared}
# Where fsync costs nothing, if there is such a place.
dir=$(mktemp -d -p /dev/shm 2>/dev/null) || dir=$(mktemp -d) || exit 99
trap 'rm -rf "$dir"' EXIT

fail() {
	echo "$*"
	failures=$((failures + 1))
}

# What the check says of a cluster, without the run, and without the places of entries, which move.
check() {
	"$HOLYSTONE" lustre check --run-dir "$dir/run" "$@" >"$dir/out" 2>&1 </dev/null
	echo "exit $?" >>"$dir/out"
	sed -e 's/; run .*//' -e 's/ block [0-9]*:/:/' "$dir/out" | sort
	rm -rf "$dir/run"
}

# What e2fsck says: nothing of a target whose features it does not know.
fsck() {
	e2fsck -fn "$1" 2>&1 | grep -v 'files (.*blocks$' | grep -v '^e2fsck'
}

# tour_cluster NAME: all images of $dir/NAME
tour_cluster() {
	name=$1
	mkdir "$dir/edits" "$dir/copy"
	images=$(find "$dir/$name" -name '*.img' | sort)
	# shellcheck disable=SC2086
	check $images >"$dir/before"
	for img in $images; do
		label=$(basename "$img" .img)
		cp --sparse=always "$img" "$dir/copy/$label"
		fsck "$img" >"$dir/fsck.before"
		if ! "$tour" "$img" "$dir/edits" "$label" 2>"$dir/err"; then
			fail "$name $label: $(cat "$dir/err")"
			continue
		fi
		cmp -s "$img" "$dir/copy/$label" && fail "$name $label: nothing was changed"
		fsck "$img" >"$dir/fsck.after"
		diff "$dir/fsck.before" "$dir/fsck.after" >"$dir/diff" ||
			fail "$name $label: e2fsck: $(head -n 20 "$dir/diff")"
	done
	# shellcheck disable=SC2086
	check $images >"$dir/after"
	diff "$dir/before" "$dir/after" >"$dir/diff" ||
		fail "$name: the check: $(head -n 20 "$dir/diff")"
	n=0
	for img in $images; do
		label=$(basename "$img" .img)
		n=$((n + 1))
		if [ $((n % 2)) -eq 0 ]; then
			e2undo "$dir/edits/$label.e2undo" "$img" >"$dir/out" 2>&1 ||
				fail "$name $label: e2undo: $(cat "$dir/out")"
		else
			"$HOLYSTONE" undo "$dir/edits" "$label=$img" >"$dir/out" 2>&1 ||
				fail "$name $label: undo: $(cat "$dir/out")"
		fi
		cmp "$img" "$dir/copy/$label" || fail "$name $label: not restored"
	done
	rm -rf "$dir/edits" "$dir/copy" "${dir:?}/$name"
}

made() {
	name=$1
	shift
	"$MKLUSTRE" -o "$dir/$name" "$@" || exit 99
	tour_cluster "$name"
}

real() {
	if [ ! -r "$shared/images/$1.tar.zst" ]; then
		echo "no $shared/images/$1.tar.zst (set HS_SHARED): not tested"
		return
	fi
	mkdir "$dir/real"
	tar --zstd -xf "$shared/images/$1.tar.zst" -C "$dir/real" || exit 99
	tour_cluster real
}

made rich --preset rich --mdts 2 --osts 2 --files 300
made csum --preset rich --mdts 1 --osts 1 --files 300 --features metadata_csum,64bit
made plain --preset rich --mdts 1 --osts 1 --files 300 --no-dirdata --features metadata_csum,64bit
made big --mdts 1 --osts 1 --files 50 --big-dir 3000 --no-dirdata
made old --preset rich --mdts 1 --osts 1 --files 200 --mdt-inode-size 512 --ost-inode-size 256
real lustre-2.9
real lustre-2.10
real lustre-2.17/setA
real lustre-2.17/setB
real lustre-2.17/setE

[ "$failures" -eq 0 ] || echo "$failures failures"
[ "$failures" -eq 0 ]
