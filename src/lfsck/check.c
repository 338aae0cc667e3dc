/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lfsck/check.h"

#include <stdlib.h>
#include <sys/random.h>
#include <sys/sysinfo.h>

#include "base/array.h"
#include "base/clock.h"
#include "io/stats.h"
#include "work/team.h"

#define MIN_BUCKETS 4096
#define MAX_MARKS   (4u << 20)

const char *hs_check_phase_name(enum hs_check_phase p)
{
	static const char *const names[HS_PHASES] = {
		"OST digest", "MDT digest", "combine", "directory tree", "suspects",
	};

	return names[p];
}

static uint64_t default_memory(void)
{
	struct sysinfo si;

	if (sysinfo(&si))
		return 256u << 20;
	return (uint64_t)si.totalram * si.mem_unit / 4;
}

/* One counter an object, within half of the memory. */
static uint64_t choose_buckets(const struct hs_system *sys, uint64_t memory)
{
	uint64_t n = 0, most = memory / 2 / sizeof(uint64_t);

	for (size_t i = 0; i < sys->n_targets; i++)
		n += hs_fs_geo(sys->targets[i]->fs)->inodes_used;
	if (n < MIN_BUCKETS)
		n = MIN_BUCKETS;
	return n < most || most == 0 ? n : most;
}

errint_t hs_check_init(struct hs_check *c, struct hs_system *sys,
		       const struct hs_check_params *params)
{
	errint_t err;

	memset(c, 0, sizeof(*c));
	c->sys = sys;
	c->params = *params;
	if (!c->params.threads)
		c->params.threads = hs_team_default_size();
	if (!c->params.memory)
		c->params.memory = default_memory();
	c->seed = params->seed;
	if (!params->has_seed &&
	    getrandom(&c->seed, sizeof(c->seed), 0) != (ssize_t)sizeof(c->seed))
		c->seed = hs_now_ns();
	c->counts = calloc(sys->n_targets, sizeof(*c->counts));
	if (!c->counts)
		return -ENOMEM;
	err = hs_digest_init(&c->digest, c->seed,
			     params->buckets ? params->buckets
					     : choose_buckets(sys, c->params.memory));
	if (!err)
		err = hs_scan_init(
			&c->scan, sys, &c->digest, c->params.threads, params->stop,
			&(struct hs_spill_limit){c->params.memory / 8, params->spill_dir});
	if (err) {
		hs_check_free(c);
		return err;
	}
	for (unsigned i = 0; i < c->scan.n_workers; i++)
		c->scan.workers[i].marks.limit = MAX_MARKS / c->scan.n_workers;
	c->scan.objects = &c->objects;
	c->scan.log = params->log;
	c->scan.failout = params->failout;
	return 0;
}

void hs_check_free(struct hs_check *c)
{
	if (c->scan.sys)
		hs_scan_free(&c->scan);
	hs_digest_free(&c->digest);
	hs_objmap_free(&c->objects);
	hs_objmap_free(&c->refs);
	hs_marks_free(&c->marks);
	free(c->highs);
	free(c->counts);
	memset(c, 0, sizeof(*c));
}

static uint64_t bytes_read(const struct hs_system *sys)
{
	uint64_t n = 0;

	for (size_t i = 0; i < sys->n_targets; i++) {
		struct hs_io_stats stats;

		hs_stats_get(sys->targets[i]->stats, &stats);
		n += stats.read_bytes;
	}
	return n;
}

/* Time and bytes of a phase. */
struct stopwatch {
	uint64_t ns, bytes;
};

static struct stopwatch phase_begin(struct hs_check *c, enum hs_check_phase p)
{
	if (c->params.phase)
		c->params.phase(c->params.arg, c, p);
	atomic_store(&c->scan.done, 0);
	atomic_store(&c->scan.total, 0);
	return (struct stopwatch){hs_now_ns(), bytes_read(c->sys)};
}

static void phase_end(struct hs_check *c, enum hs_check_phase p, struct stopwatch w)
{
	c->phase_ns[p] += hs_now_ns() - w.ns;
	c->phase_bytes[p] += bytes_read(c->sys) - w.bytes;
}

/* After D1: one bitmap set for all MDTs. */
static errint_t merge_objects(struct hs_check *c)
{
	for (unsigned i = 0; i < c->scan.n_workers; i++) {
		errint_t err = hs_objmap_merge(&c->objects, &c->scan.workers[i].objects);

		if (err)
			return err;
	}
	c->bitmap_bytes = hs_objmap_optimize(&c->objects);
	return 0;
}

static int mark_twice(void *arg, uint32_t ost, struct hs_fid object)
{
	struct hs_check *c = arg;
	struct hs_target *t = hs_system_target(c->sys, (struct hs_tgt){HS_OST, ost});
	struct hs_prov prov = {t ? t->pos : 0, 0, 0};

	hs_mark_add(&c->marks, HS_M_REF_TWICE, object, &prov, ost, 0, NULL, 0);
	return 0;
}

static int mark_unreferenced(void *arg, uint32_t ost, struct hs_fid object)
{
	struct hs_check *c = arg;
	struct hs_target *t = hs_system_target(c->sys, (struct hs_tgt){HS_OST, ost});
	struct hs_prov prov = {t ? t->pos : 0, 0, 0};

	if (c->sys->mdt_absent) {
		c->undecided++;
		return 0;
	}
	hs_mark_add(&c->marks, HS_M_UNREFERENCED, object, &prov, ost, 0, NULL, 0);
	return 0;
}

static errint_t merge_workers(struct hs_check *c)
{
	errint_t err = 0;

	for (size_t i = 0; i < c->sys->n_targets; i++)
		hs_marks_merge(&c->marks, &c->sys->targets[i]->marks);
	hs_marks_merge(&c->marks, &c->sys->marks);
	for (unsigned i = 0; !err && i < c->scan.n_workers; i++) {
		struct hs_worker *w = &c->scan.workers[i];

		hs_marks_merge(&c->marks, &w->marks);
		err = hs_objmap_merge(&c->refs, &w->refs);
		c->facts += w->emit.facts;
		for (size_t t = 0; t < c->sys->n_targets; t++) {
			const uint64_t *from = (const uint64_t *)&w->counts[t];
			uint64_t *to = (uint64_t *)&c->counts[t];

			for (size_t k = 0; k < sizeof(w->counts[t]) / sizeof(*to); k++)
				to[k] += from[k];
			c->undecided += w->counts[t].undecided;
		}
		if (!err)
			err = hs_array_grow(&c->highs, &c->highs_room, c->n_highs + w->n_highs);
		if (!err && w->n_highs)
			memcpy(c->highs + c->n_highs, w->highs, w->n_highs * sizeof(*w->highs));
		if (!err)
			c->n_highs += w->n_highs;
	}
	if (!err)
		err = hs_objmap_each(&c->refs, HS_OBJ_TWICE, NULL, 0, mark_twice, c);
	if (!err)
		err = hs_objmap_each(&c->objects, HS_OBJ_TOUCHED, &c->refs, HS_OBJ_REFERENCED,
				     mark_unreferenced, c);
	if (!err)
		hs_check_end(c);
	return err ? err : c->marks.err;
}

static bool makes_suspect(const struct hs_mark *m)
{
	return !hs_fid_is_zero(m->fid) && hs_mark_info(m->code)->weight != HS_MARK_NOTE;
}

static errint_t check_tree(struct hs_check *c)
{
	struct hs_tree_part *parts = calloc(c->scan.n_workers, sizeof(*parts));
	errint_t err;

	if (!parts)
		return -ENOMEM;
	for (unsigned i = 0; i < c->scan.n_workers; i++)
		parts[i] = c->scan.workers[i].tree;
	err = hs_tree_check(c->sys, parts, c->scan.n_workers, &c->marks, &c->undecided);
	for (unsigned i = 0; i < c->scan.n_workers; i++)
		c->scan.workers[i].tree = parts[i];
	free(parts);
	return err ? err : c->marks.err;
}

static errint_t combine(struct hs_check *c)
{
	errint_t err = hs_digest_to_suspects(&c->digest, &c->suspect_buckets);

	for (size_t i = 0; !err && i < c->marks.n; i++) {
		if (makes_suspect(&c->marks.v[i]))
			hs_digest_add_suspect(&c->digest, c->marks.v[i].fid);
	}
	return err;
}

/* FIDs of marks whose counters lie in a slice; sorted as the marks are. */
static errint_t marked_fids(struct hs_check *c, const struct hs_slice *s, struct hs_fid **out,
			    size_t *n)
{
	uint64_t end = atomic_load(&s->end);

	*n = 0;
	*out = malloc((c->marks.n ? c->marks.n : 1) * sizeof(**out));
	if (!*out)
		return -ENOMEM;
	for (size_t i = 0; i < c->marks.n; i++) {
		uint64_t bucket;

		if (!makes_suspect(&c->marks.v[i]))
			continue;
		bucket = hs_digest_bucket(&c->digest, c->marks.v[i].fid);
		if (bucket >= s->first && bucket < end)
			(*out)[(*n)++] = c->marks.v[i].fid;
	}
	return 0;
}

/* One reading of all targets, keeping what lies in the slice. */
static errint_t suspect_pass(struct hs_check *c, hs_check_suspects_fn *fn, void *arg)
{
	unsigned n = c->scan.n_workers;
	struct hs_keep *keeps = calloc(n, sizeof(*keeps));
	struct hs_fid *marked = NULL;
	struct hs_join join = {0};
	size_t n_marked;
	errint_t err = keeps ? 0 : -ENOMEM;

	if (!err)
		err = hs_scan_run(&c->scan, HS_SCAN_OSTS);
	if (!err)
		err = hs_scan_run(&c->scan, HS_SCAN_MDTS);
	if (!err)
		err = marked_fids(c, &c->scan.slice, &marked, &n_marked);
	for (unsigned i = 0; !err && i < n; i++)
		keeps[i] = c->scan.workers[i].keep;
	if (!err)
		err = hs_join(keeps, n, &c->scan.slice, marked, n_marked, &join);
	if (!err)
		err = fn(arg, c, &join);
	hs_join_free(&join);
	for (unsigned i = 0; i < n; i++)
		hs_keep_free(&c->scan.workers[i].keep);
	free(marked);
	free(keeps);
	return err;
}

static errint_t suspects(struct hs_check *c, hs_check_suspects_fn *fn, void *arg)
{
	struct hs_slice *s = &c->scan.slice;
	uint64_t first = 0;
	errint_t err = 0;

	c->scan.digest_pass = false;
	c->scan.log = (struct hs_scan_log){0}; /* it begins again from the suspects */
	s->limit = c->params.memory / 2 / c->scan.n_workers;
	while (!err && first < c->digest.buckets) {
		s->first = first;
		atomic_store(&s->end, c->digest.buckets);
		atomic_store(&c->scan.done, 0);
		atomic_store(&c->scan.total, 0);
		err = suspect_pass(c, fn, arg);
		first = atomic_load(&s->end);
		c->suspect_passes++;
	}
	return err;
}

static bool any_suspect(const struct hs_check *c)
{
	if (c->suspect_buckets)
		return true;
	for (size_t i = 0; i < c->marks.n; i++) {
		if (makes_suspect(&c->marks.v[i]))
			return true;
	}
	return false;
}

errint_t hs_check_run(struct hs_check *c, hs_check_suspects_fn *fn, void *arg)
{
	struct stopwatch w = phase_begin(c, HS_PHASE_OST_DIGEST);
	errint_t err = 0;

	/* what the preamble could not read counts as well */
	if (c->params.failout && hs_check_first_unread(c))
		err = -EUCLEAN;
	if (!err)
		err = hs_scan_run(&c->scan, HS_SCAN_OSTS);
	if (!err)
		err = merge_objects(c);
	phase_end(c, HS_PHASE_OST_DIGEST, w);
	if (err)
		return err;

	w = phase_begin(c, HS_PHASE_MDT_DIGEST);
	err = hs_scan_run(&c->scan, HS_SCAN_MDTS);
	phase_end(c, HS_PHASE_MDT_DIGEST, w);
	if (err)
		return err;

	w = phase_begin(c, HS_PHASE_TREE);
	err = merge_workers(c);
	if (!err)
		err = check_tree(c);
	hs_marks_sort(&c->marks);
	phase_end(c, HS_PHASE_TREE, w);
	if (err)
		return err;

	w = phase_begin(c, HS_PHASE_COMBINE);
	err = combine(c);
	phase_end(c, HS_PHASE_COMBINE, w);
	if (err || !any_suspect(c))
		return err;

	w = phase_begin(c, HS_PHASE_SUSPECTS);
	err = suspects(c, fn, arg);
	phase_end(c, HS_PHASE_SUSPECTS, w);
	return err;
}

static void take_first(const struct hs_marks *marks, const struct hs_mark **first)
{
	for (size_t i = 0; i < marks->n; i++) {
		const struct hs_mark *m = &marks->v[i];

		if (hs_mark_info(m->code)->weight != HS_MARK_UNREAD)
			continue;
		if (!*first || m->prov.target < (*first)->prov.target ||
		    (m->prov.target == (*first)->prov.target && m->prov.ino < (*first)->prov.ino))
			*first = m;
	}
}

/* A check that did not come to its end has not merged them. */
const struct hs_mark *hs_check_first_unread(const struct hs_check *c)
{
	const struct hs_mark *first = NULL;

	take_first(&c->marks, &first);
	take_first(&c->sys->marks, &first);
	for (size_t i = 0; i < c->sys->n_targets; i++)
		take_first(&c->sys->targets[i]->marks, &first);
	for (unsigned i = 0; i < c->scan.n_workers; i++)
		take_first(&c->scan.workers[i].marks, &first);
	return first;
}

uint64_t hs_check_unread_marks(const struct hs_check *c)
{
	uint64_t n = 0;

	for (unsigned i = 0; i < HS_MARK_CODES; i++) {
		if (hs_mark_info(i)->weight == HS_MARK_UNREAD)
			n += c->marks.counts[i];
	}
	return n;
}
