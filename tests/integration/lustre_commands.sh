#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The commands that answer questions about targets and objects, on the targets of a real file
# system with three MDTs: text and JSON, and everything that a command line can get wrong.

set -u
: "${HS_SHARED:=$SOURCE/../shared}"
images=$HS_SHARED/images/lustre-2.17
# shellcheck source=tests/integration/expect.sh
. "$(dirname "$0")/expect.sh"
if [ ! -r "$images/setB.tar.zst" ]; then
	echo "SKIPPED: no $images/setB.tar.zst (set HS_SHARED)"
	exit 77
fi
dir=$(mktemp -d) || exit 99
trap 'rm -rf "$dir"' EXIT
mkdir "$dir/b" "$dir/old"
tar --zstd -xSf "$images/setB.tar.zst" -C "$dir/b" || exit 99
tar --zstd -xSf "$HS_SHARED/images/lustre-2.9.tar.zst" -C "$dir/old" || exit 99
cd "$dir/b" || exit 99
mdts="mdt0.img mdt1.img mdt2.img"
all="$mdts ost0.img ost1.img"

# lustre ARGUMENT...
lustre() {
	"$HOLYSTONE" lustre "$@"
}

# json EXPRESSION: one JSON object, `o`, for which the Python expression is true.
json() {
	lines out 1
	if ! python3 -c "import json, sys
o = json.load(open(sys.argv[1]))
sys.exit(not ($1))" "$dir/out"; then
		echo "$name: not true: $1"
		cat "$dir/out"
		failures=$((failures + 1))
	fi
}

# A directory in a striped directory, whose FID the client saw.
striped=/str-crush-2/sub5
fid=0x200000403:0x3aa:0x0
# shellcheck disable=SC2086 # lists of names without blanks
{
	expect 0 "FID of a path" lustre fid $all $striped
	is out "[$fid]"
	is err ""
	expect 0 "FID of a path, odd slashes" lustre fid $all "str-crush-2//./sub5/"
	is out "[$fid]"
	expect 0 "FID of the root" lustre fid $all /
	is out "[0x200000007:0x1:0x0]"
	expect 0 "FID through .lustre/fid" lustre fid $all "/.lustre/fid/[$fid]"
	is out "[$fid]"
	expect 0 "FID as JSON" lustre fid --json $all $striped
	json "o['type'] == 'fid' and o['fid'] == '[$fid]' and o['exists'] and o['path'] == '$striped'"
	expect 8 "no such path" lustre fid $all /str-crush-2/nobody
	is err 'holystone: "/str-crush-2/nobody": no such name'
	lines out 0
	expect 8 "no such directory" lustre fid $all /nowhere/at/all
	is err 'holystone: "/nowhere": no such name'
	expect 8 "back" lustre fid $all /str-crush-2/../str-crush-2
	holds err '".."'

	expect 0 "path of a FID" lustre path $all $fid
	is out "$striped"
	is err ""
	expect 0 "path of a FID in brackets" lustre path $all "[$fid]"
	is out "$striped"
	expect 0 "path of a shard" lustre path $all 0x240000402:0x5:0x0
	is out "/str-crush-2"
	expect 0 "path as JSON" lustre path --json $all $fid
	json "o['type'] == 'path' and o['paths'] == [{'path': '$striped', 'verified': True}]"
	expect 8 "no such FID" lustre path $all 0x200000403:0xffffff:0x0
	is err "holystone: MDT0000 has no object [0x200000403:0xffffff:0x0]"
	expect 8 "no such FID, JSON" lustre path --json $all 0x200000403:0xffffff:0x0
	json "not o['exists'] and o['paths'] == [] and 'MDT0000' in o['no_path']"
	expect 8 "no such sequence" lustre path $all 0x900000403:0x1:0x0
	holds err "no target owns the sequence"
	expect 8 "a file of the targets' own" lustre path $all 0x200000001:0x3:0x0
	holds err "outside the name space"
	expect 16 "no FID" lustre path $all frobnicate
	is err "holystone: not a FID: frobnicate"
	expect 0 "more names than a linkEA holds" lustre path $all 0x280000403:0x21b:0x0
	lines out 16
	holds err "15 more names exist"

	# without the targets in between
	expect 0 "path with an absent MDT" lustre path mdt0.img mdt2.img ost0.img ost1.img $fid
	is out "$striped"
	expect 8 "FID on an absent MDT" lustre path mdt0.img 0x240000402:0x5:0x0
	holds err "MDT0001, which was not given"
	expect 8 "path through an absent shard" lustre fid mdt0.img /str-crush-2/sub7
	holds err "not given"

	expect 0 "stat of a path" lustre stat $all $striped
	holds out "fid: [$fid]"
	holds out "  - path: $striped"
	is err ""
	expect 0 "stat of a striped directory" lustre stat --json $all /str-crush-2
	json "o['striping']['kind'] == 'master' and o['striping']['hash'] == 'crush' and
		[s['fid'] for s in o['striping']['shards']] ==
			['[0x200000400:0x5:0x0]', '[0x240000402:0x5:0x0]'] and
		o['lma']['incompat'] == ['striped'] and
		o['oi_record']['inode'] == o['inode']['number']"
	# the first file with a stripe that the client saw
	set -- $(zstdcat "$images/setB/truth.jsonl.zst" | python3 -c "
import base64, json, sys
for line in sys.stdin:
    o = json.loads(line)
    if o['mode'].startswith('0o100') and 'trusted.lov' in o['xattr'] and o['size'] and \
            o['nlink'] == 1 and o['show'].isalnum() is False and ' ' not in o['show']:
        lov = base64.b64decode(o['xattr']['trusted.lov'])
        if lov[:4] == b'\xd0\x0b\xd1\x0b':
            print(o['show'], o['fid'], o['size'], o['uid'])
            break")
	file=$1
	file_fid=$2
	size=$3
	uid=$4
	expect 0 "stat of a file" lustre stat --json $all "$file"
	json "o['fid'] == '[$file_fid]' and
		[p['path'] for p in o['paths']] == ['$file'] and
		o['inode']['uid'] == $uid and
		all(s['parent_record']['file'] == '[$file_fid]' and s['uid'] == $uid and
			'problem' not in s for s in o['layout']['components'][0]['stripes']) and
		sum(s['size'] for s in o['layout']['components'][0]['stripes']) == $size"
	object=$(python3 -c "import json, sys
print(json.load(open(sys.argv[1]))['layout']['components'][0]['stripes'][0]['object'])" "$dir/out")
	expect 0 "path of an OST object" lustre path --json $all "$object"
	json "o['file'] == '[$file_fid]' and o['stripe_index'] == 0 and
		o['paths'] == [{'path': '$file', 'verified': True}]"
	expect 0 "stat of an OST object" lustre stat $all "$object"
	holds out "file: [$file_fid]"
	holds out "object name: O/"
	holds out "  - path: $file"
	expect 8 "stat of nothing" lustre stat $all /nothing
	lines err 1
	expect 8 "stat of an unknown FID" lustre stat $all 0x200000403:0xffffff:0x0
	lines err 1

	# usage
	for command in path fid stat; do
		expect 16 "$command without arguments" lustre $command
		holds err "no target given"
		expect 16 "$command without an object" lustre $command mdt0.img
		holds err "targets and an object are needed"
		expect 16 "$command, empty object" lustre $command mdt0.img ""
		expect 16 "$command, unknown option" lustre $command --frobnicate mdt0.img $fid
		expect 8 "$command, an OST alone" lustre $command ost0.img $fid
		holds err "no MDT"
		lines err 1
		expect 8 "$command, same target twice" lustre $command mdt0.img mdt0.img $fid
		holds err "the same target"
		lines err 1
		expect 8 "$command, two file systems" lustre $command mdt0.img "$dir/old/lustre-2.9/ost.img" $fid
		holds err "different file systems"
		lines err 1
		expect 8 "$command, a directory" lustre $command "$dir" $fid
		lines err 1
		expect 8 "$command, no such target" lustre $command nothing.img $fid
		lines err 1
	done
	expect 16 "info without arguments" lustre info
	holds err "no target given"
}

# info: what is on each target
expect 0 "info of an MDT" lustre info mdt1.img
holds out "label: lustre-MDT0001"
holds out "ea_inode"
holds out "dirdata"
holds out "  by class:"
is err ""
expect 0 "info of an OST alone" lustre info --json ost0.img
json "o['type'] == 'target' and o['kind'] == 'OST' and o['index'] == 0 and
	o['fsname'] == 'lustre' and o['last_rcvd']['uuid'] == 'lustre-OST0000_UUID' and
	o['counts']['inodes'] == o['ldiskfs']['inodes_used'] and
	sum(o['counts']['by_class'].values()) == o['counts']['inodes'] and
	o['counts']['by_class']['object'] > 0 and o['object_index']['files_found'] == 64"
expect 0 "info without counts" lustre info --json --no-counts ost0.img
json "'counts' not in o"
expect 0 "info of several targets" lustre info --json mdt0.img ost0.img "$dir/old/lustre-2.9/mdt.img"
lines out 3

head -c 10000000 mdt0.img >truncated.img
head -c 1000 mdt0.img >stump.img
: >empty.img
head -c 8000000 /dev/zero >zeroes.img
for bad in truncated.img stump.img empty.img zeroes.img "$dir" nothing.img; do
	expect 8 "info of $bad" lustre info "$bad"
	lines err 1
	lines out 0
	expect 8 "stat on $bad" lustre stat "$bad" $fid
	lines err 1
done
expect 8 "info of a bad target among good ones" lustre info --json zeroes.img ost0.img
lines err 1
lines out 1

[ "$failures" -eq 0 ]
