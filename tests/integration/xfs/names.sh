#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Every class of names that deceive is reported on a real file system, in directories, among
# extended attributes and in the label, and no innocent neighbour is, with parent pointers and
# without. xfs_scrub says the same, but for the classes that it has not.
. "$(dirname "$0")/lib.sh"
size=300M
mkdir "$dir/share"
chmod 777 "$dir/share"

cat >"$dir/share/script" <<'END'
mount -t xfs /disk/d /mnt || exit 99
xfsnames /mnt || exit 98
umount /mnt
side_by_side names$p /disk/d defaults
mount -t xfs /disk/d /mnt
holystone xfs -n /mnt >/share/lines$p 2>&1
LC_ALL=C holystone xfs -n /mnt >/share/bytes$p 2>&1
LC_ALL=C xfs_scrub -n /mnt >/share/bytes$p.scrub 2>&1
umount /mnt
END
# name.deceptive and name.innocent: labels
label() { printf "$2" >"$dir/share/label.$1"; }
label override.deceptive 'mo\342\200\256gnp.txt'
label override.innocent 'mognp.txt'
label control.deceptive 'a\001b'
label control.innocent 'a_b'
label variation.deceptive 'a\357\270\217\357\270\217'
label variation.innocent '\342\235\244\357\270\217'
label invalid.deceptive 'bad\377'
label invalid.innocent 'b\303\244d'
label mixed.innocent '\327\220\327\221'
cat >"$dir/share/labels" <<'END'
mount -t xfs /disk/d /mnt || exit 99
for l in /share/label.*; do
	xfs_io -c "label -s $(cat $l)" /mnt >/dev/null
	l=${l#/share/label.}
	XFS_SCRUB_PHASE=5 holystone xfs -d -n --json /mnt >/share/$l.json 2>&1
	echo $? >/share/$l.ours
	XFS_SCRUB_PHASE=5 xfs_scrub -d -n /mnt 2>&1 | sed 's, (.* line [0-9]*)$,,' >/share/$l.scrub
done
END

# said WHAT PATTERN: of an entry (a directory's or an attribute) in both lists
said() {
	says "parent=$p: $1" "$2" "$dir/share/lines$p"
}

# The same of an entry of a directory and of an attribute.
class() { # NAME LEVEL UNICODE-NAME TEXT
	said "$1" "^$2: .*ame \"$3\" in directory $4"
	said "$1 attribute" "^$2: .*ame \"user.$3\" in extended attribute $4"
}

for p in 0 1; do
	make_fs "$dir/names$p" -m rmapbt=1 -n parent=$p
	inside --disk "d=$dir/names$p" --share "$dir/share" --with dd -- "p=$p; . /share/script" >"$dir/out"
	same "names" 0 $? || cat "$dir/out" >&2
	class override Warning 'gnp.xe2.x80.xaetxt' 'contains suspicious text direction overrides'
	class identical Warning 'cafe*.xc[3c].x[a8][91]' 'renders identically to "[^"]*caf'
	class invisible Warning 'llama.xe2.x80.x8bpirate' "could be confused with '[^']*llamapirate' due to"
	said phony '^Warning: .*"job offer.xe2.x80.xa4pdf" in directory contains a possibly deceptive file'
	class control Warning 'contr.x01ol-other' 'contains control characters'
	class variation Warning 'vari.xef.xb8.x8f.xef.xb8.x8fation' 'contains a weird sequence of variation'
	class mixed Info 'mixed.xd7.x90.xd7.x91' 'mixes bidirectional characters'
	class confusable Info 'm[^"]*xed_text' 'could be confused with "[^"]*xed_text"'
	class alike Info '[rm][^"]*odern' 'could be confused with "[^"]*odern"'
	class case Info '[Mm]akefile' 'differs from "[^"]*akefile" in case only'
	class blank Info 'a blank ' 'begins or ends with a blank'
	class invalid Info 'broken.xff' 'is not valid UTF-8'
	# 6 in directories, and but for the file extension the same among attributes
	same "parent=$p: warnings" 11 "$(grep -c '^Warning: ' "$dir/share/lines$p")"
	same "parent=$p: notes" 12 "$(grep -c '^Info: .*ame "' "$dir/share/lines$p")"
	for name in gnp.txt 'job offer.pdf.txt' control 'love.xe2.*' '.xd7.x90.xd7.x91.xd7.x92.txt' harbour \
		README 'no blank' 'br.xc3.xb6ken' 'na.xc3.xafve' naive '.xe4.xbd.*' file.txt other '.xce.*'; do
		lacks "parent=$p: innocent" "name \"\(user\.\)*$name\"" "$dir/share/lines$p"
	done
	places=(/mnt/mixed /mnt/case /mnt/blank /mnt/invalid /mnt/attributes/{mixed,case,blank,invalid})
	if [ $p = 0 ]; then # without parent pointers there are no paths
		for i in "${!places[@]}"; do
			places[i]="inode $("$x/run" xfs_db -c "path ${places[i]#/mnt}" -c inode "$dir/names0" |
				sed -n 's/^current inode number is \([0-9]*\).*/\1/p')"
		done
	fi
	same_verdicts "names$p" \
		"+${places[0]}: Unicode name \"mixed\\xd7\\x90\\xd7\\x91\" in directory mixes bidirectional characters." \
		"+${places[1]}: Unicode name \"makefile\" in directory differs from \"Makefile\" in case only." \
		"+${places[2]}: Unicode name \"a blank \" in directory begins or ends with a blank." \
		"+${places[3]}: Name \"broken\\xff\" in directory is not valid UTF-8." \
		"+${places[4]}: Unicode name \"user.mixed\\xd7\\x90\\xd7\\x91\" in extended attribute mixes bidirectional characters." \
		"+${places[5]}: Unicode name \"user.makefile\" in extended attribute differs from \"user.Makefile\" in case only." \
		"+${places[6]}: Unicode name \"user.a blank \" in extended attribute begins or ends with a blank." \
		"+${places[7]}: Name \"user.broken\\xff\" in extended attribute is not valid UTF-8."
	# where the locale is not UTF-8 only bytes are looked at
	lacks "parent=$p: C" Unicode "$dir/share/bytes$p"
	says "parent=$p: C" '^Info: .*Control character found in directory name "contr.x01ol-other".$' "$dir/share/bytes$p"
	says "parent=$p: C" '^Info: .*extended attribute name "user.contr.x01ol-other".$' "$dir/share/bytes$p"
	same "parent=$p: C" "$(sort "$dir/share/bytes$p.scrub")" "$(sort "$dir/share/bytes$p")"
done

make_fs "$dir/empty"
inside --disk "d=$dir/empty" --share "$dir/share" -- '. /share/labels' >"$dir/out"
same "labels" 0 $? || cat "$dir/out" >&2
for class in override control variation invalid mixed; do
	for kind in deceptive innocent; do
		name=$class.$kind
		[ -e "$dir/share/label.$name" ] || continue
		n=$(grep -c '"object":"label"' "$dir/share/$name.json")
		same "label $name" "$([ $kind = innocent ] && echo 0 || echo 1)" "$n"
		if [ $name = invalid.deceptive ]; then
			same "label $name" 0 "$(cat "$dir/share/$name.ours")"
			continue # xfs_scrub has no such class
		fi
		"$here/verdicts.py" "$dir/share/$name.json" "$dir/share/$name.scrub" >"$dir/verdicts" ||
			bad "label $name: $(cat "$dir/verdicts")"
		same "label $name" "$([ $kind = innocent ] && echo 0 || echo 2)" "$(cat "$dir/share/$name.ours")"
	done
done
finish
