/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Repairs of what one mark tells by itself: a place, a table, an object that no other record
 * contradicts.
 */
#include <inttypes.h>

#include "lfsck/index.h"
#include "lfsck/judge_shards.h"
#include "lfsck/plan_marks.h"
#include "lfsck/plan_priv.h"
#include "lfsck/preamble.h"

/* Offsets in OI_scrub (format notes, section 14). */
#define SCRUB_UUID   0
#define SCRUB_FLAGS  16
#define SCRUB_STATUS 28

/* At the next mount the server rebuilds the OI from the inodes. */
static void plan_scrub(struct hs_verdict *v, struct hs_case *c, struct hs_target *t)
{
	struct hs_at file = hs_plan_root_name(v, t, "OI_scrub");
	uint8_t flags[8], status[2];

	if (!t->has_oi_scrub || t->oi_scrub.magic != HS_OISCRUB_MAGIC_V2 || !file.ino) {
		hs_case_no_repair(c, "OI_scrub cannot ask for a rebuild: mount the target with "
				     "the option resetoi");
		return;
	}
	hs_put_le64(flags, t->oi_scrub.flags | HS_OISCRUB_INCONSISTENT);
	hs_put_le16(status, HS_OISCRUB_INIT);
	hs_mend_bytes(v, c, file, SCRUB_UUID, hs_fs_geo(t->fs)->uuid, 16);
	hs_mend_bytes(v, c, file, SCRUB_FLAGS, flags, sizeof(flags));
	hs_mend_bytes(v, c, file, SCRUB_STATUS, status, sizeof(status));
	hs_case_repair(c, "Asks in OI_scrub for a rebuild from the inodes, which the server does "
			  "at the next mount.");
}

bool hs_plan_scrub_is_due(const struct hs_target *t)
{
	return t->has_oi_scrub && t->oi_scrub.flags & HS_OISCRUB_INCONSISTENT &&
	       t->oi_scrub.status == HS_OISCRUB_INIT;
}

/* The sequence whose LAST_ID lies there. */
static void plan_last_id(struct hs_verdict *v, struct hs_case *c, const struct hs_mark *m,
			 struct hs_target *t)
{
	for (size_t i = 0; i < t->n_oseqs; i++) {
		const struct hs_oseq *s = &t->oseqs[i];

		if (m->code == HS_M_LASTID_NONE ? s->ino == m->prov.ino
						: s->lastid_ino == m->prov.ino) {
			hs_mend_last_id(v, c, t, s->seq, m->b);
			return;
		}
	}
	hs_case_no_repair(c, "the sequence cannot be told");
}

/* The record goes where a look-up finds it. */
static void plan_astray(struct hs_verdict *v, struct hs_case *c, const struct hs_mark *m,
			struct hs_target *t)
{
	struct hs_at at = hs_at(t, (uint32_t)0), file = hs_at(t, m->prov.ino);
	uint8_t key[HS_FID_SIZE], rec[8];
	struct hs_fid carried;

	hs_fid_put_be(key, m->fid);
	if (hs_plan_load(v, file) != 1 || hs_index_lookup(t->fs, &v->plan.loaded.inode, key,
							  sizeof(key), sizeof(rec), rec) != 1) {
		hs_case_no_repair(c, "the record cannot be found again");
		return;
	}
	at.ino = hs_get_be32(rec);
	hs_mend_oi_astray(v, c, t, m->fid, (uint32_t)m->a, at.ino, hs_get_be32(rec + 4));
	if (hs_plan_fid(v, at, &carried) && hs_fid_eq(carried, m->fid))
		hs_mend_oi(v, c, m->fid, at);
}

/* A name below O/ that is none, or lies in the wrong directory: the object's own name is another.
 */
static void plan_oname(struct hs_verdict *v, struct hs_case *c, const struct hs_mark *m,
		       struct hs_target *t)
{
	struct hs_at dir = hs_at(t, m->prov.ino), at, right;
	struct hs_leads leads, now;
	struct hs_fid fid;
	char name[24];

	if (m->code == HS_M_ONAME_DIR && hs_plan_oname(v, t, m->fid, &right, name) &&
	    hs_plan_entry(v, dir, name, strlen(name), &leads) == 1) {
		hs_mend_entry(v, c, dir, name, strlen(name), NULL);
		if (hs_plan_entry(v, right, name, strlen(name), &now) == 0)
			hs_mend_entry(v, c, right, name, strlen(name), &leads);
		return;
	}
	if (hs_plan_entry(v, dir, m->name, m->name_len, &leads) != 1) {
		hs_case_no_repair(c, "the name cannot be found again");
		return;
	}
	at = hs_at(t, leads.ino);
	if (!hs_plan_fid(v, at, &fid) || !hs_plan_oname(v, t, fid, &right, name)) {
		hs_case_no_repair(c, "what it leads to has no name of its own below O/");
		return;
	}
	hs_mend_entry(v, c, dir, m->name, m->name_len, NULL);
	if (hs_plan_entry(v, right, name, strlen(name), &now) == 0)
		hs_mend_oname(v, c, fid, at);
	else
		hs_mend_nlink(v, c, at, -1);
}

/* The linkEA as its valid entries have it, each once. */
static void plan_links(struct hs_verdict *v, struct hs_case *c, struct hs_at at)
{
	struct hs_links l = {0};

	if (!hs_links_load(v, at, &l) || l.lost)
		hs_case_no_repair(c, "nothing of the linkEA can be used");
	hs_links_unique(&l);
	hs_mend_links(v, c, at, c->fid, hs_plan_type(v, at), &l);
	hs_links_free(&l);
}

/* An entry without FID gets that of its inode. */
static void plan_entry_fid(struct hs_verdict *v, struct hs_case *c, const struct hs_mark *m,
			   struct hs_at dir)
{
	struct hs_leads leads;
	struct hs_fid fid;

	if (hs_plan_entry(v, dir, m->name, m->name_len, &leads) != 1 ||
	    !hs_plan_fid(v, hs_at(dir.t, leads.ino), &fid) || !hs_fid_eq(fid, m->fid)) {
		hs_case_no_repair(c, "the entry cannot be found again");
		return;
	}
	leads.has_fid = true;
	leads.fid = fid;
	hs_mend_entry(v, c, dir, m->name, m->name_len, &leads);
	hs_expect_inode(v, c, hs_at(dir.t, leads.ino));
}

/* Entries of one name. */
struct same_name {
	const struct hs_mark *m;
	struct hs_leads v[4];
	size_t n;
};

static int visit_same(void *arg, void *dir, const struct hs_dirent *e)
{
	struct same_name *s = arg;

	(void)dir;
	if (e->ino && e->name_len == s->m->name_len && !memcmp(e->name, s->m->name, e->name_len)) {
		if (s->n < 4)
			s->v[s->n] = (struct hs_leads){e->ino, 0, e->type, e->has_fid,
						       e->has_fid ? hs_fid_get_be(e->fid)
								  : (struct hs_fid){0, 0, 0}};
		s->n++;
	}
	return 0;
}

/* The object's linkEA has this name. */
static bool is_linked(struct hs_verdict *v, const struct hs_leads *e, const struct hs_mark *m)
{
	struct hs_links l = {0};
	struct hs_at at;
	bool is = e->has_fid && hs_plan_find(v, e->fid, &at) && hs_links_load(v, at, &l) &&
		  hs_links_have(&l, m->fid, m->name, m->name_len);

	hs_links_free(&l);
	return is;
}

/*
 * One of two entries with one name gets another: that whose object does not know the name, else the
 * second. The new name ends in the FID, so that it is new.
 */
static void plan_rename(struct hs_verdict *v, struct hs_case *c, const struct hs_mark *m,
			struct hs_at dir)
{
	const struct hs_dir_visitor visitor = {.entry = visit_same};
	struct same_name same = {.m = m};
	struct hs_leads e, now;
	struct hs_links l = {0};
	struct hs_step *s;
	struct hs_at at;
	char fid[HS_FID_TEXT];
	uint8_t name[256];
	size_t fid_len, keep;

	if (hs_plan_load(v, dir) != 1 ||
	    hs_dir_read(dir.t->fs, &v->plan.loaded.inode, &visitor, &same) || same.n != 2 ||
	    (same.v[0].ino == same.v[1].ino && same.v[0].has_fid == same.v[1].has_fid)) {
		hs_case_no_repair(c, "the two entries cannot be told apart");
		return;
	}
	e = same.v[is_linked(v, &same.v[0], m) || !is_linked(v, &same.v[1], m) ? 1 : 0];
	if (!e.has_fid || !hs_plan_find(v, e.fid, &at)) {
		hs_case_no_repair(c, "the object of one entry cannot be found");
		return;
	}
	fid_len = strlen(hs_fid_text(e.fid, fid));
	keep = m->name_len + 1 + fid_len > 255 ? 255 - 1 - fid_len : m->name_len;
	memcpy(name, m->name, keep);
	name[keep] = '.';
	memcpy(name + keep + 1, fid, fid_len);
	if (hs_plan_entry(v, dir, name, keep + 1 + fid_len, &now) != 0) {
		hs_case_no_repair(c, "the new name would be taken");
		return;
	}
	hs_expect_inode(v, c, dir);
	for (size_t i = 0; i < 2; i++) {
		s = hs_plan_fact(v, c, HS_STEP_IS_ENTRY, dir, m->name, m->name_len);
		if (s)
			s->entry = same.v[i];
	}
	s = hs_plan_edit(v, c, HS_STEP_DROP_ENTRY, dir, m->name, m->name_len);
	if (s)
		s->entry = e;
	hs_mend_entry(v, c, dir, name, keep + 1 + fid_len, &e);
	hs_links_load(v, at, &l);
	if (hs_links_drop(&l, m->fid, m->name, m->name_len)) {
		hs_links_add(v, &l, m->fid, name, keep + 1 + fid_len);
		hs_mend_links(v, c, at, e.fid, e.type, &l);
	}
	hs_links_free(&l);
}

/* The shard is what the entry says; its name follows. */
static void plan_shard_name(struct hs_verdict *v, struct hs_case *c, const struct hs_mark *m)
{
	struct hs_striped d;

	if (hs_striped_read(v, m->fid, &d)) {
		v->err = -ENOMEM;
	} else {
		size_t i = 0;

		while (i < d.n_slots && (d.slots[i].name_index != m->a ||
					 hs_fid_eq(d.slots[i].fid, d.slots[i].name_fid)))
			i++;
		if (i < d.n_slots && d.slots[i].found == HS_LOOKUP_FOUND)
			hs_mend_shard_name(v, c, &d, &d.slots[i], d.slots[i].name_index);
		else
			hs_case_no_repair(c, "the shard cannot be found");
	}
	hs_striped_free(&d);
}

static void plan_dot(struct hs_verdict *v, struct hs_case *c, struct hs_at dir)
{
	struct hs_leads to = {dir.ino, 0, HS_TYPE_DIR, false, {0, 0, 0}}, now;

	if (hs_plan_entry(v, dir, ".", 1, &now) == 1 && now.has_fid) {
		to.has_fid = true;
		to.fid = now.fid;
	}
	hs_mend_dots(v, c, dir, ".", &to);
}

/* A directory that nothing else explains: out of where it is, into lost+found. */
static void plan_unreachable(struct hs_verdict *v, struct hs_case *c, struct hs_at dir)
{
	struct hs_links l = {0};
	struct hs_leads now;
	struct hs_at up;

	hs_links_load(v, dir, &l);
	hs_mend_lost(v, c, dir, c->fid, 'D', hs_plan_infix(v, c, dir));
	if (l.n == 1 && hs_plan_find(v, l.v[0].parent, &up) &&
	    hs_plan_entry(v, up, l.v[0].name, l.v[0].len, &now) == 1 && now.has_fid &&
	    hs_fid_eq(now.fid, c->fid))
		hs_mend_unname(v, c, up, l.v[0].name, l.v[0].len);
	hs_links_free(&l);
}

static void plan_rpd_name(struct hs_verdict *v, struct hs_case *c, const struct hs_mark *m,
			  struct hs_at dir)
{
	struct hs_leads now;

	if (hs_plan_entry(v, dir, m->name, m->name_len, &now) != 1)
		return;
	hs_mend_entry(v, c, dir, m->name, m->name_len, NULL);
	hs_mend_subdirs(v, c, dir, -(now.type == HS_TYPE_DIR));
}

void hs_plan_mark(struct hs_verdict *v, struct hs_case *c, const struct hs_mark *m)
{
	struct hs_target *t = v->sys->targets[m->prov.target];
	struct hs_at at = hs_at(t, m->prov.ino);

	switch ((enum hs_mark_code)m->code) {
	case HS_M_LMA_NONE:
		if (hs_seq_is_igif(m->fid.seq))
			hs_mend_fid(v, c, at, m->fid);
		else
			hs_case_no_repair(c, "nothing tells the FID");
		break;
	case HS_M_OI_WRONG_FILE:
		plan_astray(v, c, m, t);
		break;
	case HS_M_OI_LOST:
	case HS_M_OI_COUNT:
	case HS_M_OI_UUID:
		plan_scrub(v, c, t);
		break;
	case HS_M_INDEX_ROOT:
		hs_case_no_repair(c, "the server restores the file from index_backup, or makes it "
				     "anew, when it mounts the target");
		break;
	case HS_M_LINK_LENGTH:
	case HS_M_LINK_ENTRY:
	case HS_M_LINK_REPEATED:
		plan_links(v, c, at);
		break;
	case HS_M_DIR_INDEX:
	case HS_M_ENTRY_LEAF:
		hs_mend_rebuild(v, c, at);
		break;
	case HS_M_DOT_BAD:
		plan_dot(v, c, at);
		break;
	case HS_M_DOTDOT_ROOT:
		hs_mend_dots(v, c, at, "..", &(struct hs_leads){2, 0, HS_TYPE_DIR, false, {0}});
		break;
	case HS_M_ENTRY_NO_FID:
		plan_entry_fid(v, c, m, at);
		break;
	case HS_M_ENTRY_INSANE:
		hs_mend_unname(v, c, at, m->name, m->name_len);
		break;
	case HS_M_ENTRY_DUP:
		plan_rename(v, c, m, at);
		break;
	case HS_M_SHARD_NAME:
		hs_mend_to_shard(v, c, m->fid, at, m->fid, m->name, m->name_len);
		break;
	case HS_M_SHARD_FID:
		plan_shard_name(v, c, m);
		break;
	case HS_M_AGENT_NLINK:
		hs_mend_nlink(v, c, at, (int64_t)m->b - (int64_t)m->a);
		break;
	case HS_M_RPD_NAME:
		plan_rpd_name(v, c, m, at);
		break;
	case HS_M_OBJ_NLINK:
		hs_mend_nlink(v, c, at, (int64_t)m->b - (int64_t)m->a);
		break;
	case HS_M_ONAME_BAD:
	case HS_M_ONAME_DIR:
		plan_oname(v, c, m, t);
		break;
	case HS_M_ODIR_LOST:
		hs_case_no_repair(c, "the target makes the directory when it mounts; check again "
				     "then");
		break;
	case HS_M_LASTID_NONE:
	case HS_M_LASTID_EMPTY:
	case HS_M_LASTID_SHORT:
	case HS_M_LASTID_LOW:
	case HS_M_LOCAL_LASTID:
		plan_last_id(v, c, m, t);
		break;
	case HS_M_LOST_FOUND:
		hs_case_no_repair(c, "nothing tells what it is; look at it with debugfs");
		break;
	case HS_M_UNREACHABLE:
		plan_unreachable(v, c, at);
		break;
	default:
		/* what says so in its rule, and marks that only go with others */
		if (!hs_rule_is_repaired(c->rule))
			break;
		hs_case_no_repair(c, "no other record tells what is right");
		break;
	}
}
