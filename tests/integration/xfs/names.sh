#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Names that deceive are reported on a real file system, their innocent neighbours are not, with
# parent pointers and without; xfs_scrub's exit code is the same.
. "$(dirname "$0")/lib.sh"

for parent in 0 1; do
	make_fs "$dir/names$parent" -m rmapbt=1 -n parent=$parent -L 'plain'
	inside --disk "d=$dir/names$parent" -- '
		mount -t xfs /disk/d /mnt || exit 99
		xfsrich /mnt names || exit 98
		xfs_scrub -n /mnt >/dev/null 2>&1
		echo "theirs $?"
		holystone xfs -n /mnt >/tmp/out 2>&1
		echo "ours $?"
		cat /tmp/out' >"$dir/out"
	same "names" 0 $?
	says "parent=$parent" '^theirs 2$' "$dir/out"
	says "parent=$parent" '^ours 2$' "$dir/out"
	says "parent=$parent" '^Warning: .*gnp.xe2.x80.xaetxt.* suspicious text direction' "$dir/out"
	says "parent=$parent" '^Warning: .*in directory renders identically' "$dir/out"
	says "parent=$parent" '^Warning: .*llama.*pirate.* due to invisible characters' "$dir/out"
	says "parent=$parent" '^Warning: .*job offer.xe2.x80.xa4pdf.* deceptive file extension' "$dir/out"
	says "parent=$parent" '^Warning: .*contr.x01ol-other.* control characters' "$dir/out"
	says "parent=$parent" '^Info: .*moxed_text.* could be confused with "m.xd0.xbexed_text' "$dir/out"
	says "parent=$parent" '^Warning: .*user.cafe.xcc.x81.* in extended attribute renders' "$dir/out"
	lacks "parent=$parent" 'innocent\|na.xc3' "$dir/out"
	same "parent=$parent: warnings" 6 "$(grep -c ^Warning: "$dir/out")"
done
says "paths" '^Warning: /mnt/identical: ' "$dir/out"
says "paths" '^Warning: /mnt/attributes/twins: ' "$dir/out"
finish
