#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What the tests of names in fstests demand of an xfs_scrub (format notes 12.2): generic/453 of
# directories, generic/454 of extended attributes, xfs/504 of labels.
. "$(dirname "$0")/fstests_lib.sh"
size=300M

# labels: up to 12 bytes
make_fs "$dir/names" -n parent=1 -L "$(printf 'mo\342\200\256gnp.txt')"
make_fs "$dir/control" -L "$(printf 'co\001trol')"
make_fs "$dir/plain" -L "$(printf 'na\303\257ve')"
cat >"$dir/share/script" <<'END'
mount -t xfs /disk/plain /mnt || exit 99
run plain xfs_scrub -v -n /mnt
umount /mnt
mount -t xfs /disk/control /mnt || exit 98
run control xfs_scrub -v -n /mnt
umount /mnt
mount -t xfs /disk/names /mnt || exit 97
run label xfs_scrub -v -n /mnt
xfsnames /mnt fstests || exit 96
run names xfs_scrub -v -n /mnt
umount /mnt
END
inside --disk "names=$dir/names:cow" --disk "control=$dir/control:cow" --disk "plain=$dir/plain:cow" \
	--share "$dir/share" -- '. /share/script' >"$dir/out"
same "all cases ran" 0 $? || cat "$dir/out" >&2

# ---- generic/453 and generic/454: as they look for it, in the lines with "Unicode" alone
ended names 2
grep Unicode "$(both names)" | sort >"$dir/unicode"
grep 'in directory' "$dir/unicode" >"$dir/453"
grep 'in extended attribute' "$dir/unicode" >"$dir/454"
for name in french_ greek_ arabic_ mixed_ hyphens_ dz_digraph_ inadequate_ prohibition_ zerojoin_ \
	llamapirate; do
	says "generic/453" "$name" "$dir/453"
	says "generic/454" "$name" "$dir/454"
done
for name in toilet_ 'job offer.xe2.x80.xa4pdf' 'job offer.xef.xb9.x92pdf' 'job offer.xef.xbc.x8epdf' \
	'job offer.xdc.x81pdf' 'job offer.xdc.x82pdf' 'job offer.xea.x93.xb8pdf' \
	'job offer.*could be confused with' 'job offer.xe2.x80.xa4.xe2.x80.x8dpdf'; do
	says "generic/453" "$name" "$dir/453"
done

# ---- xfs/504: on standard error, as Warnings
ended label 2
says "xfs/504" '^Warning.*gnp.txt.*suspicious text direction' "$dir/share/label.err"
ended control 2
says "xfs/504" '^Warning.*control characters' "$dir/share/control.err"
ended plain 0
lacks "xfs/504" Unicode "$(both plain)"
finish
