/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "xfs/report.h"

#include <inttypes.h>
#include <string.h>

#include "xfs/describe.h"
#include "xfs/fold.h"
#include "xfs/items.h"
#include "xfs/mend.h"
#include "xfs/path.h"

/* Objects whose only trouble is a failed cross-reference that are named one by one. */
#define XFAILS_NAMED 100

/* Damaged objects that are kept for folding by default. */
#define DOCKET_MAX 500000

static void count(struct hs_xfs_scan *scan, enum hs_xfs_level level)
{
	switch (level) {
	case HS_XFS_CORRUPTION:
		atomic_fetch_add(&scan->tally.corruptions, 1);
		break;
	case HS_XFS_ERROR:
		atomic_fetch_add(&scan->tally.errors, 1);
		break;
	case HS_XFS_UNFIXABLE:
		atomic_fetch_add(&scan->tally.unfixable, 1);
		break;
	case HS_XFS_WARNING:
		atomic_fetch_add(&scan->tally.warnings, 1);
		break;
	case HS_XFS_REPAIRED:
		atomic_fetch_add(&scan->tally.repairs, 1);
		break;
	case HS_XFS_OPTIMIZED:
		atomic_fetch_add(&scan->tally.optimizations, 1);
		break;
	case HS_XFS_INFO:
	case HS_XFS_LEVELS:
		break;
	}
}

void hs_xfs_say_at(struct hs_xfs_scan *scan, const char *file, unsigned line,
		   enum hs_xfs_level level, const char *object, const char *fmt, ...)
{
	struct hs_strbuf text = HS_STRBUF_INIT;
	struct hs_xfs_message m = {.object = object, .file = file, .line = line};
	va_list ap;

	if (level == HS_XFS_INFO && scan->opt->info_is_warning)
		level = HS_XFS_WARNING;
	count(scan, level);
	va_start(ap, fmt);
	hs_strbuf_vprintf(&text, fmt, ap);
	va_end(ap);
	m.level = level;
	m.text = hs_strbuf_str(&text);
	pthread_mutex_lock(&scan->lock);
	if (scan->listener && scan->listener->message)
		scan->listener->message(scan->listener, &m);
	pthread_mutex_unlock(&scan->lock);
	hs_strbuf_free(&text);
}

void hs_xfs_finding_about(struct hs_xfs_scan *scan, const struct hs_xfs_object *obj,
			  struct hs_finding *f)
{
	struct hs_strbuf s = HS_STRBUF_INIT;
	errint_t rc;

	f->target = scan->fs.shown;
	if (obj->scope != HS_XFS_SCOPE_INODE) {
		hs_xfs_describe_object(&scan->fs, obj, &s);
		f->object = hs_finding_copy(f, hs_strbuf_str(&s), s.len);
		hs_strbuf_free(&s);
		return;
	}
	f->object = hs_finding_text(f, "inode %" PRIu64, obj->id);
	rc = hs_xfs_path(&scan->fs, obj->id, obj->gen, &s);
	if (rc == 0)
		hs_finding_set_path(f, hs_strbuf_str(&s), s.len);
	else if (rc == -EOPNOTSUPP)
		f->no_path = "the file system has no parent pointers";
	else if (rc == -ENOENT)
		f->no_path = "no name leads to it";
	else if (rc == -ELOOP)
		f->no_path = "its parents form a loop or the path is too long";
	else
		f->no_path = "its parent pointers cannot be read";
	hs_strbuf_free(&s);
}

void hs_xfs_add_finding(struct hs_xfs_scan *scan, struct hs_finding *f)
{
	errint_t rc = scan->run ? hs_run_add_finding(scan->run, f) : 0;

	if (rc)
		hs_xfs_scan_end(scan, rc);
	hs_finding_free(f);
}

static void add_simple(struct hs_xfs_scan *scan, const struct hs_xfs_object *obj, unsigned type,
		       const char *rule, enum hs_severity severity, enum hs_finding_state state,
		       const char *message, const char *reason)
{
	struct hs_finding f = HS_FINDING_INIT;

	if (!scan->run)
		return;
	f.rule = rule;
	f.severity = severity;
	f.state = state;
	hs_xfs_finding_about(scan, obj, &f);
	f.message = hs_finding_text(&f, "%s: %s", hs_xfs_type_info(type)->describe, message);
	f.reason = reason;
	hs_finding_add_fact(&f, hs_xfs_type_info(type)->name, "%s", message);
	hs_xfs_add_finding(scan, &f);
}

void hs_xfs_unchecked(struct hs_xfs_scan *scan, const struct hs_xfs_object *obj, unsigned type,
		      errint_t err)
{
	struct hs_strbuf s = HS_STRBUF_INIT;

	hs_xfs_describe(&scan->fs, obj, type, &s);
	switch (err) {
	case -EBUSY:
	case -EDEADLK:
	case -EBADMSG:
	case -EUCLEAN:
	case -EPROTO:
		/* the kernel is to absorb these, or its answer made no sense */
		hs_xfs_say(scan, HS_XFS_ERROR, hs_strbuf_str(&s), "Kernel bug!  errno=%d", -err);
		break;
	default:
		hs_xfs_say(scan, HS_XFS_ERROR, hs_strbuf_str(&s), "%s.", strerror(-err));
		break;
	}
	hs_strbuf_free(&s);
	add_simple(scan, obj, type, "XFS-UNCHECKED", HS_SEV_WARNING, HS_STATE_UNDECIDED,
		   "could not be checked", strerror(-err));
}

/* A kernel that knows the type but will not check it here: once a type is enough. */
static void refused(struct hs_xfs_scan *scan, unsigned type, errint_t err)
{
	uint64_t bit = HS_XFS_BIT(type);

	if (atomic_fetch_or(&scan->refused, bit) & bit)
		return;
	hs_xfs_say(scan, HS_XFS_INFO, hs_xfs_type_info(type)->describe,
		   "Not checked: the kernel refuses it (%s).", strerror(-err));
	add_simple(scan, &(struct hs_xfs_object){.scope = HS_XFS_SCOPE_FS}, type, "XFS-REFUSED",
		   HS_SEV_NOTE, HS_STATE_UNDECIDED, "the kernel refuses this check",
		   strerror(-err));
}

static void suspect(struct hs_xfs_scan *scan, const struct hs_xfs_object *obj, unsigned type)
{
	struct hs_strbuf s = HS_STRBUF_INIT;

	hs_xfs_describe(&scan->fs, obj, type, &s);
	hs_xfs_say(scan, HS_XFS_WARNING, hs_strbuf_str(&s), "Possibly suspect metadata.");
	hs_strbuf_free(&s);
	add_simple(scan, obj, type, "XFS-SUSPECT", HS_SEV_WARNING, HS_STATE_FOUND,
		   "possibly suspect", NULL);
}

static void could_be_better(struct hs_xfs_scan *scan, const struct hs_xfs_object *obj,
			    unsigned type)
{
	struct hs_strbuf s = HS_STRBUF_INIT;

	/* of inodes there may be very many: phase 3 tells each type once */
	if (obj->scope == HS_XFS_SCOPE_INODE) {
		atomic_fetch_add(&scan->preen[type], 1);
		return;
	}
	hs_xfs_describe(&scan->fs, obj, type, &s);
	hs_xfs_say(scan, HS_XFS_INFO, hs_strbuf_str(&s), "Optimization is possible.");
	hs_strbuf_free(&s);
	add_simple(scan, obj, type, "XFS-PREEN", HS_SEV_NOTE, HS_STATE_FOUND, "could be optimised",
		   NULL);
}

bool hs_xfs_is_cause(const struct hs_xfs_entry *e)
{
	const uint64_t own = HS_XFS_BIT(HS_XFS_INODE) | HS_XFS_BIT(HS_XFS_BMBTD) |
			     HS_XFS_BIT(HS_XFS_BMBTA) | HS_XFS_BIT(HS_XFS_BMBTC) |
			     HS_XFS_BIT(HS_XFS_SYMLINK);
	const uint64_t follows = HS_XFS_BIT(HS_XFS_NLINKS) | HS_XFS_BIT(HS_XFS_QUOTACHECK) |
				 HS_XFS_BIT(HS_XFS_FSCOUNTERS) | HS_XFS_BIT(HS_XFS_METAPATH);

	if (e->obj.scope == HS_XFS_SCOPE_INODE)
		return e->corrupt & e->open & own;
	return e->open & ~follows;
}

errint_t hs_xfs_keep(struct hs_xfs_scan *scan, const struct hs_xfs_entry *e, uint32_t *cookie)
{
	bool named = true;
	errint_t rc = 0;

	*cookie = 0;
	pthread_mutex_lock(&scan->lock);
	if (!hs_xfs_entry_bad(e) && !e->incomplete && !e->unread)
		named = ++scan->docket.xfails <= XFAILS_NAMED;
	if (named)
		rc = hs_xfs_docket_add(&scan->docket, e);
	if (named && !rc)
		*cookie = (uint32_t)scan->docket.n;
	pthread_mutex_unlock(&scan->lock);
	if (hs_xfs_entry_is_open_dir(e))
		atomic_fetch_add(&scan->open_dirs, 1);
	if (hs_xfs_entry_bad(e))
		atomic_fetch_add(&scan->damaged, 1);
	return rc;
}

static errint_t add_entry(struct hs_xfs_scan *scan, struct hs_xfs_entry *e)
{
	uint64_t limit = scan->opt->docket_max ? scan->opt->docket_max : DOCKET_MAX;
	bool named = true, full;
	errint_t rc = 0;

	pthread_mutex_lock(&scan->lock);
	if (!hs_xfs_entry_bad(e) && !e->incomplete && !e->unread)
		named = ++scan->docket.xfails <= XFAILS_NAMED;
	full = scan->docket.n >= limit;
	pthread_mutex_unlock(&scan->lock);
	if (!named)
		return 0;
	if (hs_xfs_entry_bad(e))
		atomic_fetch_add(&scan->damaged, 1);
	if (hs_xfs_entry_bad(e) && (full || hs_xfs_is_cause(e)))
		hs_xfs_tell_entry(scan, e);
	if (full) {
		hs_xfs_record_alone(scan, e);
		return 0;
	}
	pthread_mutex_lock(&scan->lock);
	rc = hs_xfs_docket_add(&scan->docket, e);
	pthread_mutex_unlock(&scan->lock);
	return rc;
}

/* What a type is read from: damage there is why its own check did not come to an answer. */
static uint64_t read_from(unsigned type)
{
	uint64_t base = hs_xfs_type_info(type)->after;

	return type == HS_XFS_PARENT ? base | HS_XFS_BIT(HS_XFS_XATTR) : base;
}

/* A check that was not made. */
static void judge_error(struct hs_xfs_scan *scan, struct hs_xfs_entry *e,
			const struct hs_xfs_result *r, uint64_t *unchecked)
{
	uint64_t bit = HS_XFS_BIT(r->type), base = read_from(r->type);

	if (base & hs_xfs_entry_bad(e))
		e->incomplete |= bit;
	else if (r->type == HS_XFS_INODE && r->err == -EIO) {
		e->unread |= bit;
		e->err = r->err;
	} else if (!(base & *unchecked)) {
		/* told once, of the base: an unreadable inode has no readable parts */
		hs_xfs_unchecked(scan, &e->obj, r->type, r->err);
	}
	*unchecked |= bit;
}

errint_t hs_xfs_judge(struct hs_xfs_scan *scan, const struct hs_xfs_object *obj,
		      const struct hs_xfs_outcome *out)
{
	struct hs_xfs_entry e = {.obj = *obj};
	uint64_t unchecked = 0, better = 0, forced = 0;

	/* each count of the whole file system is an object of its own */
	if (obj->scope == HS_XFS_SCOPE_FS)
		e.obj.id = out->n ? out->r[0].type : 0;
	for (unsigned i = 0; i < out->n; i++) {
		const struct hs_xfs_result *r = &out->r[i];
		uint64_t bit = HS_XFS_BIT(r->type);

		switch (r->err) {
		case 0:
			break;
		case -ENOENT:
			continue;
		case -EOPNOTSUPP:
		case -ENOTTY:
		case -EINVAL:
			refused(scan, r->type, r->err);
			continue;
		default:
			judge_error(scan, &e, r, &unchecked);
			continue;
		}
		forced |= hs_xfs_is_forced(scan) ? bit : 0;
		if (r->flags & HS_XFS_SCRUB_WARNING)
			suspect(scan, obj, r->type);
		if (r->flags & HS_XFS_SCRUB_CORRUPT)
			e.corrupt |= bit;
		else if (r->flags & HS_XFS_SCRUB_XCORRUPT)
			e.xcorrupt |= bit;
		else if (r->flags & HS_XFS_SCRUB_INCOMPLETE)
			e.incomplete |= bit;
		else if ((r->flags & HS_XFS_SCRUB_PREEN) && scan->mode == HS_XFS_CHECK)
			could_be_better(scan, obj, r->type);
		else if (r->flags & HS_XFS_SCRUB_PREEN)
			better |= bit;
		else if (r->flags & HS_XFS_SCRUB_XFAIL)
			e.xfail |= bit;
	}
	if (hs_xfs_entry_bad(&e)) {
		e.incomplete |= e.unread;
		e.unread = 0;
	}
	if (e.unread)
		e.incomplete = e.xfail = 0;
	if (scan->mode == HS_XFS_REPAIR)
		return hs_xfs_take_up(scan, &e, better, forced);
	if (scan->mode == HS_XFS_OPTIMIZE && better && !hs_xfs_entry_bad(&e)) {
		errint_t rc = hs_xfs_take_up(scan, &(struct hs_xfs_entry){.obj = e.obj}, better, 0);

		if (rc)
			return rc;
	}
	e.open = hs_xfs_entry_bad(&e);
	if (!(e.open | e.incomplete | e.xfail | e.unread))
		return 0;
	return add_entry(scan, &e);
}

errint_t hs_xfs_check_and_judge(struct hs_xfs_scan *scan, const struct hs_xfs_object *obj,
				const uint8_t *types, unsigned n, struct hs_xfs_outcome *outcome)
{
	struct hs_xfs_outcome local, *out = outcome ? outcome : &local;
	int rc = hs_xfs_check(&scan->fs, obj, types, n, out);

	if (rc == 0 && scan->mode == HS_XFS_REPAIR && obj->scope == HS_XFS_SCOPE_FS)
		hs_xfs_count_is_right(scan, types[0]);
	if (rc < 0 || (rc == 0 && !hs_xfs_is_forced(scan)))
		return rc;
	return hs_xfs_judge(scan, obj, out);
}

static const char *corruption_text(int reason)
{
	switch (reason) {
	case HS_XFS_LEFT_BAD:
		return "Repair unsuccessful; offline repair required.";
	case HS_XFS_LEFT_BUSY:
		return "Filesystem is busy, repair incomplete.";
	case HS_XFS_LEFT_UNKNOWN:
		return "Don't know how to fix; offline repair required.";
	case HS_XFS_LEFT_WITHHELD:
		return "Repair withheld, it would crash this kernel; use --allow-risky-repair or "
		       "offline repair.";
	default:
		return "Repairs are required.";
	}
}

void hs_xfs_say_reason(struct hs_xfs_scan *scan, const struct hs_xfs_object *obj, unsigned type,
		       int reason)
{
	struct hs_strbuf s = HS_STRBUF_INIT;

	hs_xfs_describe(&scan->fs, obj, type, &s);
	if (reason > 0)
		hs_xfs_say(scan, HS_XFS_ERROR, hs_strbuf_str(&s), "%s.", strerror(reason));
	else
		hs_xfs_say(scan, HS_XFS_ERROR, hs_strbuf_str(&s), "%s", corruption_text(reason));
	hs_strbuf_free(&s);
}

void hs_xfs_tell_entry(struct hs_xfs_scan *scan, struct hs_xfs_entry *e)
{
	struct hs_xfs_entry open = hs_xfs_entry_part(e, e->open);
	struct hs_strbuf s = HS_STRBUF_INIT;

	if (e->told)
		return;
	e->told = true;
	for (uint64_t roots = hs_xfs_entry_roots(&open); roots; roots &= roots - 1) {
		unsigned type = (unsigned)__builtin_ctzll(roots);

		if (e->reason > 0)
			hs_xfs_say_reason(scan, &e->obj, type, e->reason);
		hs_strbuf_reset(&s);
		hs_xfs_describe(&scan->fs, &e->obj, type, &s);
		hs_xfs_say(scan, HS_XFS_CORRUPTION, hs_strbuf_str(&s), "%s",
			   corruption_text(e->reason));
	}
	hs_strbuf_free(&s);
}

bool hs_xfs_is_known(struct hs_xfs_scan *scan, enum hs_xfs_scope scope, uint64_t id, uint64_t types)
{
	bool known = false;

	pthread_mutex_lock(&scan->lock);
	for (size_t i = 0; !known && i < scan->docket.n; i++) {
		const struct hs_xfs_entry *e = &scan->docket.entries[i];

		known = e->obj.scope == scope && e->obj.id == id && ((e->open | e->unread) & types);
	}
	pthread_mutex_unlock(&scan->lock);
	return known;
}

bool hs_xfs_found_damage(struct hs_xfs_scan *scan)
{
	bool found = atomic_load(&scan->tally.corruptions);

	pthread_mutex_lock(&scan->lock);
	for (size_t i = 0; !found && i < scan->docket.n; i++)
		found = scan->docket.entries[i].open;
	pthread_mutex_unlock(&scan->lock);
	return found;
}

bool hs_xfs_all_proven(struct hs_xfs_scan *scan)
{
	bool proven = true;

	pthread_mutex_lock(&scan->lock);
	for (size_t i = 0; proven && i < scan->docket.n; i++) {
		const struct hs_xfs_entry *e = &scan->docket.entries[i];

		proven = !(e->open | e->incomplete | e->xfail | e->unread);
	}
	pthread_mutex_unlock(&scan->lock);
	return proven;
}
