# SPDX-License-Identifier: GPL-2.0-or-later
#
# A private apt: its own sources, lists, cache and state below one directory, so that packages of
# newer Debian suites can be fetched without the system's apt knowing of them. The mirror is the
# one the system uses; signatures are checked against debian-archive-keyring. Sourced by bash
# scripts, which define say() and die().

keyring=/usr/share/keyrings/debian-archive-keyring.gpg

# The base address of the Debian mirror in the system's apt configuration.
apt_mirror() {
	local codename
	codename=$(. /etc/os-release && echo "${VERSION_CODENAME-}")
	apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' |
		awk -v c="$codename" '$2 == c && $3 == "main" { print $1; exit }'
}

# apt_private DIR MIRROR SUITE... : prepares it and fetches the lists. Suites that do not exist
# (any more) are left out.
apt_private() {
	local dir=$1 mirror=$2 suite
	shift 2
	[ -r "$keyring" ] || die "no $keyring: install debian-archive-keyring"
	mkdir -p "$dir"/{lists/partial,cache/archives/partial,state}
	: >"$dir/status"
	# What the system says about fetching (proxies, retries) holds here too; its hooks do not.
	apt-config dump | grep '^Acquire::' >"$dir/apt.conf" || true
	cat >>"$dir/apt.conf" <<-END
		Dir::Etc::main "/dev/null";
		Dir::Etc::parts "/dev/null";
		Dir::Etc::sourcelist "$dir/sources.list";
		Dir::Etc::sourceparts "/dev/null";
		Dir::Etc::preferences "/dev/null";
		Dir::Etc::preferencesparts "/dev/null";
		Dir::State "$dir/state";
		Dir::State::lists "$dir/lists";
		Dir::State::status "$dir/status";
		Dir::Cache "$dir/cache";
		APT::Default-Release "";
		Acquire::Languages "none";
	END
	for suite; do
		echo "deb [signed-by=$keyring] $mirror $suite main"
	done >"$dir/sources.list"
	export APT_CONFIG=$dir/apt.conf
	if ! apt-get -q update >"$dir/update.log" 2>&1; then
		tail -n 5 "$dir/update.log" >&2
		say "not every suite could be read: going on with what there is"
	fi
}

# "VERSION SHA256" of every version of a package, newest first.
apt_versions() {
	apt-cache show --no-all-versions "$1" >/dev/null 2>&1 || return 0
	apt-cache show "$1" |
		awk '/^Version:/ { v = $2 } /^SHA256:/ { print v, $2 }' |
		sort -k1,1Vr -u
}
