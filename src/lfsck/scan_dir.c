/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Directories: the plus facts of their entries (equations 6.1), `.` and `..`, and the inline rules
 * that a directory and its own inode decide (section 7).
 */
#include <stdlib.h>

#include "lfsck/scan.h"
#include "lustre/objname.h"

#define TYPE_DIR 2

static void job_mark(struct hs_worker *w, const struct hs_dir_job *job, enum hs_mark_code code,
		     uint32_t block, uint64_t a, uint64_t b, const struct hs_dirent *e)
{
	hs_worker_mark(w, job->t, code, job->has_fid ? job->fid : (struct hs_fid){0}, job->ino,
		       block, a, b, e ? e->name : NULL, e ? e->name_len : 0);
}

static void add_dot(struct hs_worker *w, enum hs_fact_tag tag, struct hs_fid key, struct hs_tgt t,
		    uint32_t ino, int k)
{
	struct hs_fact_buf f;
	struct hs_group g;

	hs_group_begin(&w->emit, &g, key);
	hs_fact_dot(&f, tag, key, t, ino);
	hs_group_add(&w->emit, &g, &f, k);
	hs_group_end(&w->emit, &g);
}

/* `..` of a class N directory: DOT minus fact, the forest, the FID datum. */
static void scan_dotdot(struct hs_worker *w, struct hs_dir_job *job, const struct hs_dirent *e)
{
	struct hs_target *t = job->t;
	errint_t err;
	bool remote = t->rpd_ino && e->ino == t->rpd_ino;

	job->dotdot = true;
	if (!job->has_fid)
		return;
	if (hs_fid_is_root(job->fid)) {
		if (e->ino != 2)
			job_mark(w, job, HS_M_DOTDOT_ROOT, e->block, e->ino, 2, NULL);
		return;
	}
	hs_worker_at(w, t, job->ino, e->block);
	if (!job->parent_absent)
		add_dot(w, HS_FACT_DOT, job->fid, remote ? hs_fact_elsewhere() : t->id,
			remote ? 0 : e->ino, -1);
	if (e->has_fid && job->has_parent && !hs_fid_eq(hs_fid_get_be(e->fid), job->parent))
		job_mark(w, job, HS_M_DOTDOT_FID, e->block, 0, 0, NULL);
	if (!w->scan->digest_pass)
		return;
	err = hs_tree_add(&w->tree, t->pos, job->ino, e->ino);
	if (err)
		w->err = err;
	if (remote) {
		const struct hs_tree_edge edge = {t->pos, job->ino, job->fid, job->parent,
						  job->has_parent};

		if (hs_tree_add_edge(&w->tree, &edge))
			w->err = -ENOMEM;
	}
}

static bool is_dot(const struct hs_dirent *e)
{
	return e->name_len == 1 && e->name[0] == '.';
}

static bool is_dotdot(const struct hs_dirent *e)
{
	return e->name_len == 2 && e->name[0] == '.' && e->name[1] == '.';
}

/* An entry of a striped master: must be a shard (STR-2, 8, 10). */
static void check_shard_entry(struct hs_worker *w, struct hs_dir_job *job, struct hs_fid child,
			      const struct hs_dirent *e)
{
	struct hs_fid fid;
	uint32_t index;

	if (!hs_lmv_parse_shard_name(e->name, e->name_len, &fid, &index)) {
		job_mark(w, job, HS_M_SHARD_NAME, e->block, 0, 0, e);
		return;
	}
	if (!hs_fid_eq(fid, child))
		job_mark(w, job, HS_M_SHARD_FID, e->block, index, 0, e);
	if (index >= job->lmv.count) {
		job_mark(w, job, HS_M_SHARD_RANGE, e->block, index, job->lmv.count, e);
		return;
	}
	if (index < HS_LMV_MAX_COUNT) {
		uint8_t bit = (uint8_t)(1u << (index % 8));

		if (job->shard_map[index / 8] & bit)
			job_mark(w, job, HS_M_SHARD_TWICE, e->block, index, 0, e);
		else
			job->shards_seen++;
		job->shard_map[index / 8] |= bit;
	}
}

static void add_shard(struct hs_worker *w, const struct hs_dir_job *job, struct hs_fid child,
		      const struct hs_dirent *e, struct hs_group *g)
{
	struct hs_fact_buf f;
	struct hs_fid fid;
	uint32_t index;

	if (!hs_lmv_parse_shard_name(e->name, e->name_len, &fid, &index))
		return;
	hs_fact_shard(&f, child, job->fid, index, job->lmv.count, job->lmv.hash);
	hs_group_add(&w->emit, g, &f, 1);
}

void hs_scan_entry(struct hs_worker *w, const struct hs_dir_job *job, struct hs_fid child,
		   const struct hs_dirent *e)
{
	struct hs_target *t = job->t;
	bool dir = e->type == TYPE_DIR, local;
	enum hs_presence presence;
	struct hs_fact_buf f;
	struct hs_group g;

	hs_worker_at(w, t, job->ino, e->block);
	local = hs_worker_is_local(w, t, child.seq, &presence);
	hs_group_begin(&w->emit, &g, child);
	if (presence == HS_ABSENT) {
		w->counts[t->pos].undecided++;
	} else {
		if (!hs_fid_is_dot_lustre_fid(child)) {
			hs_fact_link(&f, child, job->fid, e->name, e->name_len);
			hs_group_add(&w->emit, &g, &f, 1);
		}
		hs_fact_type(&f, child, e->type);
		hs_group_add(&w->emit, &g, &f, 1);
		if (dir) {
			hs_fact_dot(&f, HS_FACT_DOT, child, local ? t->id : hs_fact_elsewhere(),
				    local ? job->ino : 0);
			hs_group_add(&w->emit, &g, &f, 1);
		}
		if (job->lmv.kind == HS_LMV_MASTER)
			add_shard(w, job, child, e, &g);
	}
	hs_fact_inode(&f, HS_FACT_INO, child, t->id, e->ino, e->type);
	hs_group_add(&w->emit, &g, &f, 1);
	if (dir && !local) {
		hs_fact_dot(&f, HS_FACT_ADOT, child, t->id, job->ino);
		hs_group_add(&w->emit, &g, &f, 1);
	}
	hs_group_end(&w->emit, &g);
}

static void namespace_entry(struct hs_worker *w, struct hs_dir_job *job, const struct hs_dirent *e)
{
	struct hs_fid child;

	if (is_dot(e)) {
		job->dot = true;
		if (e->ino != job->ino)
			job_mark(w, job, HS_M_DOT_BAD, e->block, e->ino, job->ino, NULL);
		return;
	}
	if (is_dotdot(e)) {
		scan_dotdot(w, job, e);
		return;
	}
	job->subdirs += e->type == TYPE_DIR;
	w->counts[job->t->pos].names += job->lmv.kind != HS_LMV_MASTER;
	if (e->duplicate)
		job_mark(w, job, HS_M_ENTRY_DUP, e->block, e->ino, 0, e);
	if (e->wrong_leaf)
		job_mark(w, job, HS_M_ENTRY_LEAF, e->block, e->ino, 0, e);
	if (job->lmv.kind == HS_LMV_SHARD && job->lmv_judged &&
	    !hs_lmv_name_fits(&job->lmv, job->lmv.index, e->name, e->name_len))
		job_mark(w, job, HS_M_NAME_HASH, e->block, e->ino, job->lmv.index, e);
	if (!e->has_fid || !job->has_fid) {
		if (job->has_fid)
			hs_deferred_add(w, job, e);
		return;
	}
	child = hs_fid_get_be(e->fid);
	if (!hs_fid_is_sane(child))
		job_mark(w, job, HS_M_ENTRY_INSANE, e->block, e->ino, 0, e);
	if (job->lmv.kind == HS_LMV_MASTER)
		check_shard_entry(w, job, child, e);
	hs_scan_entry(w, job, child, e);
}

/* Only shards can be left in a removed directory (equations 5.1). */
static void orphan_entry(struct hs_worker *w, struct hs_dir_job *job, const struct hs_dirent *e)
{
	enum hs_presence presence;
	struct hs_fact_buf f;
	struct hs_fid fid, child;
	struct hs_group g;
	uint32_t index;

	if (is_dot(e) || is_dotdot(e))
		return;
	if (!hs_lmv_parse_shard_name(e->name, e->name_len, &fid, &index))
		job_mark(w, job, HS_M_ORPHAN_ENTRY, e->block, e->ino, 0, e);
	if (!e->has_fid)
		return;
	child = hs_fid_get_be(e->fid);
	if (hs_worker_is_local(w, job->t, child.seq, &presence))
		return;
	hs_worker_at(w, job->t, job->ino, e->block);
	hs_group_begin(&w->emit, &g, child);
	hs_fact_inode(&f, HS_FACT_INO, child, job->t->id, e->ino, e->type);
	hs_group_add(&w->emit, &g, &f, 1);
	if (e->type == TYPE_DIR) {
		hs_fact_dot(&f, HS_FACT_ADOT, child, job->t->id, job->ino);
		hs_group_add(&w->emit, &g, &f, 1);
	}
	hs_group_end(&w->emit, &g);
}

static void agent_entry(struct hs_worker *w, struct hs_dir_job *job, const struct hs_dirent *e)
{
	if (is_dot(e)) {
		if (e->ino != job->ino)
			job_mark(w, job, HS_M_DOT_BAD, e->block, e->ino, job->ino, NULL);
	} else if (is_dotdot(e)) {
		hs_worker_at(w, job->t, job->ino, e->block);
		add_dot(w, HS_FACT_ADOT, job->fid, job->t->id, e->ino, -1);
	} else {
		job_mark(w, job, HS_M_AGENT_FULL, e->block, e->ino, 0, e);
	}
}

/* The name decides; the FID datum is unreliable here (format notes, section 5). */
static void rpd_entry(struct hs_worker *w, struct hs_dir_job *job, const struct hs_dirent *e)
{
	struct hs_fact_buf f;
	struct hs_fid fid;
	struct hs_group g;

	if (is_dot(e) || is_dotdot(e))
		return;
	if (hs_fid_parse((const char *)e->name, e->name_len, &fid)) {
		job_mark(w, job, HS_M_RPD_NAME, e->block, e->ino, 0, e);
		return;
	}
	hs_worker_at(w, job->t, job->ino, e->block);
	hs_group_begin(&w->emit, &g, fid);
	hs_fact_inode(&f, HS_FACT_RPD, fid, job->t->id, e->ino, e->type);
	hs_group_add(&w->emit, &g, &f, 1);
	hs_group_end(&w->emit, &g);
}

static void oname_entry(struct hs_worker *w, struct hs_dir_job *job, const struct hs_dirent *e)
{
	const struct hs_target *t = job->t;
	struct hs_fact_buf f;
	struct hs_group g;
	struct hs_fid fid;
	uint64_t objid;

	if (is_dot(e) || is_dotdot(e))
		return;
	if (!hs_objname_parse_objid(job->odir.seq, (const char *)e->name, e->name_len, &objid)) {
		job_mark(w, job, HS_M_ONAME_BAD, e->block, e->ino, job->odir.seq, e);
		return;
	}
	fid = hs_objname_fid(job->odir.seq, objid, t->id.kind == HS_OST, t->id.index);
	if ((objid & (t->subdirs - 1)) != job->odir.n)
		hs_worker_mark(w, t, HS_M_ONAME_DIR, fid, job->ino, e->block, job->odir.n,
			       objid & (t->subdirs - 1), e->name, e->name_len);
	hs_worker_at(w, t, job->ino, e->block);
	hs_group_begin(&w->emit, &g, fid);
	hs_fact_oname(&f, fid, t->id, e->ino);
	hs_group_add(&w->emit, &g, &f, 1);
	hs_group_end(&w->emit, &g);
	w->counts[t->pos].onames++;
}

static int visit_entry(void *arg, void *dir, const struct hs_dirent *e)
{
	struct hs_worker *w = arg;
	struct hs_dir_job *job = dir;

	if (!e->ino)
		return 0;
	switch (job->kind) {
	case HS_DIR_NAMESPACE:
		namespace_entry(w, job, e);
		break;
	case HS_DIR_ORPHAN:
		orphan_entry(w, job, e);
		break;
	case HS_DIR_AGENT:
		agent_entry(w, job, e);
		break;
	case HS_DIR_RPD:
		rpd_entry(w, job, e);
		break;
	case HS_DIR_ONAMES:
		oname_entry(w, job, e);
		break;
	}
	return w->err;
}

static void check_whole(struct hs_worker *w, struct hs_dir_job *job)
{
	if (!job->dot)
		job_mark(w, job, HS_M_DOT_BAD, 0, 0, job->ino, NULL);
	if (!job->dotdot)
		job_mark(w, job, HS_M_DOTDOT_NONE, 0, 0, 0, NULL);
	/* nlink 1: too many subdirectories to count (format notes, section 16) */
	if (job->nlink != 1 && job->nlink != job->subdirs + 2)
		job_mark(w, job, HS_M_DIR_NLINK, 0, job->nlink, job->subdirs + 2, NULL);
	if (job->lmv.kind == HS_LMV_MASTER && !(job->lmv.flaws & HS_LMVF_COUNT) &&
	    job->shards_seen < job->lmv.count)
		job_mark(w, job, HS_M_SHARD_MISSING, 0, job->shards_seen, job->lmv.count, NULL);
}

static int visit_end(void *arg, void *dir, const struct hs_dir_end *end)
{
	const unsigned fatal = HS_DIRF_MAP | HS_DIRF_READ | HS_DIRF_ENTRY | HS_DIRF_CSUM |
			       HS_DIRF_HOLE | HS_DIRF_INLINE;
	struct hs_worker *w = arg;
	struct hs_dir_job *job = dir;

	if (end->flaws & fatal)
		job_mark(w, job, HS_M_DIR_DAMAGED, end->bad_block, end->flaws, job->kind, NULL);
	else if (job->kind == HS_DIR_NAMESPACE)
		check_whole(w, job);
	if ((end->flaws & HS_DIRF_INDEX) && !(end->flaws & fatal))
		job_mark(w, job, HS_M_DIR_INDEX, end->bad_block, end->flaws, 0, NULL);
	job->next_free = w->free_jobs;
	w->free_jobs = job;
	return w->err;
}

static const struct hs_dir_visitor visitor = {.entry = visit_entry, .end = visit_end};

struct hs_dir_job *hs_dir_job_new(struct hs_worker *w, struct hs_target *t, enum hs_dir_kind kind,
				  uint32_t ino)
{
	struct hs_dir_job *job = w->free_jobs;

	if (job) {
		struct hs_dir_job *next = job->next_job;

		w->free_jobs = job->next_free;
		memset(job, 0, sizeof(*job));
		job->next_job = next;
	} else {
		job = calloc(1, sizeof(*job));
		if (!job) {
			w->err = -ENOMEM;
			return NULL;
		}
		job->next_job = w->jobs;
		w->jobs = job;
	}
	job->t = t;
	job->kind = kind;
	job->ino = ino;
	return job;
}

void hs_scan_dir_flush(struct hs_worker *w, struct hs_target *t)
{
	struct hs_dir_reader *r = w->dirs[t->pos];
	int rc = r ? hs_dir_reader_flush(r, &visitor, w) : 0;

	if (rc && !w->err)
		w->err = rc;
}

void hs_scan_dir_queue(struct hs_worker *w, struct hs_dir_job *job, const struct hs_inode *inode)
{
	struct hs_dir_reader *r = hs_worker_dirs(w, job->t);

	if (!r)
		return;
	if (hs_dir_reader_full(r))
		hs_scan_dir_flush(w, job->t);
	if (hs_dir_queue(r, inode, job))
		w->err = -ENOMEM;
}

void hs_scan_odir(struct hs_worker *w, struct hs_target *t, const struct hs_odir *d)
{
	uint8_t *raw = malloc(hs_fs_geo(t->fs)->inode_size);
	struct hs_dir_job *job;
	struct hs_inode inode;
	errint_t err;

	if (!raw) {
		w->err = -ENOMEM;
		return;
	}
	err = hs_inode_read(t->fs, d->ino, raw, &inode);
	if (err || !hs_inode_is_dir(&inode)) {
		hs_worker_mark(w, t, HS_M_DIR_DAMAGED, (struct hs_fid){0}, d->ino, 0, 0,
			       HS_DIR_ONAMES, NULL, 0);
	} else {
		job = hs_dir_job_new(w, t, HS_DIR_ONAMES, d->ino);
		if (job) {
			job->odir = *d;
			hs_scan_dir_queue(w, job, &inode);
			hs_scan_dir_flush(w, t);
		}
	}
	free(raw);
}
