/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "xfs/items.h"

#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#include "xfs/chunk.h"
#include "xfs/crashes.h"
#include "xfs/dinode.h"
#include "xfs/fold.h"
#include "xfs/inodes.h"
#include "xfs/mend.h"
#include "xfs/report.h"

enum stage {
	STAGE_SPACE,
	STAGE_FILES,
	STAGE_DIRS,
	STAGE_TREE,
	STAGE_DISPUTES,
	STAGE_COUNTS,
	N_STAGES
};

#define N(a) (sizeof(a) / sizeof((a)[0]))

/* Kinds are scopes, but that counts of the whole file system are one by themselves. */
#define KIND_COUNT (HS_XFS_SCOPE_METAPATH + 1)

#define COUNTS                                                                                     \
	(HS_XFS_BIT(HS_XFS_FSCOUNTERS) | HS_XFS_BIT(HS_XFS_QUOTACHECK) | HS_XFS_BIT(HS_XFS_NLINKS))

/* Steps of a kind are these types. */
static const uint8_t ag_types[] = {
	HS_XFS_SB,    HS_XFS_AGF,   HS_XFS_AGFL,   HS_XFS_AGI,	  HS_XFS_BNOBT,
	HS_XFS_CNTBT, HS_XFS_INOBT, HS_XFS_FINOBT, HS_XFS_RMAPBT, HS_XFS_REFCNTBT,
};

static const uint8_t rtgroup_types[] = {
	HS_XFS_RGSUPER, HS_XFS_RTBITMAP, HS_XFS_RTSUM, HS_XFS_RTRMAPBT, HS_XFS_RTREFCBT,
};

/* The base before what lies in it; the tree last. */
static const uint8_t inode_types[] = {
	HS_XFS_INODE, HS_XFS_BMBTD, HS_XFS_BMBTA,  HS_XFS_BMBTC,   HS_XFS_SYMLINK,
	HS_XFS_XATTR, HS_XFS_DIR,   HS_XFS_PARENT, HS_XFS_DIRTREE, HS_XFS_DIR,
};

/*
 * A directory that is not damaged itself, but disagrees with its children's parent pointers, has a
 * step of its own behind theirs: made from the directory they keep the names that it has, while the
 * directory made from them would lose those that they do not tell.
 */
#define STEP_DIR     6
#define STEP_DISPUTE 9

static const uint8_t metapath_types[] = {HS_XFS_METAPATH};

static const struct {
	const uint8_t *types;
	unsigned n;
} objects[] = {
	[HS_XFS_SCOPE_AG] = {ag_types, N(ag_types)},
	[HS_XFS_SCOPE_RTGROUP] = {rtgroup_types, N(rtgroup_types)},
	[HS_XFS_SCOPE_INODE] = {inode_types, N(inode_types)},
	[HS_XFS_SCOPE_METAPATH] = {metapath_types, N(metapath_types)},
};

/* Format notes 3, "repair after"; bits are positions in the lists above. */
static const struct hs_repair_step fs_steps[] = {{0, STAGE_SPACE}};
static const struct hs_repair_step ag_steps[N(ag_types)] = {{0, STAGE_SPACE}};
static const struct hs_repair_step rtgroup_steps[N(rtgroup_types)] = {[2] = {1U << 1, STAGE_SPACE}};
static const struct hs_repair_step inode_steps[N(inode_types)] = {
	[0] = {0, STAGE_FILES},	      [1] = {1U << 0, STAGE_FILES},
	[2] = {1U << 0, STAGE_FILES}, [3] = {1U << 0, STAGE_FILES},
	[4] = {1U << 1, STAGE_FILES}, [5] = {1U << 2, STAGE_FILES},
	[6] = {1U << 1, STAGE_DIRS},  [7] = {1U << 1 | 1U << 5 | 1U << 6, STAGE_TREE},
	[8] = {0, STAGE_TREE},	      [STEP_DISPUTE] = {1U << 1, STAGE_DISPUTES},
};
static const struct hs_repair_step metapath_steps[] = {{0, STAGE_SPACE}};
/* what they count must be right before */
static const struct hs_repair_step count_steps[] = {{0, STAGE_COUNTS}};

static const struct hs_repair_kind kinds[] = {
	[HS_XFS_SCOPE_FS] = {fs_steps, N(fs_steps)},
	[HS_XFS_SCOPE_AG] = {ag_steps, N(ag_steps)},
	[HS_XFS_SCOPE_RTGROUP] = {rtgroup_steps, N(rtgroup_steps)},
	[HS_XFS_SCOPE_INODE] = {inode_steps, N(inode_steps)},
	[HS_XFS_SCOPE_METAPATH] = {metapath_steps, N(metapath_steps)},
	[KIND_COUNT] = {count_steps, N(count_steps)},
};

/* Phase 3 finds inodes through these. */
#define INODE_BTREES (HS_XFS_BIT(HS_XFS_AGI) | HS_XFS_BIT(HS_XFS_INOBT) | HS_XFS_BIT(HS_XFS_FINOBT))

/* A rebuild reads all inodes, and what looks wrong may be wrong elsewhere. */
#define HANGS_ON_OTHERS (HS_XFS_BIT(HS_XFS_DIR) | HS_XFS_BIT(HS_XFS_PARENT))

/* ---- steps and types ---- */

/* An object of the whole file system: one type, which is its number. */
static bool is_whole(const struct hs_repair_item *item)
{
	return item->kind == HS_XFS_SCOPE_FS || item->kind == KIND_COUNT;
}

static uint8_t kind_of(const struct hs_xfs_object *obj)
{
	bool count = obj->scope == HS_XFS_SCOPE_FS && (HS_XFS_BIT(obj->id) & COUNTS);

	return (uint8_t)(count ? KIND_COUNT : obj->scope);
}

static unsigned type_of(const struct hs_repair_item *item, unsigned step)
{
	if (is_whole(item))
		return (unsigned)item->id;
	return objects[item->kind].types[step];
}

static uint64_t types_of(const struct hs_repair_item *item, uint16_t steps)
{
	uint64_t types = 0;

	for (unsigned left = steps; left; left &= left - 1)
		types |= HS_XFS_BIT(type_of(item, (unsigned)__builtin_ctz(left)));
	return types;
}

/* `corrupt` are those of the types that are damaged themselves. */
static uint16_t steps_of(enum hs_xfs_scope scope, uint64_t types, uint64_t corrupt)
{
	unsigned steps = 0;

	if (scope == HS_XFS_SCOPE_FS)
		return types != 0;
	for (unsigned i = 0; i < objects[scope].n; i++) {
		if (types & HS_XFS_BIT(objects[scope].types[i]))
			steps |= 1U << i;
	}
	if (scope == HS_XFS_SCOPE_INODE)
		steps &= ~(1U << (corrupt & HS_XFS_BIT(HS_XFS_DIR) ? STEP_DISPUTE : STEP_DIR));
	return (uint16_t)steps;
}

static struct hs_xfs_object object_of(const struct hs_repair_item *item)
{
	struct hs_xfs_object obj = {.scope = is_whole(item) ? HS_XFS_SCOPE_FS : item->kind,
				    .id = item->id};

	if (obj.scope == HS_XFS_SCOPE_METAPATH)
		obj.group = item->sub;
	else
		obj.gen = item->sub;
	return obj;
}

/* ---- the docket's side ---- */

static void copy_entry(struct hs_xfs_scan *scan, uint32_t cookie, struct hs_xfs_entry *out)
{
	*out = (struct hs_xfs_entry){0};
	if (!cookie)
		return;
	pthread_mutex_lock(&scan->lock);
	*out = scan->docket.entries[cookie - 1];
	pthread_mutex_unlock(&scan->lock);
}

static void store_entry(struct hs_xfs_scan *scan, uint32_t cookie, const struct hs_xfs_entry *e)
{
	bool before, after = hs_xfs_entry_is_open_dir(e);

	pthread_mutex_lock(&scan->lock);
	before = hs_xfs_entry_is_open_dir(&scan->docket.entries[cookie - 1]);
	scan->docket.entries[cookie - 1] = *e;
	pthread_mutex_unlock(&scan->lock);
	if (before && !after)
		atomic_fetch_sub(&scan->open_dirs, 1);
	if (!before && after)
		atomic_fetch_add(&scan->open_dirs, 1);
}

/* Damage that came to light later: of an object without an entry, or more than was known. */
static errint_t note_damage(struct hs_xfs_scan *scan, struct hs_repair_item *item, uint64_t corrupt,
			    uint64_t xcorrupt)
{
	struct hs_xfs_entry e;

	if (!item->cookie) {
		e = (struct hs_xfs_entry){.obj = object_of(item),
					  .corrupt = corrupt,
					  .xcorrupt = xcorrupt,
					  .open = corrupt | xcorrupt};
		return hs_xfs_keep(scan, &e, &item->cookie);
	}
	copy_entry(scan, item->cookie, &e);
	e.corrupt |= corrupt & ~e.xcorrupt;
	e.xcorrupt |= xcorrupt & ~e.corrupt;
	e.open |= corrupt | xcorrupt;
	store_entry(scan, item->cookie, &e);
	return 0;
}

static void note_solved(struct hs_xfs_scan *scan, const struct hs_repair_item *item, uint64_t types,
			bool fixed)
{
	struct hs_xfs_entry e;

	if (!item->cookie)
		return;
	copy_entry(scan, item->cookie, &e);
	e.open &= ~types;
	if (fixed)
		e.fixed |= types;
	store_entry(scan, item->cookie, &e);
}

/* What is left of it will stay: told at once if nothing else can be its cause. */
static errint_t note_left(struct hs_xfs_scan *scan, struct hs_repair_item *item, uint64_t types,
			  int reason)
{
	struct hs_xfs_entry e;
	errint_t rc = item->cookie ? 0 : note_damage(scan, item, types, 0);

	if (rc)
		return rc;
	copy_entry(scan, item->cookie, &e);
	e.open |= types;
	e.reason = reason;
	if (hs_xfs_is_cause(&e))
		hs_xfs_tell_entry(scan, &e);
	store_entry(scan, item->cookie, &e);
	return 0;
}

/* The entry of a count of the whole file system that was found wrong before. */
static uint32_t find_count(struct hs_xfs_scan *scan, uint64_t type)
{
	uint32_t cookie = 0;

	pthread_mutex_lock(&scan->lock);
	for (size_t i = 0; !cookie && i < scan->docket.n; i++) {
		const struct hs_xfs_object *o = &scan->docket.entries[i].obj;

		if (o->scope == HS_XFS_SCOPE_FS && o->id == type)
			cookie = (uint32_t)i + 1;
	}
	pthread_mutex_unlock(&scan->lock);
	return cookie;
}

void hs_xfs_count_is_right(struct hs_xfs_scan *scan, uint8_t type)
{
	struct hs_repair_item item = {.kind = HS_XFS_SCOPE_FS, .cookie = find_count(scan, type)};

	note_solved(scan, &item, ~UINT64_C(0), false);
}

/* ---- the scheduler's operations ---- */

static uint16_t flags_before(struct hs_xfs_scan *scan, const struct hs_repair_item *item,
			     unsigned type)
{
	struct hs_xfs_entry e;

	copy_entry(scan, item->cookie, &e);
	if (e.corrupt & HS_XFS_BIT(type))
		return HS_XFS_SCRUB_CORRUPT;
	return e.xcorrupt & HS_XFS_BIT(type) ? HS_XFS_SCRUB_XCORRUPT : 0;
}

static void set_generation(struct hs_xfs_scan *scan, struct hs_repair_item *item, uint32_t gen)
{
	struct hs_xfs_entry e;

	item->sub = gen;
	if (!item->cookie)
		return;
	copy_entry(scan, item->cookie, &e);
	e.obj.gen = gen;
	store_entry(scan, item->cookie, &e);
}

/* The record of an inode that cannot be loaded gets the generation that its repair is told. */
static void keep_generation(struct hs_xfs_scan *scan, struct hs_repair_item *item)
{
	struct hs_xfs_bstat st;
	uint32_t gen;

	if (!item->sub && hs_xfs_inode_load(&scan->fs, item->id, &st) &&
	    !hs_xfs_disk_generation(scan, item->id, &gen))
		set_generation(scan, item, gen);
}

/* An inode that could not be loaded before has shown its generation. */
static void learn_generation(struct hs_xfs_scan *scan, struct hs_repair_item *item)
{
	struct hs_xfs_bstat st;

	if (!item->sub && !hs_xfs_inode_load(&scan->fs, item->id, &st))
		set_generation(scan, item, st.gen);
}

/*
 * Parent pointers are what damaged directories are rebuilt from, and would themselves be rebuilt
 * from the directories: first the directories. Link counts are counted in them.
 */
static bool waits_for_dirs(struct hs_xfs_scan *scan, const struct hs_repair_item *item,
			   unsigned type)
{
	uint64_t open = atomic_load(&scan->open_dirs);
	struct hs_xfs_entry own;

	if (type == HS_XFS_NLINKS)
		return open;
	if (type != HS_XFS_PARENT || !hs_xfs_feature(&scan->fs, HS_XFS_GEOM_PARENT))
		return false;
	/* its own entries are rebuilt from the pointers of others */
	copy_entry(scan, item->cookie, &own);
	return open > hs_xfs_entry_is_open_dir(&own);
}

static int attempt(struct hs_repair_item *item, unsigned step, enum hs_repair_effort effort,
		   int *reason, void *arg)
{
	struct hs_xfs_scan *scan = arg;
	struct hs_xfs_object obj = object_of(item);
	unsigned type = type_of(item, step);
	struct hs_xfs_mend m = {
		.obj = &obj, .type = type, .was = flags_before(scan, item, type), .effort = effort};
	int rc;

	if (!scan->opt->risky_repairs && hs_xfs_crash_of(&scan->fs, &obj, type)) {
		rc = note_left(scan, item, HS_XFS_BIT(type), HS_XFS_LEFT_WITHHELD);
		return rc ? rc : HS_REPAIR_NEVER;
	}
	if (m.was && waits_for_dirs(scan, item, type)) {
		*reason = HS_XFS_LEFT_WAITS;
		return HS_REPAIR_FAILED;
	}
	if (type == HS_XFS_INODE) {
		keep_generation(scan, item);
		obj = object_of(item);
	}
	rc = hs_xfs_mend(scan, &m, reason);
	switch (rc) {
	case HS_REPAIR_FIXED:
		if (type == HS_XFS_INODE)
			learn_generation(scan, item);
		note_solved(scan, item, HS_XFS_BIT(type), true);
		break;
	case HS_REPAIR_FINE:
	case HS_REPAIR_DOUBTFUL:
		note_solved(scan, item, HS_XFS_BIT(type), false);
		break;
	case HS_REPAIR_NEVER: {
		errint_t err = note_left(scan, item, HS_XFS_BIT(type), *reason);

		return err ? err : rc;
	}
	default:
		break;
	}
	return rc;
}

static int optimize(struct hs_repair_item *item, unsigned step, void *arg)
{
	struct hs_xfs_scan *scan = arg;
	struct hs_xfs_object obj = object_of(item);
	unsigned type = type_of(item, step);
	int reason = 0;
	int rc = hs_xfs_mend_better(scan, &obj, type, &reason);

	if (rc == HS_REPAIR_FAILED) {
		errint_t err = note_damage(scan, item, HS_XFS_BIT(type), 0);

		return err ? err : note_left(scan, item, HS_XFS_BIT(type), reason);
	}
	return rc;
}

/* The types that an object has: 0 when it is there no more. */
static int present_types(struct hs_xfs_scan *scan, struct hs_repair_item *item,
			 uint8_t types[HS_XFS_OBJECT_TYPES], unsigned *n)
{
	struct hs_xfs_bstat st = {.ino = item->id};
	errint_t rc;

	if (is_whole(item)) {
		types[0] = (uint8_t)item->id;
		*n = 1;
		return 1;
	}
	if (item->kind != HS_XFS_SCOPE_INODE) {
		*n = objects[item->kind].n;
		memcpy(types, objects[item->kind].types, *n);
		return 1;
	}
	rc = hs_xfs_inode_load(&scan->fs, item->id, &st);
	if (rc == -EINTR || rc == -ESHUTDOWN)
		return rc;
	/* one that cannot be loaded has no generation: whatever is there is meant */
	if (!rc && item->sub && st.gen != item->sub)
		return 0;
	if (!rc)
		item->sub = st.gen;
	*n = hs_xfs_inode_types(&scan->fs, &st, types);
	if (scan->phase >= 5 && (rc || S_ISDIR(st.mode)))
		types[(*n)++] = HS_XFS_DIRTREE;
	return 1;
}

/* At the end, what could not be proven is kept: it is neither damage nor clean. */
static errint_t keep_unproven(struct hs_xfs_scan *scan, const struct hs_repair_item *item,
			      const struct hs_xfs_outcome *out)
{
	struct hs_xfs_entry e = {.obj = object_of(item)};
	uint32_t cookie;

	for (unsigned i = 0; i < out->n; i++) {
		const struct hs_xfs_result *r = &out->r[i];

		if (!r->err && (r->flags & HS_XFS_SCRUB_INCOMPLETE))
			e.incomplete |= HS_XFS_BIT(r->type);
		else if (!r->err && (r->flags & HS_XFS_SCRUB_XFAIL))
			e.xfail |= HS_XFS_BIT(r->type);
		else if (r->err && r->err != -ENOENT)
			hs_xfs_unchecked(scan, &e.obj, r->type, r->err);
	}
	return e.incomplete | e.xfail ? hs_xfs_keep(scan, &e, &cookie) : 0;
}

static errint_t revalidate(struct hs_repair_item *item, enum hs_repair_effort effort, void *arg)
{
	struct hs_xfs_scan *scan = arg;
	uint8_t types[HS_XFS_OBJECT_TYPES];
	struct hs_xfs_outcome out = {0};
	struct hs_xfs_object obj;
	uint64_t damaged = 0, corrupt = 0, doubtful = 0, better = 0;
	unsigned n = 0;
	int rc = present_types(scan, item, types, &n);

	if (rc < 0)
		return rc;
	item->damaged = item->doubtful = 0;
	if (rc == 0) {
		item->better = 0;
		note_solved(scan, item, ~UINT64_C(0), false);
		return 0;
	}
	obj = object_of(item);
	rc = hs_xfs_check(&scan->fs, &obj, types, n, &out);
	if (rc < 0)
		return rc;
	for (unsigned i = 0; i < out.n; i++) {
		const struct hs_xfs_result *r = &out.r[i];
		uint64_t bit = HS_XFS_BIT(r->type);

		if (r->err) {
			if (r->err != -ENOENT && r->err != -EOPNOTSUPP && r->err != -EINVAL)
				doubtful |= bit;
		} else if (r->flags & (HS_XFS_SCRUB_CORRUPT | HS_XFS_SCRUB_XCORRUPT)) {
			damaged |= bit;
			corrupt |= r->flags & HS_XFS_SCRUB_CORRUPT ? bit : 0;
		} else if (r->flags & (HS_XFS_SCRUB_INCOMPLETE | HS_XFS_SCRUB_XFAIL)) {
			doubtful |= bit;
		} else if (r->flags & HS_XFS_SCRUB_PREEN) {
			better |= bit;
		}
	}
	item->damaged = steps_of(obj.scope, damaged, corrupt);
	item->doubtful = steps_of(obj.scope, doubtful, 0);
	item->better |= steps_of(obj.scope, better, 0);
	if (doubtful && effort == HS_REPAIR_LAST && !damaged) {
		rc = keep_unproven(scan, item, &out);
		item->doubtful = 0;
		if (rc)
			return rc;
	}
	damaged &= ~types_of(item, item->given_up);
	return damaged ? note_damage(scan, item, corrupt, damaged & ~corrupt) : 0;
}

/* The reason that is told: of the step that the others hang on. */
static int first_reason(const struct hs_repair_item *item, const int *reasons)
{
	return item->damaged ? reasons[__builtin_ctz(item->damaged)] : 0;
}

static errint_t finished(const struct hs_repair_item *done, const int *reasons, void *arg)
{
	struct hs_repair_item copy = *done, *item = &copy;
	struct hs_xfs_scan *scan = arg;
	int reason = first_reason(item, reasons);
	uint64_t left = types_of(item, item->damaged);

	atomic_fetch_add_explicit(&scan->progress.done, scan->phase == 4, memory_order_relaxed);
	/* phases 5 and 7 try these again, and tell */
	if (!left || (scan->phase == 4 && item->kind == KIND_COUNT))
		return 0;
	/* what was to be rebuilt although sound is no damage, unless it is now */
	if (!item->cookie && reason != HS_XFS_LEFT_BAD && reason != HS_XFS_LEFT_UNTRIED) {
		struct hs_xfs_object obj = object_of(item);

		hs_xfs_say_reason(scan, &obj, (unsigned)__builtin_ctzll(left), reason);
		return 0;
	}
	return note_left(scan, item, left, reason ? reason : HS_XFS_LEFT_BAD);
}

static errint_t ended(void *arg)
{
	return hs_xfs_scan_ended(arg);
}

static const struct hs_repair_ops ops = {
	.attempt = attempt,
	.optimize = optimize,
	.revalidate = revalidate,
	.finished = finished,
	.ended = ended,
};

errint_t hs_xfs_items_init(struct hs_xfs_scan *scan)
{
	return hs_repair_init(&scan->repair, kinds, N_STAGES, hs_xfs_workers(scan->opt), &ops,
			      scan);
}

/* ---- taking up ---- */

static uint64_t at_once(const struct hs_xfs_scan *scan, const struct hs_xfs_object *obj)
{
	uint64_t files = ~UINT64_C(0);

	switch (scan->phase) {
	case 2:
		/* superblock 0 is an object of its own then */
		return obj->scope == HS_XFS_SCOPE_AG
			       ? INODE_BTREES | HS_XFS_BIT(HS_XFS_SB) * (obj->id == 0)
			       : 0;
	case 3:
		if (hs_xfs_feature(&scan->fs, HS_XFS_GEOM_PARENT))
			files &= ~HANGS_ON_OTHERS;
		return obj->scope == HS_XFS_SCOPE_INODE && scan->files_at_once ? files : 0;
	case 4:
		return ~UINT64_C(0);
	case 5:
		return COUNTS;
	default:
		return 0;
	}
}

static uint16_t steps_at_once(const struct hs_xfs_scan *scan, const struct hs_xfs_object *obj)
{
	uint64_t types = at_once(scan, obj);

	return steps_of(obj->scope, types, types) | steps_of(obj->scope, types, 0);
}

/* Nothing else will be repaired after this. */
static bool to_the_end(const struct hs_xfs_scan *scan)
{
	return scan->phase > 5;
}

errint_t hs_xfs_take_up(struct hs_xfs_scan *scan, const struct hs_xfs_entry *e, uint64_t better,
			uint64_t forced)
{
	const struct hs_xfs_object *obj = &e->obj;
	uint64_t bad = hs_xfs_entry_bad(e);
	struct hs_repair_item item = {
		.kind = kind_of(obj),
		.id = obj->id,
		.sub = obj->scope == HS_XFS_SCOPE_METAPATH ? obj->group : obj->gen,
		.damaged = steps_of(obj->scope, bad | forced, e->corrupt | forced),
		.doubtful = steps_of(obj->scope, e->incomplete | e->xfail, 0),
		.better = steps_of(obj->scope, better, 0),
	};
	struct hs_xfs_entry kept = *e;
	errint_t rc = 0;

	/* whether these stay so is seen when everything has been repaired */
	if (to_the_end(scan))
		item.doubtful = 0;
	else
		kept.incomplete = kept.xfail = 0;
	kept.open = bad;
	if (bad && scan->phase > 4 && obj->scope == HS_XFS_SCOPE_FS)
		item.cookie = find_count(scan, obj->id);
	if (item.cookie)
		rc = note_damage(scan, &item, bad, 0);
	else if (bad | kept.incomplete | kept.xfail | kept.unread)
		rc = hs_xfs_keep(scan, &kept, &item.cookie);
	if (rc || !(item.damaged | item.doubtful | item.better))
		return rc;
	if (to_the_end(scan))
		return hs_repair_complete(&scan->repair, &item);
	return hs_repair_submit(&scan->repair, &item, steps_at_once(scan, obj));
}

bool hs_xfs_space_waits(struct hs_xfs_scan *scan)
{
	return hs_repair_has_damage(&scan->repair, STAGE_SPACE);
}

errint_t hs_xfs_repair_what_waits(struct hs_xfs_scan *scan)
{
	return hs_repair_run(&scan->repair);
}
