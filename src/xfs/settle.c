/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The end of a scan: the docket becomes findings, one a cause.
 */
#include "xfs/fold.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "xfs/describe.h"
#include "xfs/mend.h"
#include "xfs/report.h"

/* Consequences that are listed one by one under a cause. */
#define SYMPTOMS_MAX 1000

static const char *state_of(const struct hs_xfs_entry *e, unsigned type)
{
	uint64_t bit = HS_XFS_BIT(type);

	if (e->corrupt & bit)
		return "corrupt";
	if (e->xcorrupt & bit)
		return "disagrees with other metadata";
	if (e->incomplete & bit)
		return "could not be checked to the end";
	if (e->unread & bit)
		return "could not be read";
	return "could not be cross-checked";
}

/* Entries sorted by the entry they follow from, so that a cause finds its own in a row. */
struct consequence {
	size_t cause; /* index */
	size_t entry;
};

static int by_cause(const void *a, const void *b)
{
	const struct consequence *x = a, *y = b;

	if (x->cause != y->cause)
		return x->cause < y->cause ? -1 : 1;
	return x->entry < y->entry ? -1 : x->entry > y->entry;
}

static const char *rule_of(const struct hs_xfs_entry *e, unsigned type)
{
	uint64_t bit = HS_XFS_BIT(type);

	if (hs_xfs_entry_bad(e) & bit)
		return "XFS-CORRUPT";
	return e->unread & bit ? "XFS-UNCHECKED" : "XFS-INCOMPLETE";
}

static void add_symptom(struct hs_xfs_scan *scan, struct hs_finding *f,
			const struct hs_xfs_entry *e, unsigned type)
{
	struct hs_strbuf s = HS_STRBUF_INIT;

	hs_xfs_describe_object(&scan->fs, &e->obj, &s);
	hs_finding_add_symptom(f, rule_of(e, type), hs_finding_copy(f, hs_strbuf_str(&s), s.len),
			       "%s: %s", hs_xfs_describe_type(&e->obj, type), state_of(e, type));
	hs_strbuf_free(&s);
}

static void add_other_entries(struct hs_xfs_scan *scan, struct hs_finding *f,
			      const struct consequence *c, size_t n)
{
	bool xfails = false;

	for (size_t i = 0; i < n && i < SYMPTOMS_MAX; i++) {
		const struct hs_xfs_entry *e = &scan->docket.entries[c[i].entry];
		uint64_t odd = hs_xfs_entry_bad(e) | e->incomplete | e->unread;

		xfails |= !odd;
		for (; odd; odd &= odd - 1)
			add_symptom(scan, f, e, (unsigned)__builtin_ctzll(odd));
	}
	if (n > SYMPTOMS_MAX)
		hs_finding_add_symptom(f, "XFS-CORRUPT", "other objects", "%zu more",
				       n - SYMPTOMS_MAX);
	if (xfails)
		hs_finding_add_symptom(f, "XFS-XFAIL", "other objects",
				       "%" PRIu64 " could not be cross-checked",
				       scan->docket.xfails);
}

/* Whether a bad type of an entry is told under this root of the same entry. */
static bool belongs_to(const struct hs_xfs_entry *e, unsigned type, unsigned root, bool first)
{
	uint64_t roots = hs_xfs_entry_roots(e);

	if (roots & HS_XFS_BIT(type))
		return false;
	if (hs_xfs_type_info(type)->after & HS_XFS_BIT(root))
		return true;
	return first && !(hs_xfs_type_info(type)->after & roots);
}

/* What became of it. */
static void set_state(struct hs_finding *f, const struct hs_xfs_entry *e, unsigned root)
{
	if (hs_xfs_entry_is_solved(e)) {
		f->state = HS_STATE_REPAIRED;
		f->repair = e->fixed & HS_XFS_BIT(root)
				    ? "the kernel has rebuilt it"
				    : "other repairs: it was right when it was checked again";
		return;
	}
	f->state = HS_STATE_FAILED;
	switch (e->reason) {
	case HS_XFS_LEFT_UNTRIED:
		f->state = HS_STATE_FOUND;
		break;
	case HS_XFS_LEFT_WITHHELD:
		f->state = HS_STATE_SKIPPED;
		f->gate = "--allow-risky-repair";
		f->repair = "the kernel would rebuild it, but this repair is known to crash the "
			    "running kernel";
		break;
	case HS_XFS_LEFT_BAD:
		f->reason = "it is still damaged after the repair";
		break;
	case HS_XFS_LEFT_BUSY:
		f->reason = "the file system was too busy";
		break;
	case HS_XFS_LEFT_WAITS:
		f->reason = "directories that it hangs together with could not be repaired";
		break;
	case HS_XFS_LEFT_UNKNOWN:
		f->reason = "the kernel cannot repair this on this file system";
		break;
	default:
		f->reason = hs_finding_text(f, "%s", strerror(e->reason));
		break;
	}
}

static const char *message_of(const struct hs_xfs_entry *e, unsigned root)
{
	bool solved = hs_xfs_entry_is_solved(e);

	if (e->corrupt & HS_XFS_BIT(root))
		return solved ? "it was damaged" : "repairs are required";
	return solved ? "it disagreed with other metadata"
		      : "it disagrees with other metadata, either of which may be wrong";
}

static void record_root(struct hs_xfs_scan *scan, const struct hs_xfs_entry *e, unsigned root,
			const struct consequence *c, size_t n)
{
	struct hs_finding f = HS_FINDING_INIT;
	bool first = root == (unsigned)__builtin_ctzll(hs_xfs_entry_roots(e));

	f.rule = "XFS-CORRUPT";
	f.severity = HS_SEV_ERROR;
	set_state(&f, e, root);
	hs_xfs_finding_about(scan, &e->obj, &f);
	f.message = hs_finding_text(&f, "%s: %s", hs_xfs_describe_type(&e->obj, root),
				    message_of(e, root));
	hs_finding_add_fact(&f, hs_xfs_type_info(root)->name, "%s", state_of(e, root));
	for (uint64_t odd = hs_xfs_entry_bad(e) | e->incomplete; odd; odd &= odd - 1) {
		unsigned type = (unsigned)__builtin_ctzll(odd);

		if (belongs_to(e, type, root, first))
			add_symptom(scan, &f, e, type);
	}
	if (first) {
		add_other_entries(scan, &f, c, n);
	}
	hs_xfs_add_finding(scan, &f);
}

static void record_entry(struct hs_xfs_scan *scan, const struct hs_xfs_entry *e,
			 const struct consequence *c, size_t n)
{
	for (uint64_t roots = hs_xfs_entry_roots(e); roots; roots &= roots - 1)
		record_root(scan, e, (unsigned)__builtin_ctzll(roots), c, n);
}

/* Not damage, but never "clean" either. */
static void settle_unproven(struct hs_xfs_scan *scan, const struct hs_xfs_entry *e)
{
	bool open = e->incomplete;
	uint64_t odd = open ? e->incomplete : e->xfail;

	for (; odd; odd &= odd - 1) {
		struct hs_finding f = HS_FINDING_INIT;
		struct hs_strbuf s = HS_STRBUF_INIT;
		unsigned type = (unsigned)__builtin_ctzll(odd);

		hs_xfs_describe(&scan->fs, &e->obj, type, &s);
		hs_xfs_say(scan, open ? HS_XFS_ERROR : HS_XFS_INFO, hs_strbuf_str(&s), "%s",
			   open				 ? "Check incomplete."
			   : scan->mode == HS_XFS_REPAIR ? "Seems correct but cross-referencing "
							   "failed; offline repair recommended."
							 : "Cross-referencing failed.");
		hs_strbuf_free(&s);
		if (!scan->run)
			continue;
		f.rule = open ? "XFS-INCOMPLETE" : "XFS-XFAIL";
		f.severity = open ? HS_SEV_WARNING : HS_SEV_NOTE;
		f.state = HS_STATE_UNDECIDED;
		hs_xfs_finding_about(scan, &e->obj, &f);
		f.message = hs_finding_text(&f, "%s: %s", hs_xfs_describe_type(&e->obj, type),
					    state_of(e, type));
		f.reason = open ? "the file system was too busy, or other metadata are damaged"
				: "other metadata could not be read";
		hs_finding_add_fact(&f, hs_xfs_type_info(type)->name, "%s", state_of(e, type));
		hs_xfs_add_finding(scan, &f);
	}
}

/* Damage: what is left of it, then what was repaired; consequences go with the first. */
static void settle_damage(struct hs_xfs_scan *scan, struct hs_xfs_entry *e,
			  const struct consequence *c, size_t n)
{
	uint64_t bad = hs_xfs_entry_bad(e);
	struct hs_xfs_entry left = hs_xfs_entry_part(e, e->open);
	struct hs_xfs_entry done = hs_xfs_entry_part(e, bad & ~e->open);

	if (e->open)
		hs_xfs_tell_entry(scan, e);
	if (!scan->run)
		return;
	if (e->open) {
		record_entry(scan, &left, c, n);
		n = 0;
	}
	done.incomplete = e->open ? 0 : done.incomplete;
	if (hs_xfs_entry_bad(&done))
		record_entry(scan, &done, c, n);
}

/* The first of the inodes that lie together and could not be read, with what follows from it. */
static void settle_unread(struct hs_xfs_scan *scan, const struct hs_xfs_entry *e,
			  const struct consequence *c, size_t n)
{
	struct hs_finding f = HS_FINDING_INIT;
	struct hs_strbuf s = HS_STRBUF_INIT;
	uint64_t others = 0, last = 0;

	for (size_t i = 0; i < n; i++) {
		if (scan->docket.entries[c[i].entry].unread) {
			last = scan->docket.entries[c[i].entry].obj.id;
			others++;
		}
	}
	hs_xfs_describe(&scan->fs, &e->obj, HS_XFS_INODE, &s);
	if (others)
		hs_xfs_say(scan, HS_XFS_ERROR, hs_strbuf_str(&s),
			   "%s; likewise %" PRIu64 " inodes up to %" PRIu64 ".", strerror(-e->err),
			   others, last);
	else
		hs_xfs_say(scan, HS_XFS_ERROR, hs_strbuf_str(&s), "%s.", strerror(-e->err));
	hs_strbuf_free(&s);
	if (!scan->run)
		return;
	f.rule = "XFS-UNCHECKED";
	f.severity = HS_SEV_WARNING;
	f.state = HS_STATE_UNDECIDED;
	hs_xfs_finding_about(scan, &e->obj, &f);
	f.message = hs_finding_text(&f, "%s: could not be read",
				    hs_xfs_describe_type(&e->obj, HS_XFS_INODE));
	f.reason = strerror(-e->err);
	hs_finding_add_fact(&f, hs_xfs_type_info(HS_XFS_INODE)->name, "could not be read");
	add_other_entries(scan, &f, c, n);
	hs_xfs_add_finding(scan, &f);
}

static void settle_entry(struct hs_xfs_scan *scan, struct hs_xfs_entry *e,
			 const struct consequence *c, size_t n)
{
	if (hs_xfs_entry_bad(e)) {
		settle_damage(scan, e, c, n);
	} else if (e->unread) {
		settle_unread(scan, e, c, n);
	} else {
		settle_unproven(scan, e);
	}
}

void hs_xfs_record_alone(struct hs_xfs_scan *scan, struct hs_xfs_entry *e)
{
	settle_entry(scan, e, NULL, 0);
}

void hs_xfs_settle(struct hs_xfs_scan *scan)
{
	struct hs_xfs_docket *d = &scan->docket;
	struct consequence *c;
	size_t n = 0, at = 0;
	uint64_t xfail_named = 0;

	hs_xfs_fold(scan);
	c = calloc(d->n ? d->n : 1, sizeof(*c));
	for (size_t i = 0; c && i < d->n; i++) {
		if (d->entries[i].cause)
			c[n++] = (struct consequence){d->entries[i].cause - 1, i};
	}
	if (n)
		qsort(c, n, sizeof(*c), by_cause);
	for (size_t i = 0; i < d->n; i++) {
		struct hs_xfs_entry *e = &d->entries[i];
		size_t end;

		if (e->cause && c)
			continue;
		for (end = at; end < n && c[end].cause == i; end++)
			;
		settle_entry(scan, e, c ? c + at : NULL, end - at);
		if (!hs_xfs_entry_bad(e) && !e->incomplete && !e->unread)
			xfail_named++;
		at = end;
	}
	if (xfail_named && d->xfails > xfail_named)
		hs_xfs_say(scan, HS_XFS_INFO, scan->fs.shown,
			   "Cross-referencing failed for %" PRIu64 " objects.", d->xfails);
	free(c);
}
