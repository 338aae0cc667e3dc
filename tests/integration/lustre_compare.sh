#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# docs/lfsck-comparison.md is what scripts/compare-lfsck.py makes, and every difference is explained.
exec "$SOURCE/scripts/compare-lfsck.py" --check "$SOURCE/docs/lfsck-comparison.md" "$HOLYSTONE" \
	"${HS_SHARED:-$SOURCE/../shared}"
