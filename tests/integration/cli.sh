#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The front end: versions, help, usage errors, exit codes, and output that cannot be written.

set -u
# shellcheck source=tests/integration/expect.sh
. "$(dirname "$0")/expect.sh"
dir=$(mktemp -d) || exit 99
trap 'rm -rf "$dir"' EXIT

expect 0 "version" "$HOLYSTONE" --version
holds out "holystone "
lines out 1
lines err 0
expect 0 "help" "$HOLYSTONE" --help
holds out "lustre"
expect 0 "help of the lustre commands" "$HOLYSTONE" lustre --help
holds out "Usage: holystone lustre COMMAND"
expect 16 "no command" "$HOLYSTONE"
holds err "no command given"
lines err 1
expect 16 "unknown command" "$HOLYSTONE" frobnicate
holds err "unknown command 'frobnicate'"
lines err 1
lines out 0
expect 16 "unknown option" "$HOLYSTONE" --frobnicate
holds err "unknown option '--frobnicate'"
lines err 1
expect 16 "unknown lustre command" "$HOLYSTONE" lustre frobnicate
holds err "see 'holystone lustre --help'"
lines err 1
expect 16 "empty command" "$HOLYSTONE" ""
lines err 1

expect 0 "rules" "$HOLYSTONE" rules
holds out "LAY-2   layout"
holds out "repaired_dangling"
[ "$(tail -n +2 "$dir/out" | awk '{print $1}' | sort -u | wc -l)" -eq "$(($(wc -l <"$dir/out") - 1))" ] ||
	{ echo "rules: an id twice"; failures=$((failures + 1)); }
expect 16 "rules with an argument" "$HOLYSTONE" rules LAY-2
expect 0 "rules as JSON" "$HOLYSTONE" rules --json
holds out '"type":"rule","rule":"LAY-2","component":"layout"'
expect 0 "explain" "$HOLYSTONE" explain lay-2
holds out "LAY-2: The layout names an OST object that does not exist."
holds out "Repair: "
expect 0 "explain as JSON" "$HOLYSTONE" explain --json NS-7
holds out '"gate":"-C"'
lines out 1
expect 16 "explain a rule that is not there" "$HOLYSTONE" explain LAY2
holds err "there is no rule 'LAY2'; similar: LAY-2"
lines err 1
lines out 0
expect 16 "explain nonsense" "$HOLYSTONE" explain "$(printf 'a\033[1mb')"
holds err "see 'holystone rules'"
lines err 1
expect 16 "explain nothing" "$HOLYSTONE" explain

expect 16 "plan of nothing" "$HOLYSTONE" plan
expect 16 "plan of two runs" "$HOLYSTONE" plan "$dir" "$dir"
expect 8 "plan of what is no run" "$HOLYSTONE" plan "$dir"
lines out 0
expect 16 "plan with a limit that is none" "$HOLYSTONE" plan --max-repairs many "$dir"

full() {
	"$HOLYSTONE" --help >/dev/full
}
expect 8 "output on a full disk" full
holds err "cannot write the output"

closed() {
	"$HOLYSTONE" --version <&- >&- 2>&-
}
expect 0 "standard streams closed" closed

[ "$failures" -eq 0 ]
