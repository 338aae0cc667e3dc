/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "media/scan.h"

#include <time.h>

bool hs_media_is_medium_error(errint_t err)
{
	switch (err) {
	case -EIO:
	case -ENODATA:	 /* the block layer's word for an unreadable sector */
	case -EILSEQ:	 /* protection information does not match */
	case -EREMOTEIO: /* the target's own error */
		return true;
	default:
		return false;
	}
}

static bool stopped(const struct hs_media_scan *scan)
{
	return scan->stop && atomic_load_explicit(&scan->stop->requested, memory_order_relaxed);
}

/* [at, end) block by block. */
static errint_t step(const struct hs_media_scan *scan, unsigned worker, uint64_t at, uint64_t end)
{
	uint32_t block = scan->source->block;

	for (; at < end; at += block) {
		uint64_t n = end - at < block ? end - at : block, good = 0;
		errint_t rc;

		/* a dying disk takes seconds for each block: nobody waits for thousands of them */
		if (stopped(scan))
			return -ECANCELED;
		rc = scan->reader->verify(scan->reader, worker, at, n, &good);

		if (rc && !hs_media_is_medium_error(rc))
			return rc;
		if (rc)
			rc = hs_media_bad_add(scan->bad, at, n);
		if (rc)
			return rc;
	}
	return 0;
}

/*
 * The whole range, then only what is behind the part that failed: a bad block costs two reads of
 * it, and everything else but its neighbourhood is read in one piece.
 */
static errint_t verify(const struct hs_media_scan *scan, unsigned worker,
		       const struct hs_media_range *range)
{
	uint64_t at = range->start, end = range->start + range->len;

	while (at < end) {
		uint64_t good = 0, reach = scan->reader->reach, to;
		errint_t rc = scan->reader->verify(scan->reader, worker, at, end - at, &good);

		if (!rc)
			return 0;
		if (!hs_media_is_medium_error(rc))
			return rc;
		if (good > end - at)
			return -EPROTO;
		at += good & ~(uint64_t)(scan->source->block - 1);
		if (at == end)
			return -EPROTO; /* an error, and nothing that failed */
		to = end - at > reach ? at + reach : end;
		rc = step(scan, worker, at, to);
		if (rc)
			return rc;
		at = to;
	}
	return 0;
}

static void rest(uint32_t us)
{
	struct timespec t = {.tv_sec = us / 1000000, .tv_nsec = (long)(us % 1000000) * 1000};

	if (us)
		nanosleep(&t, NULL);
}

static errint_t work(unsigned worker, struct hs_feed *feed, void *arg)
{
	const struct hs_media_scan *scan = arg;
	struct hs_media_request req;
	struct hs_source *src;

	while (hs_feed_next(feed, &req, &src)) {
		errint_t rc = 0;

		/* a request that was handed out is read, also after a stop: the position counts it
		 */
		if (scan->pace && !stopped(scan))
			hs_pace_take(scan->pace, req.range.len, scan->stop);
		rc = verify(scan, worker, &req.range);
		if (rc)
			return rc;
		if (scan->done)
			atomic_fetch_add_explicit(scan->done, req.used, memory_order_relaxed);
		rest(scan->rest_us);
	}
	return 0;
}

static errint_t checkpoint(void *arg, int final)
{
	const struct hs_media_scan *scan = arg;

	return scan->checkpoint ? scan->checkpoint(scan->arg, final) : 0;
}

errint_t hs_media_scan_run(const struct hs_media_scan *scan)
{
	struct hs_source *source = &scan->source->src;
	struct hs_pipeline p = {
		.sources = &source,
		.n_sources = 1,
		.workers = scan->workers,
		.checkpoint_ns = scan->checkpoint_ns,
		.stop = scan->stop,
		.work = work,
		.checkpoint = checkpoint,
		.arg = (void *)(uintptr_t)scan,
	};

	return hs_pipeline_run(&p);
}
