/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads everything a source names, to see whether it can be read, and narrows each error down to
 * single blocks. The data themselves are thrown away.
 */
#ifndef HS_MEDIA_SCAN_H
#define HS_MEDIA_SCAN_H

#include <stdatomic.h>

#include "media/bad.h"
#include "media/source.h"
#include "work/pace.h"

/*
 * How a device is read. Implementations embed this as their first member. verify() reads [off,
 * off + len), multiples of the block, from any worker at the same time. On an error *good is how
 * many bytes from `off` have been read all the same; what failed lies within `reach` bytes behind
 * them. An error is either about the medium (hs_media_is_medium_error) or means that nothing can
 * be said.
 */
struct hs_media_reader {
	errint_t (*verify)(struct hs_media_reader *r, unsigned worker, uint64_t off, uint64_t len,
			   uint64_t *good);
	uint64_t reach;
};

/* Whether an error of a read says that what lies there is lost, rather than that we failed. */
bool hs_media_is_medium_error(errint_t err);

struct hs_media_scan {
	struct hs_media_reader *reader;
	struct hs_media_source *source;
	struct hs_media_bad *bad; /* gets what cannot be read, by blocks */
	struct hs_pace *pace;	  /* may be NULL */
	struct hs_stop *stop;	  /* may be NULL */
	_Atomic uint64_t *done;	  /* used bytes that were looked at are added; may be NULL */
	unsigned workers;	  /* at least 1 */
	uint32_t rest_us;	  /* pause after each request */
	uint64_t checkpoint_ns;
	/* As in work/pipeline.h: no read is in flight, the source's position is true. */
	errint_t (*checkpoint)(void *arg, int final);
	void *arg;
};

/*
 * 0 at the end, -ECANCELED after a stop, else what kept us from reading. At the end and at a stop
 * the checkpoint was called last, unless the stop came while an error was being narrowed down: then
 * the last position to be had is that of the checkpoint before.
 */
errint_t hs_media_scan_run(const struct hs_media_scan *scan);

#endif
