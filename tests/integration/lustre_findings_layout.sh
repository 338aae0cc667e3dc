#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Layout findings on images of real Lustre targets, each with one planted fault: exactly the rules
# and victims that the faults' own records tell of, and silence on healthy ones. Each image is
# checked twice, with other threads, counters and seed, and must say the same.
#
# A line of expectation: rule, target, object, path ("-" for none), further objects by commas.

set -u
images=${HS_SHARED:-$SOURCE/../shared}/images/lustre-2.17
if [ ! -d "$images/faults" ] || ! command -v zstd >/dev/null; then
	echo "SKIPPED: no $images/faults, or no zstd (set HS_SHARED)"
	exit 77
fi
dir=$(mktemp -d) || exit 99
trap 'rm -rf "$dir"' EXIT
trap 'exit 99' INT TERM HUP
failures=0

# findings RUN OPTION...: one line a finding, sorted, to $dir/got; the exit code to $code.
findings() {
	run=$1
	shift
	"$HOLYSTONE" lustre check --run-dir "$dir/$run" "$@" $(find "$dir/image" -name '*.img' | sort) \
		>"$dir/text" 2>"$dir/err"
	code=$?
	awk '
		function flush() {
			if (key != "")
				print key, path, with == "" ? "-" : with
			key = path = with = ""
		}
		/^(error|warning|note) / {
			flush()
			object = $4 == "inode" ? $4 " " $5 : $4
			sub(/:$/, "", object)
			key = $2 " " $3 " " object
			path = "-"
		}
		/^    path: / { path = substr($0, 11) }
		/^    with: / { with = with (with == "" ? "" : ",") $2 }
		/^lustre: / { flush() }
	' "$dir/text" | sort >"$dir/got"
}

# check NAME EXIT: the image, against the lines on standard input.
check() {
	name=$1
	archive=$images/faults/$name.tar.zst
	[ -f "$archive" ] || archive=$images/$name.tar.zst
	if [ ! -f "$archive" ]; then
		echo "$name: no such image"
		failures=$((failures + 1))
		return
	fi
	sort >"$dir/want"
	rm -rf "$dir/image" "$dir/one" "$dir/two"
	mkdir "$dir/image"
	tar -C "$dir/image" --zstd -xf "$archive"
	findings one --threads=1 --seed=1 --counters=64
	cp "$dir/got" "$dir/first"
	if [ "$code" -ne "$2" ] || ! cmp -s "$dir/want" "$dir/got"; then
		echo "$name: exit $code (not $2), or other findings (wanted <, got >):"
		diff "$dir/want" "$dir/got"
		cat "$dir/err"
		failures=$((failures + 1))
	fi
	findings two --threads=3 --seed=2
	if ! cmp -s "$dir/first" "$dir/got"; then
		echo "$name: other findings with other threads and seed:"
		diff "$dir/first" "$dir/got"
		failures=$((failures + 1))
	fi
}

# Created with the FID of the next file in lmm_oi.
check 13-bad-lmmoi 4 <<END
LAY-1 MDT0000 [0x200000bd1:0x1:0x0] /t/f0 -
LAY-1 MDT0000 [0x200000bd1:0x2:0x0] /t/f1 -
END

# Parent records of a FID that was never given out, in a plain and a composite file.
check 15a-unmatched1 4 <<END
LAY-3 OST0000 [0x240000400:0x62:0x0] /t/f0 [0x200000bd1:0x2:0x0]
LAY-3 OST0000 [0x240000400:0x63:0x0] /t/f1 [0x200000bd1:0x3:0x0]
LAY-3 OST0001 [0x280000400:0x62:0x0] /t/f1 [0x200000bd1:0x3:0x0]
END

# Parent records of the file before.
check 15b-unmatched2 4 <<END
LAY-3 OST0000 [0x240000400:0x63:0x0] /t/0/f0 [0x200000bd1:0x4:0x0]
LAY-3 OST0000 [0x240000400:0x64:0x0] /t/f1 [0x200000bd1:0x5:0x0]
LAY-3 OST0001 [0x280000400:0x62:0x0] /t/f1 [0x200000bd1:0x5:0x0]
LAY-3 OST0001 [0x280000400:0x63:0x0] /t/f1 [0x200000bd1:0x5:0x0]
END

# Two files were given the object of a third.
check 17-multiple-ref 4 <<END
LAY-4 MDT0000 [0x200000bd1:0x3:0x0] /t/f0 [0x240000400:0x62:0x0]
LAY-4 MDT0000 [0x200000bd1:0x4:0x0] /t/f1 [0x240000400:0x62:0x0]
END

# Files removed, objects kept, written without parent record.
check 18c-lost-mdtobj-nopfid 4 <<END
LAY-9 OST0000 [0x240000400:0x62:0x0] - -
LAY-9 OST0000 [0x240000400:0x63:0x0] - -
LAY-9 OST0001 [0x280000400:0x62:0x0] - -
END

# The stripe records of f2 and f4 were made those of guard files, removed since.
check 18d-change-stripe 4 <<END
LAY-6 MDT0000 [0x200000bd1:0x4:0x0] /t/a1/f2 [0x240000400:0x63:0x0]
LAY-6 MDT0000 [0x200000bd1:0x6:0x0] /t/a1/f4 [0x240000400:0x65:0x0]
END

# First component from 1 to 2M - 1.
check 18h-bad-pfl-range 4 <<END
LAY-65 MDT0000 [0x200000bd1:0x1:0x0] /t/f0 -
END

# Three files removed: both objects of the first kept, one each of the others.
check 20a-lov-hole 4 <<END
LAY-8 MDT0000 [0x200000bd1:0x3:0x0] - [0x240000400:0x62:0x0],[0x280000400:0x62:0x0]
LAY-8 MDT0000 [0x200000bd1:0x4:0x0] - [0x280000400:0x63:0x0]
LAY-8 MDT0000 [0x200000bd1:0x5:0x0] - [0x240000400:0x64:0x0]
END

# A mirror split off and destroyed from each file, its objects kept.
check 36-mirror-lost 4 <<END
LAY-7 MDT0000 [0x200000bd1:0x1:0x0] /t/f0 [0x240000400:0x62:0x0],[0x280000400:0x64:0x0],[0x280000400:0x62:0x0]
LAY-7 MDT0000 [0x200000bd1:0x3:0x0] /t/f1 [0x240000400:0x67:0x0],[0x280000400:0x66:0x0],[0x240000400:0x66:0x0]
END

# trusted.lov overwritten by text.
check raw-lov-garbage 4 <<END
LAY-15 MDT0000 [0x200000bd1:0x2:0x0] /t/d0/f0 [0x280000400:0x62:0x0]
END

# An object erased, its name too.
check raw-ost-obj-clri 4 <<END
LAY-2 MDT0000 [0x200000bd1:0x2:0x0] /t/d0/f0 [0x280000400:0x62:0x0]
END
check raw-ost-obj-gone-create 4 <<END
LAY-2 MDT0000 [0x200000bd1:0x2:0x0] /t/d0/f0 [0x240000400:0x62:0x0]
END

# Owner, group and project of three files changed on the MDT only.
check raw-uid 4 <<END
LAY-5 MDT0000 [0x200000bd1:0x2:0x0] /t/d0/f0 [0x240000400:0x62:0x0]
LAY-5 MDT0000 [0x200000bd1:0x3:0x0] /t/d0/f1 [0x280000400:0x62:0x0]
LAY-5 MDT0000 [0x200000bd1:0x4:0x0] /t/d0/f2 [0x240000400:0x63:0x0]
END

# Files created while the OST lost 96 objects, 0x82 to 0xe1: f32 to f95, fc0, fc1, a0 to a29.
i=0
while [ $i -lt 96 ]; do
	case $i in
	64 | 65) path=/t/fc$((i - 64)) ;;
	*) [ $i -lt 64 ] && path=/t/f$((i + 32)) || path=/t/a$((i - 66)) ;;
	esac
	printf 'LAY-2 MDT0000 [0x200000bd1:0x%x:0x0] %s [0x240000400:0x%x:0x0]\n' \
		$((34 + i)) $path $((130 + i))
	i=$((i + 1))
done >"$dir/dangling"
check 14-dangling-create 4 <"$dir/dangling"

# Healthy, but for three mirrors whose objects were never written or keep a stale record.
check setC 4 <<END
LAY-3 OST0000 [0x240000400:0xeb:0x0] /flr/prefer [0x200000401:0x498:0x0]
LAY-3 OST0001 [0x280000400:0x113:0x0] /flr/stale [0x200000401:0x496:0x0]
LAY-3 OST0001 [0x280000400:0x115:0x0] /flr/splitout [0x200000401:0x49c:0x0]
END

for name in none1 none2 setA setB setE; do
	check $name 0 </dev/null
done

[ $failures -eq 0 ] || exit 1
