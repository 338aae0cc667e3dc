/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "xfs/lost.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "xfs/chunk.h"
#include "xfs/describe.h"
#include "xfs/path.h"
#include "xfs/report.h"

/* How often the owners of a range are asked for again while they change. */
#define TRIES 8

errint_t hs_xfs_lost_init(struct hs_xfs_lost *lost, struct hs_xfs_scan *scan)
{
	*lost = (struct hs_xfs_lost){.scan = scan};
	for (unsigned i = 0; i < HS_XFS_DEVICES; i++) {
		errint_t rc = hs_media_bad_init(&lost->unowned[i]);

		if (rc)
			return rc;
	}
	return 0;
}

static void drop_items(struct hs_xfs_lost *lost, size_t from)
{
	for (size_t i = from; i < lost->n; i++)
		free(lost->items[i].path);
	lost->n = from;
}

void hs_xfs_lost_free(struct hs_xfs_lost *lost)
{
	drop_items(lost, 0);
	free(lost->items);
	for (unsigned i = 0; i < HS_XFS_DEVICES; i++)
		hs_media_bad_free(&lost->unowned[i]);
}

errint_t hs_xfs_lost_put(struct hs_xfs_lost *lost, const struct hs_xfs_lost_item *item)
{
	errint_t rc = hs_array_grow(&lost->items, &lost->room, lost->n + 1);

	if (!rc)
		lost->items[lost->n++] = *item;
	return rc;
}

bool hs_xfs_lost_waits(const struct hs_xfs_lost *lost, enum hs_xfs_device dev)
{
	if (lost->any_unowned[dev])
		return true;
	for (size_t i = 0; i < lost->n; i++) {
		if (lost->items[i].dev == dev)
			return true;
	}
	return false;
}

/* ---- owners by GETFSMAP ---- */

struct asking {
	struct hs_xfs_lost *lost;
	enum hs_xfs_device dev;
	uint64_t start, end;
	uint64_t nothing;
	uint64_t seen;	  /* end of what records have spoken of */
	uint64_t unnamed; /* bytes that no record speaks of */
};

static enum hs_xfs_loss kind_of(const struct fsmap *rec)
{
	bool attr = rec->fmr_flags & FMR_OF_ATTR_FORK;

	if (rec->fmr_flags & FMR_OF_SPECIAL_OWNER)
		return HS_XFS_LOST_META;
	if (rec->fmr_flags & FMR_OF_EXTENT_MAP)
		return attr ? HS_XFS_LOST_ATTRMAP : HS_XFS_LOST_MAP;
	return attr ? HS_XFS_LOST_ATTR : HS_XFS_LOST_DATA;
}

static int take_owner(const struct fsmap *rec, void *arg)
{
	struct asking *a = arg;
	struct hs_xfs_lost_item item = {.owner = rec->fmr_owner, .dev = (uint8_t)a->dev};
	uint64_t start = rec->fmr_physical, end;

	if (rec->fmr_device != a->lost->device[a->dev] ||
	    __builtin_add_overflow(start, rec->fmr_length, &end))
		return 0;
	if (start < a->start)
		start = a->start;
	if (end > a->end)
		end = a->end;
	if (start >= end)
		return 0;
	if (start > a->seen)
		a->unnamed += start - a->seen;
	if (end > a->seen)
		a->seen = end;
	if (!hs_xfs_extent_holds_data(rec)) {
		a->nothing += end - start;
		return 0;
	}
	item.kind = (uint8_t)kind_of(rec);
	item.physical = start;
	item.len = end - start;
	if (item.kind == HS_XFS_LOST_DATA || item.kind == HS_XFS_LOST_ATTR)
		item.offset = rec->fmr_offset + (start - rec->fmr_physical);
	return hs_xfs_lost_put(a->lost, &item);
}

static int ask(struct asking *a)
{
	struct hs_xfs_range range = {.low_device = a->lost->device[a->dev],
				     .high_device = a->lost->device[a->dev],
				     .low = a->start,
				     .high = a->end - 1};

	int rc;

	a->nothing = a->unnamed = 0;
	a->seen = a->start;
	rc = hs_xfs_each_extent(&a->lost->scan->fs, &range, take_owner, a);
	a->unnamed += a->end - a->seen;
	return rc;
}

/* The same owners in the same places; generations are not compared. */
static bool same_owners(const struct hs_xfs_lost_item *a, const struct hs_xfs_lost_item *b,
			size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (a[i].owner != b[i].owner || a[i].kind != b[i].kind ||
		    a[i].physical != b[i].physical || a[i].len != b[i].len ||
		    a[i].offset != b[i].offset)
			return false;
	}
	return true;
}

static void load_inodes(struct hs_xfs_lost *lost, size_t from)
{
	for (size_t i = from; i < lost->n; i++) {
		struct hs_xfs_lost_item *item = &lost->items[i];
		struct hs_xfs_bstat st;

		/* one that cannot be loaded is told by its number */
		if (item->kind == HS_XFS_LOST_META ||
		    hs_xfs_inode_load(&lost->scan->fs, item->owner, &st))
			continue;
		item->gen = st.gen;
		item->unlinked = st.nlink == 0;
	}
}

/*
 * Asks, looks the inodes up, and asks again: only if nothing has changed the generations belong to
 * the files that have these blocks.
 */
static errint_t settled_owners(struct asking *a)
{
	struct hs_xfs_lost *lost = a->lost;
	size_t from = lost->n;

	for (unsigned tries = 0;; tries++) {
		size_t n;
		int rc = ask(a);

		if (rc)
			return rc;
		n = lost->n - from;
		load_inodes(lost, from);
		rc = ask(a);
		if (rc)
			return rc;
		if (lost->n - from == 2 * n &&
		    same_owners(&lost->items[from], &lost->items[from + n], n)) {
			drop_items(lost, from + n);
			return 0;
		}
		if (tries == TRIES) {
			/* what it is now, by number only */
			memmove(&lost->items[from], &lost->items[from + n],
				(lost->n - from - n) * sizeof(*lost->items));
			lost->n -= n;
			return 0;
		}
		drop_items(lost, from);
	}
}

/* Where there are no reverse mappings, whose a block is has to be searched for. */
static errint_t set_aside(struct hs_xfs_lost *lost, size_t from)
{
	size_t kept = from;

	for (size_t i = from; i < lost->n; i++) {
		struct hs_xfs_lost_item *item = &lost->items[i];

		if (item->kind == HS_XFS_LOST_META && item->owner == HS_XFS_OWN_UNKNOWN) {
			errint_t rc = hs_media_bad_add(&lost->unowned[item->dev], item->physical,
						       item->len);

			if (rc)
				return rc;
			lost->any_unowned[item->dev] = true;
			continue;
		}
		lost->items[kept++] = *item;
	}
	lost->n = kept;
	return 0;
}

/* What may be a loss, for all we know. */
static void tell_unnamed(struct hs_xfs_lost *lost, enum hs_xfs_device dev,
			 const struct hs_media_range *range, const char *why)
{
	hs_xfs_say(lost->scan, HS_XFS_ERROR, lost->scan->fs.shown,
		   "The %s device cannot be read at offset %" PRIu64 " length %" PRIu64
		   ", and whose that is cannot be told: %s.",
		   hs_xfs_device_name(dev), range->start, range->len, why);
}

errint_t hs_xfs_lost_add(struct hs_xfs_lost *lost, enum hs_xfs_device dev,
			 const struct hs_media_range *range)
{
	struct asking a = {
		.lost = lost, .dev = dev, .start = range->start, .end = range->start + range->len};
	size_t from = lost->n;
	errint_t rc;

	/* one of its own holds nothing else, and GETFSMAP speaks of it only as a whole */
	if (dev == HS_XFS_LOG)
		return hs_xfs_lost_put(lost, &(struct hs_xfs_lost_item){.owner = HS_XFS_OWN_LOG,
									.kind = HS_XFS_LOST_META,
									.dev = HS_XFS_LOG,
									.physical = range->start,
									.len = range->len});
	rc = settled_owners(&a);
	switch (rc) {
	case 0:
		lost->nothing += a.nothing;
		if (a.unnamed)
			tell_unnamed(lost, dev, range, "the kernel's map does not name it");
		return set_aside(lost, from);
	case -EINTR:
	case -ESHUTDOWN:
	case -ENOMEM:
	case -EPERM:
		return rc;
	default:
		drop_items(lost, from);
		tell_unnamed(lost, dev, range, strerror(-rc));
		return 0;
	}
}

/* ---- telling ---- */

static const char *owner_name(uint64_t owner)
{
	static const struct {
		uint64_t owner;
		const char *name;
	} names[] = {
		{HS_XFS_OWN_FS, "static FS metadata"}, {HS_XFS_OWN_LOG, "journalling log"},
		{HS_XFS_OWN_AG, "per-AG metadata"},    {HS_XFS_OWN_INOBT, "inode btree blocks"},
		{HS_XFS_OWN_INODES, "inodes"},	       {HS_XFS_OWN_REFC, "refcount btree"},
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (names[i].owner == owner)
			return names[i].name;
	}
	return "unknown owner";
}

static int by_owner(const void *x, const void *y)
{
	const struct hs_xfs_lost_item *a = x, *b = y;

	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	if (a->owner != b->owner)
		return a->owner < b->owner ? -1 : 1;
	if (a->offset != b->offset)
		return a->offset < b->offset ? -1 : 1;
	if (a->dev != b->dev)
		return a->dev < b->dev ? -1 : 1;
	if (a->physical != b->physical)
		return a->physical < b->physical ? -1 : 1;
	return 0;
}

/* One row for each stretch of lost data, and one for each fork that lost something else. */
static bool same_loss(const struct hs_xfs_lost_item *a, const struct hs_xfs_lost_item *b)
{
	if (a->kind != b->kind || a->owner != b->owner)
		return false;
	switch (a->kind) {
	case HS_XFS_LOST_DATA:
		return a->offset + a->len >= b->offset;
	case HS_XFS_LOST_META:
		return a->dev == b->dev && a->physical + a->len >= b->physical;
	default:
		return true;
	}
}

/* How messages call it: by its path, or by its number when it has none. */
static void describe(const struct hs_xfs_lost *lost, const struct hs_xfs_lost_item *item,
		     struct hs_strbuf *out)
{
	const struct hs_xfs_fs *fs = &lost->scan->fs;

	if (item->kind == HS_XFS_LOST_META)
		hs_strbuf_printf(out, "disk offset %" PRIu64, item->physical);
	else if (item->path)
		hs_xfs_describe_path(fs, item->owner, item->path, item->path_len, out);
	else
		hs_xfs_describe_ino(fs, item->owner, out);
}

static const char *fork_name(unsigned kind)
{
	static const char *const names[] = {
		[HS_XFS_LOST_DATA] = "data fork",
		[HS_XFS_LOST_ATTR] = "attribute fork",
		[HS_XFS_LOST_MAP] = "extent map of the data fork",
		[HS_XFS_LOST_ATTRMAP] = "extent map of the attribute fork",
		[HS_XFS_LOST_META] = "owner",
	};

	return names[kind];
}

static void record(struct hs_xfs_lost *lost, const struct hs_xfs_lost_item *items, size_t n,
		   const char *what)
{
	static const char *const rules[] = {
		[HS_XFS_LOST_DATA] = "XFS-MEDIA-DATA", [HS_XFS_LOST_ATTR] = "XFS-MEDIA-ATTR",
		[HS_XFS_LOST_MAP] = "XFS-MEDIA-MAP",   [HS_XFS_LOST_ATTRMAP] = "XFS-MEDIA-MAP",
		[HS_XFS_LOST_META] = "XFS-MEDIA-META",
	};
	struct hs_xfs_scan *scan = lost->scan;
	struct hs_xfs_object obj = {
		.scope = HS_XFS_SCOPE_INODE, .id = items->owner, .gen = items->gen};
	struct hs_finding f = HS_FINDING_INIT;
	size_t len = strlen(what);

	if (!scan->run)
		return;
	f.rule = rules[items->kind];
	f.severity = HS_SEV_ERROR;
	f.state = HS_STATE_FOUND;
	if (items->kind == HS_XFS_LOST_META) {
		f.target = scan->fs.shown;
		f.object = hs_finding_text(&f, "%s device", hs_xfs_device_name(items->dev));
		f.no_path = "metadata have none";
	} else {
		hs_xfs_finding_about(scan, &obj, &f);
	}
	if (items->path)
		hs_finding_set_path(&f, items->path, items->path_len);
	f.message = hs_finding_copy(&f, what, len - 1); /* without the full stop */
	for (size_t i = 0; i < n; i++) {
		hs_finding_add_fact(
			&f, hs_finding_text(&f, "%s device", hs_xfs_device_name(items[i].dev)),
			"cannot be read at offset %" PRIu64 " length %" PRIu64, items[i].physical,
			items[i].len);
		if (items[i].kind == HS_XFS_LOST_META)
			hs_finding_add_fact(&f, "owner", "%s", owner_name(items[i].owner));
		else if (items[i].kind == HS_XFS_LOST_DATA || items[i].kind == HS_XFS_LOST_ATTR)
			hs_finding_add_fact(&f, fork_name(items[i].kind),
					    "offset %" PRIu64 " length %" PRIu64, items[i].offset,
					    items[i].len);
		else
			hs_finding_add_fact(&f, fork_name(items[i].kind), "lost");
	}
	hs_xfs_add_finding(scan, &f);
}

/* n items that are one loss, in xfs_scrub's words (format notes 9). */
static void tell(struct hs_xfs_lost *lost, const struct hs_xfs_lost_item *items, size_t n)
{
	struct hs_strbuf object = HS_STRBUF_INIT, what = HS_STRBUF_INIT;
	uint64_t end = items->offset + items->len;
	enum hs_xfs_level level = HS_XFS_CORRUPTION;

	describe(lost, items, &object);
	switch (items->kind) {
	case HS_XFS_LOST_DATA:
		for (size_t i = 1; i < n; i++) {
			if (items[i].offset + items[i].len > end)
				end = items[i].offset + items[i].len;
		}
		level = HS_XFS_UNFIXABLE;
		hs_strbuf_printf(&what,
				 "media error at data offset %" PRIu64 " length %" PRIu64 ".",
				 items->offset, end - items->offset);
		break;
	case HS_XFS_LOST_ATTR:
		hs_strbuf_puts(&what, "media error in extended attribute data.");
		break;
	case HS_XFS_LOST_MAP:
		hs_strbuf_puts(&object, " file data");
		hs_strbuf_puts(&what, "media error in extent map.");
		break;
	case HS_XFS_LOST_ATTRMAP:
		hs_strbuf_puts(&object, " extended attribute");
		hs_strbuf_puts(&what, "media error in extent map.");
		break;
	default:
		hs_strbuf_printf(&what, "media error in %s.", owner_name(items->owner));
		break;
	}
	hs_xfs_say(lost->scan, level, hs_strbuf_str(&object), "%s", hs_strbuf_str(&what));
	record(lost, items, n, hs_strbuf_str(&what));
	hs_strbuf_free(&object);
	hs_strbuf_free(&what);
}

/* Whether an item can be told without a search for names. */
static bool is_ready(const struct hs_xfs_lost_item *item)
{
	return item->kind == HS_XFS_LOST_META || item->unlinked || item->path;
}

/* Paths by parent pointers; they may be what was lost. */
static errint_t ask_parents(struct hs_xfs_lost *lost)
{
	for (size_t i = 0; i < lost->n; i++) {
		struct hs_xfs_lost_item *item = &lost->items[i];
		struct hs_strbuf path = HS_STRBUF_INIT;

		if (is_ready(item) || hs_xfs_path(&lost->scan->fs, item->owner, item->gen, &path)) {
			hs_strbuf_free(&path);
			continue;
		}
		item->path = path.s;
		item->path_len = path.len;
		if (!item->path)
			return -ENOMEM;
	}
	return 0;
}

errint_t hs_xfs_lost_tell(struct hs_xfs_lost *lost, bool search)
{
	size_t kept = 0;
	errint_t rc = 0;

	if (search)
		rc = hs_xfs_lost_search(lost);
	if (!rc)
		rc = ask_parents(lost);
	for (size_t i = 0; search && !rc && i < lost->n; i++) {
		if (!is_ready(&lost->items[i])) {
			rc = hs_xfs_lost_names(lost);
			break;
		}
	}
	/* what was stopped in the search is told as far as it is known */
	if (rc && rc != -ECANCELED)
		return rc;
	if (lost->n)
		qsort(lost->items, lost->n, sizeof(*lost->items), by_owner);
	for (size_t i = 0, n; i < lost->n; i += n) {
		n = 1;
		if (!search && !is_ready(&lost->items[i])) {
			lost->items[kept++] = lost->items[i];
			continue;
		}
		while (i + n < lost->n && same_loss(&lost->items[i + n - 1], &lost->items[i + n]))
			n++;
		tell(lost, &lost->items[i], n);
		for (size_t j = i; j < i + n; j++)
			free(lost->items[j].path);
	}
	lost->n = kept;
	return rc;
}
