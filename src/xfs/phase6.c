/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Phase 6: everything allocated is read from data, log and realtime devices, in parallel, and what
 * cannot be read is told by the name of who lost it.
 *
 * A position in the record of the run never lies behind an error that was not told: a run that is
 * killed loses no error, it reads some extents again.
 */
#include "xfs/scan.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "base/clock.h"
#include "media/direct.h"
#include "work/team.h"
#include "xfs/device.h"
#include "xfs/lost.h"
#include "xfs/media.h"
#include "xfs/report.h"

#define KIB UINT64_C(1024)
#define MIB (1024 * KIB)

/* A large read at a time keeps a disk streaming; two keep it busy between them. */
#define DIRECT_LIMIT   (32 * MIB)
#define DIRECT_WORKERS 2

/*
 * The kernel's verifier reads a MiB at a time and waits for it. Pieces handed out in order to
 * several workers are a deep queue that still moves over the disk in one direction.
 */
#define KERNEL_LIMIT   (4 * MIB)
#define KERNEL_WORKERS 8

/* In the background nobody shall wait for us. */
#define BACKGROUND_LIMIT (256 * KIB)

/* With a limit of bandwidth, requests of about a quarter of a second. */
#define RATE_SHARE  4
#define LEAST_LIMIT (64 * KIB)

#define COMMIT_NS UINT64_C(60000000000)

#define VERSION 1 /* of what a position says */

struct phase6;

struct device {
	struct phase6 *all;
	enum hs_xfs_device dev;
	uint64_t size; /* what can be read of it, bytes */
	struct hs_xfs_media_map map;
	struct hs_media_source source;
	struct hs_media_bad bad;
	struct hs_xfs_verifier verifier;
	struct hs_media_reader *direct; /* NULL: the verifier */
	struct hs_io *io;
	struct hs_pace pace;
	unsigned workers;
	errint_t rc;
};

struct phase6 {
	struct hs_xfs_scan *scan;
	struct hs_xfs_lost lost;
	pthread_mutex_t lock; /* of lost, and of what is committed together */
	_Atomic unsigned next;
	unsigned n;
	struct device devices[HS_XFS_DEVICES];
};

/* ---- the devices of a file system ---- */

struct extent_of_fs {
	uint64_t start, end; /* bytes */
	uint64_t group_size;
	uint64_t used; /* about */
};

/* False when there is no such device. */
static bool part_of_device(const struct hs_xfs_fs *fs, enum hs_xfs_device dev,
			   const struct hs_xfs_fscounts *counts, struct extent_of_fs *out)
{
	const struct hs_xfs_geom *g = &fs->geom;
	uint64_t bs = g->blocksize, rtext = g->rtextsize ? g->rtextsize : 1, unused;

	*out = (struct extent_of_fs){0};
	switch (dev) {
	case HS_XFS_DATA:
		out->end = g->datablocks * bs;
		out->group_size = g->agblocks * bs;
		unused = counts->freedata < g->datablocks ? counts->freedata : g->datablocks;
		out->used = (g->datablocks - unused) * bs;
		return true;
	case HS_XFS_LOG:
		out->end = out->used = g->logstart ? 0 : g->logblocks * bs;
		return out->end > 0;
	case HS_XFS_RT:
		/* inside the data device it lies behind the data */
		out->start = g->rtstart * bs;
		out->end = out->start + g->rtblocks * bs;
		if (g->rgcount &&
		    __builtin_mul_overflow(g->rgextents * rtext, bs, &out->group_size))
			out->group_size = 0;
		unused = counts->freertx < g->rtblocks / rtext ? counts->freertx * rtext
							       : g->rtblocks;
		out->used = (g->rtblocks - unused) * bs;
		return g->rtblocks > 0 && out->end > out->start;
	default:
		return false;
	}
}

/* As GETFSMAP calls it: by number, or by kind where two lie on one disk. */
static errint_t number_of(const struct hs_xfs_scan *scan, enum hs_xfs_device dev, uint32_t *out)
{
	const struct hs_xfs_fs *fs = &scan->fs;
	const char *path = scan->devices ? scan->devices[dev] : NULL;
	dev_t number;
	errint_t rc;

	if (dev == HS_XFS_DATA || fs->geom.rtstart) {
		*out = dev == HS_XFS_DATA ? fs->device : dev;
		return 0;
	}
	if (!path)
		return -ENOENT;
	rc = fs->kernel->ops->device_number(fs->kernel, path, &number);
	if (!rc)
		*out = hs_xfs_encode_device(number);
	return rc;
}

/* How it is read: by the kernel where it can, else directly. */
static errint_t choose_reader(struct device *d, uint64_t *size, struct hs_strbuf *why)
{
	struct hs_xfs_scan *scan = d->all->scan;
	const struct hs_xfs_options *opt = scan->opt;
	bool background = opt->background;
	uint64_t limit;
	errint_t rc = -ENOTTY;

	if (!opt->read_directly)
		rc = hs_xfs_verifier_probe(&scan->fs, d->dev, size);
	if (rc == -EINTR)
		return rc;
	if (!rc) {
		limit = background ? BACKGROUND_LIMIT : KERNEL_LIMIT;
		d->workers = background ? 1 : KERNEL_WORKERS;
		hs_xfs_verifier_init(&d->verifier, &scan->fs, d->dev,
				     background ? (uint32_t)BACKGROUND_LIMIT : 0);
		d->verifier.rest_us = opt->rest_us;
		if (scan->mode != HS_XFS_CHECK)
			d->verifier.report_at = scan->fs.geom.blocksize;
	} else {
		rc = hs_xfs_device_open(d->all->scan, d->dev, &d->io, why);
		if (rc)
			return rc;
		*size = d->io->size;
		limit = background ? BACKGROUND_LIMIT : DIRECT_LIMIT;
		d->workers = background ? 1 : DIRECT_WORKERS;
	}
	if (opt->media_rate && opt->media_rate / RATE_SHARE < limit)
		limit = opt->media_rate / RATE_SHARE;
	if (limit < LEAST_LIMIT)
		limit = LEAST_LIMIT;
	d->source.limit = limit & ~(uint64_t)(scan->fs.geom.blocksize - 1);
	if (d->io)
		rc = hs_media_direct_new(d->io, d->workers, d->source.limit, &d->direct);
	return rc;
}

/* What a position belongs to: this device of this file system, of this size. */
static void identify(const struct hs_xfs_scan *scan, struct device *d)
{
	uint8_t *id = d->source.id;

	memcpy(id, scan->fs.geom.uuid, 16);
	id[16] = (uint8_t)d->dev;
	id[17] = VERSION;
	memcpy(id + 24, &d->source.size, 8);
}

static void group_unknown(void *arg, uint64_t group, errint_t err)
{
	struct device *d = arg;
	struct hs_xfs_scan *scan = d->all->scan;

	hs_xfs_say(scan, HS_XFS_ERROR, scan->fs.shown,
		   "%s %" PRIu64 ": what it holds cannot be told, so all of it is read: %s.",
		   d->dev == HS_XFS_RT ? "rtgroup" : "AG", group, strerror(-err));
}

static errint_t device_init(struct phase6 *p, struct device *d, const struct extent_of_fs *part,
			    struct hs_strbuf *why)
{
	struct hs_xfs_scan *scan = p->scan;
	uint64_t size = 0;
	errint_t rc;

	d->map.group_size = part->group_size;
	d->map.start = part->start;
	d->map.end = part->end;
	/* GETFSMAP speaks of an external log only when it is asked for its beginning */
	d->map.whole = d->dev == HS_XFS_LOG;
	d->map.unknown = group_unknown;
	d->map.arg = d;
	rc = number_of(scan, d->dev, &d->map.device);
	if (rc) {
		hs_strbuf_puts(why, "its number is not known");
		return rc;
	}
	p->lost.device[d->dev] = d->map.device;
	rc = choose_reader(d, &size, why);
	if (!rc)
		rc = hs_xfs_media_map_init(&d->map, &scan->fs);
	if (rc)
		return rc;
	d->source.src.name = hs_xfs_device_source(d->dev);
	d->source.src.total = part->used;
	d->source.map = &d->map.map;
	d->source.size = size < part->end ? size : part->end;
	d->source.gap = scan->opt->media_gap;
	d->source.block = scan->fs.geom.blocksize;
	hs_media_source_init(&d->source);
	identify(scan, d);
	if (size < part->end)
		hs_xfs_say(scan, HS_XFS_CORRUPTION, scan->fs.shown, "%s device truncated.",
			   hs_xfs_device_name(d->dev));
	return 0;
}

static void device_free(struct device *d)
{
	hs_media_direct_free(d->direct);
	hs_io_close(d->io);
	hs_xfs_media_map_free(&d->map);
	hs_media_bad_free(&d->bad);
	hs_pace_destroy(&d->pace);
}

static errint_t add_device(struct phase6 *p, enum hs_xfs_device dev,
			   const struct hs_xfs_fscounts *counts)
{
	struct device *d = &p->devices[p->n];
	struct hs_xfs_scan *scan = p->scan;
	struct hs_strbuf why = HS_STRBUF_INIT;
	struct extent_of_fs part;
	errint_t rc;

	if (!part_of_device(&scan->fs, dev, counts, &part))
		return 0;
	d->all = p;
	d->dev = dev;
	rc = hs_pace_init(&d->pace, scan->opt->media_rate, hs_now_ns());
	if (!rc)
		rc = hs_media_bad_init(&d->bad);
	if (rc)
		return rc;
	rc = device_init(p, d, &part, &why);
	if (!rc) {
		atomic_fetch_add(&scan->progress.total, part.used);
		p->n++;
	} else {
		device_free(d);
		memset(d, 0, sizeof(*d));
		if (rc != -ENOMEM && rc != -EINTR) {
			hs_xfs_say(scan, HS_XFS_ERROR, scan->fs.shown,
				   "The %s device cannot be read: %s.", hs_xfs_device_name(dev),
				   why.len ? hs_strbuf_str(&why) : strerror(-rc));
			rc = 0;
		}
	}
	hs_strbuf_free(&why);
	return rc;
}

/* ---- positions ---- */

/* Where an earlier run came to. One that had read everything leaves nothing to go on with. */
static void go_on(struct phase6 *p)
{
	struct hs_xfs_scan *scan = p->scan;
	bool any = false, left = false;

	for (unsigned i = 0; i < p->n; i++) {
		struct device *d = &p->devices[i];
		const struct hs_position *from = scan->opt->media_from[d->dev];

		if (!from)
			continue;
		any = true;
		if (d->source.src.ops->seek(&d->source.src, from)) {
			left = true;
			hs_xfs_say(scan, HS_XFS_INFO, scan->fs.shown,
				   "The earlier run read another %s device: this one is read from "
				   "the beginning.",
				   hs_xfs_device_name(d->dev));
		} else if (d->source.at < d->source.size) {
			left = true;
		}
	}
	for (unsigned i = 0; i < p->n; i++) {
		struct device *d = &p->devices[i];

		if (!scan->opt->media_from[d->dev] && any)
			left = true;
	}
	if (any && !left) {
		hs_xfs_say(scan, HS_XFS_INFO, scan->fs.shown,
			   "The earlier run had read everything: all is read again.");
		for (unsigned i = 0; i < p->n; i++)
			hs_media_source_init(&p->devices[i].source);
	}
	for (unsigned i = 0; i < p->n; i++)
		atomic_fetch_add(&scan->progress.done, p->devices[i].source.done);
}

/* Under the lock. */
static errint_t keep_position(struct phase6 *p, struct device *d)
{
	struct hs_position pos;

	if (!p->scan->run)
		return 0;
	d->source.src.ops->tell(&d->source.src, &pos);
	return hs_run_set_position(p->scan->run, HS_POSITION_CHECKPOINT, d->source.src.name, &pos);
}

/* What cannot be read goes to `lost`. Under the lock. */
static errint_t hand_over(struct phase6 *p, struct device *d)
{
	struct hs_media_range *bad;
	size_t n = hs_media_bad_take(&d->bad, &bad);
	errint_t rc = 0;

	for (size_t i = 0; !rc && i < n; i++)
		rc = hs_xfs_lost_add(&p->lost, d->dev, &bad[i]);
	free(bad);
	return rc;
}

static errint_t checkpoint(void *arg, int final)
{
	struct device *d = arg;
	struct phase6 *p = d->all;
	errint_t rc;

	(void) final;
	pthread_mutex_lock(&p->lock);
	rc = hand_over(p, d);
	if (!rc)
		rc = hs_xfs_lost_tell(&p->lost, false);
	if (!rc && !hs_xfs_lost_waits(&p->lost, d->dev))
		rc = keep_position(p, d);
	if (!rc && p->scan->run)
		rc = hs_run_commit(p->scan->run);
	pthread_mutex_unlock(&p->lock);
	return rc ? rc : hs_xfs_scan_ended(p->scan);
}

/* ---- the whole ---- */

static errint_t read_device(struct device *d)
{
	struct hs_xfs_scan *scan = d->all->scan;
	const struct hs_xfs_options *opt = scan->opt;
	struct hs_media_scan media = {
		.reader = d->direct ? d->direct : &d->verifier.r,
		.source = &d->source,
		.bad = &d->bad,
		.pace = opt->media_rate ? &d->pace : NULL,
		.stop = scan->stop,
		.done = &scan->progress.done,
		.workers = d->workers,
		.rest_us = opt->rest_us,
		.checkpoint_ns = opt->media_commit_ns ? opt->media_commit_ns : COMMIT_NS,
		.checkpoint = checkpoint,
		.arg = d,
	};

	return hs_media_scan_run(&media);
}

static errint_t read_devices(unsigned worker, void *arg)
{
	struct phase6 *p = arg;
	unsigned i;

	(void)worker;
	while ((i = atomic_fetch_add(&p->next, 1)) < p->n)
		p->devices[i].rc = read_device(&p->devices[i]);
	return 0;
}

/* What ended the reading of a device, in a line, unless it ends everything. */
static errint_t explain(struct hs_xfs_scan *scan, const struct device *d)
{
	switch (d->rc) {
	case 0:
		return 0;
	case -ECANCELED:
		return hs_xfs_scan_ended(scan) ? hs_xfs_scan_ended(scan) : -ECANCELED;
	case -EINTR:
	case -ENOMEM:
	case -EPERM:
	case -ESHUTDOWN:
		return d->rc;
	default:
		hs_xfs_say(scan, HS_XFS_ERROR, scan->fs.shown,
			   "The %s device cannot be read to its end: %s.",
			   hs_xfs_device_name(d->dev), strerror(-d->rc));
		return 0;
	}
}

/* All that was found is told, also when the reading was stopped. */
static errint_t conclude(struct phase6 *p)
{
	struct hs_xfs_scan *scan = p->scan;
	errint_t rc = 0;

	for (unsigned i = 0; !rc && i < p->n; i++)
		rc = hand_over(p, &p->devices[i]);
	if (!rc)
		rc = hs_xfs_lost_tell(&p->lost, true);
	for (unsigned i = 0; !rc && i < p->n; i++) {
		if (!p->devices[i].rc)
			rc = keep_position(p, &p->devices[i]);
	}
	if (p->lost.nothing)
		hs_xfs_say(scan, HS_XFS_INFO, scan->fs.shown,
			   "%" PRIu64 " bytes that hold nothing cannot be read.", p->lost.nothing);
	return rc;
}

static void keep_total(struct hs_xfs_scan *scan, const char *key, uint64_t value)
{
	errint_t rc = 0;

	if (scan->run)
		rc = hs_run_set_total(scan->run, scan->fs.shown, key, (int64_t)value);
	if (rc)
		hs_xfs_scan_end(scan, rc);
}

static errint_t read_all(struct phase6 *p)
{
	struct hs_xfs_scan *scan = p->scan;
	errint_t rc, first = 0;
	uint64_t read = 0, data = 0;

	go_on(p);
	hs_team_run(scan->opt->background || p->n < 2 ? 1 : p->n, read_devices, p);
	rc = conclude(p);
	scan->media_complete = true;
	for (unsigned i = 0; i < p->n; i++) {
		struct device *d = &p->devices[i];

		errint_t why = explain(scan, d);

		first = first ? first : why;
		read += d->source.done;
		/* an external log is no data: nobody counts it */
		if (d->dev != HS_XFS_LOG)
			data += d->source.done + d->map.unwritten;
		scan->media_complete &= !d->rc && !scan->opt->media_from[d->dev];
	}
	atomic_store(&scan->media_read, data);
	keep_total(scan, "media_read", read);
	return rc ? rc : first;
}

errint_t hs_xfs_phase6(struct hs_xfs_scan *scan)
{
	static const enum hs_xfs_device order[] = {HS_XFS_DATA, HS_XFS_RT, HS_XFS_LOG};
	struct phase6 *p = calloc(1, sizeof(*p));
	struct hs_xfs_fscounts counts = {0};
	errint_t rc;

	if (!p)
		return -ENOMEM;
	p->scan = scan;
	pthread_mutex_init(&p->lock, NULL);
	scan->fs.kernel->ops->fscounts(scan->fs.kernel, scan->fs.fd, &counts);
	rc = hs_xfs_lost_init(&p->lost, scan);
	for (size_t i = 0; !rc && i < sizeof(order) / sizeof(order[0]); i++)
		rc = add_device(p, order[i], &counts);
	if (!rc)
		rc = read_all(p);
	for (unsigned i = 0; i < p->n; i++)
		device_free(&p->devices[i]);
	hs_xfs_lost_free(&p->lost);
	pthread_mutex_destroy(&p->lock);
	free(p);
	return rc;
}
