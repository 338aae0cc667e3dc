#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What the guest may reach, who may start it, and where its memory goes.
. "$(dirname "$0")/lib.sh"

# --- never the host's root -------------------------------------------------------------------------
mkdir "$dir/share"
echo secret >"$dir/outside"
ln -s "$dir/outside" "$dir/share/link"
cat >"$dir/escape" <<END
mkdir /x
mount -t hostfs none /x -o /../../../../../../../..
mount -t hostfs none /mnt -o $dir
cat /x/etc/passwd /mnt/outside /share/link /share/../outside
echo written >/mnt/outside
echo written >/x$dir/outside
END
for share in "--share $dir/share" ""; do
	guest $share --with mkdir --with "$dir/escape:/escape" -- '. /escape' >"$dir/out" 2>/dev/null
	same "reading outside (${share:-nothing shared})" "" "$(cat "$dir/out")"
	same "writing outside" secret "$(cat "$dir/outside")"
done
same "the guest's root is its own" "" "$(guest -- 'ls /home /boot /srv 2>/dev/null')"

# --- without privileges ----------------------------------------------------------------------------
make_xfs "$dir/x"
if [ "$(id -u)" = 0 ]; then
	install -m 755 "$HOLYSTONE" "$dir/holystone"
	install -m 755 "$HOLYSTONE_APPLIANCE_KERNEL" "$dir/linux"
	chown 65534:65534 "$dir/x"
	as_nobody() {
		setpriv --reuid 65534 --regid 65534 --clear-groups --no-new-privs \
			env HOME=/nonexistent HOLYSTONE_APPLIANCE_KERNEL="$dir/linux" \
			"$dir/holystone" appliance run --timeout 60 "${TOOLS[@]}" "$@"
	}
	same "as nobody" yes "$(as_nobody --disk x="$dir/x" -- \
		sh -c 'mount /disk/x /mnt && echo data >/mnt/file && echo yes')"
	chown 0:0 "$dir/x"
	chmod 644 "$dir/x"
	same "as nobody, somebody else's image" yes "$(as_nobody --disk x="$dir/x:cow" -- \
		sh -c 'mount /disk/x /mnt && echo data >/mnt/file && echo yes')"
	as_nobody --disk x="$dir/x" -- true 2>"$dir/err"
	same "as nobody, writing somebody else's image" 125 $?
	says "as nobody" 'Permission denied' "$dir/err"
else
	same "as this user" yes "$(guest --disk x="$dir/x" -- 'mount /disk/x /mnt && echo yes')"
fi

# --- memory ----------------------------------------------------------------------------------------
if unshare -m true 2>/dev/null; then
	shm() { # MOUNT-OPTIONS
		unshare -m sh -c 'mount -t tmpfs -o "$1" none /dev/shm && exec "$2" appliance run -- true' \
			sh "$1" "$HOLYSTONE" 2>"$dir/err"
	}
	shm size=16m
	same "/dev/shm too small" 0 $?
	says "/dev/shm too small" 'too small or noexec' "$dir/err"
	shm size=4g,noexec
	same "/dev/shm noexec" 0 $?
	says "/dev/shm noexec" 'too small or noexec' "$dir/err"
else
	echo "note: no mount namespace: other /dev/shm not tried" >&2
fi
appliance --memory 1000T -- true 2>"$dir/err"
same "too much memory" 125 $?
says "too much memory" 'set TMPDIR' "$dir/err"
same "nothing is left behind" "" "$(find /dev/shm /tmp /var/tmp -maxdepth 1 \
	-name 'holystone-appliance-*' -newer "$dir/escape" 2>/dev/null | while read -r d; do
	[ -O "$d" ] && find "$d" -maxdepth 0 -empty; done)"

# --- no kernel -------------------------------------------------------------------------------------
(
	unset HOLYSTONE_APPLIANCE_KERNEL
	export XDG_CACHE_HOME=$dir/nothing HOME=$dir/nothing
	[ -e /var/cache/holystone/appliance/current/linux ] && exit 3
	"$HOLYSTONE" appliance run -- true
) 2>"$dir/err"
code=$?
if [ $code != 3 ]; then
	same "no kernel" 125 $code
	says "no kernel" 'holystone appliance build' "$dir/err"
fi
HOLYSTONE_APPLIANCE_KERNEL=$dir/outside appliance -- true 2>"$dir/err"
same "a kernel that is none" 125 $?
appliance --kernel /bin/true -- true 2>"$dir/err"
same "a program that is no kernel" 125 $?
says "a program that is no kernel" 'died' "$dir/err"

finish
