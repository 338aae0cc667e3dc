/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where the media scan of an earlier run came to: from the record of that run (--resume), and as
 * words of a command line, for this same program inside the appliance.
 */
#include <inttypes.h>
#include <string.h>

#include "cli/xfs.h"
#include "run/read.h"
#include "xfs/media.h"

errint_t hs_xfs_resume_read(struct hs_xfs_args *a, const char *dir, struct hs_strbuf *why)
{
	struct hs_run *run = NULL;
	errint_t rc = hs_run_open(dir, HS_RUN_READ, &run, why);
	bool any = false;

	for (unsigned dev = HS_XFS_DATA; !rc && dev < HS_XFS_DEVICES; dev++) {
		rc = hs_run_get_position(run, HS_POSITION_CHECKPOINT, hs_xfs_device_source(dev),
					 &a->media_from[dev]);
		if (!rc) {
			a->scan.media_from[dev] = &a->media_from[dev];
			any = true;
		} else if (rc == -ENOENT) {
			rc = 0;
		} else {
			hs_strbuf_printf(why, "%s: %s", dir, strerror(-rc));
		}
	}
	hs_run_close(run);
	if (rc || any)
		return rc;
	hs_strbuf_printf(why, "%s: that run has read no data", dir);
	return -ENODATA;
}

/* "data:DONE:COOKIE", the cookie in hexadecimal */
void hs_xfs_resume_put(const struct hs_xfs_args *a, unsigned dev, struct hs_strbuf *out)
{
	const struct hs_position *pos = &a->media_from[dev];

	hs_strbuf_printf(out, "%s:%" PRIu64 ":", hs_xfs_device_name(dev), pos->done);
	for (size_t i = 0; i < sizeof(pos->cookie); i++)
		hs_strbuf_printf(out, "%02x", pos->cookie[i]);
}

bool hs_xfs_resume_parse(struct hs_xfs_args *a, const char *text)
{
	for (unsigned dev = HS_XFS_DATA; dev < HS_XFS_DEVICES; dev++) {
		const char *name = hs_xfs_device_name(dev);
		struct hs_position *pos = &a->media_from[dev];
		size_t len = strlen(name);
		int at = 0;

		if (strncmp(text, name, len) || text[len] != ':')
			continue;
		text += len + 1;
		if (sscanf(text, "%" SCNu64 ":%n", &pos->done, &at) != 1 || at == 0 ||
		    strlen(text + at) != 2 * sizeof(pos->cookie))
			return false;
		for (size_t i = 0; i < sizeof(pos->cookie); i++) {
			unsigned byte;

			if (sscanf(text + at + 2 * i, "%2x", &byte) != 1)
				return false;
			pos->cookie[i] = (uint8_t)byte;
		}
		a->scan.media_from[dev] = pos;
		return true;
	}
	return false;
}
