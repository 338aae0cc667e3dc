/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names of the name space. An entry leads to an inode of its own MDT: for an object of another MDT
 * that is an agent, one for each name (format notes, section 17).
 */
#include "lfsck/plan_parts.h"
#include "lfsck/plan_priv.h"

bool hs_plan_is_agent(struct hs_verdict *v, struct hs_at at, struct hs_fid *fid)
{
	struct hs_strbuf value = HS_STRBUF_INIT;
	struct hs_lma lma;
	bool is = hs_plan_xattr(v, at, "trusted.lma", &value) == 1 &&
		  hs_lma_decode((const uint8_t *)hs_strbuf_str(&value), value.len, &lma) &&
		  lma.incompat & HS_LMAI_AGENT;

	if (is)
		*fid = lma.fid;
	hs_strbuf_free(&value);
	return is;
}

uint8_t hs_plan_type(struct hs_verdict *v, struct hs_at at)
{
	const struct hs_inode *inode;
	struct hs_state s;
	uint16_t mode;

	if (at.made) {
		struct hs_state_key key = {HS_FIELD_MODE, at.t->id, 0, at.made, NULL, 0};
		struct hs_inode as = {0};

		if (!hs_states_get(&v->plan.states, &key, &s))
			return 0;
		memcpy(&mode, s.value, sizeof(mode));
		as.mode = mode;
		return hs_inode_dirent_type(&as);
	}
	inode = hs_plan_inode(v, at);
	return inode ? hs_inode_dirent_type(inode) : 0;
}

/* i_mode of an agent: the type alone. */
static uint16_t mode_of(uint8_t type)
{
	static const uint16_t modes[] = {0,	  0100000, 0040000, 0020000,
					 0060000, 0010000, 0140000, 0120000};

	return type < sizeof(modes) / sizeof(modes[0]) ? modes[type] : 0;
}

static struct hs_at make_agent(struct hs_verdict *v, struct hs_case *c, struct hs_at dir,
			       struct hs_fid child, uint8_t type)
{
	const struct hs_lma lma = {.incompat = HS_LMAI_AGENT, .fid = child};
	struct hs_leads up = {dir.ino, dir.made, HS_TYPE_DIR, false, {0, 0, 0}};
	uint8_t buf[HS_LMA_LONG_SIZE];
	char text[HS_FID_TEXT];
	struct hs_at agent = hs_mend_make(v, c, dir.t, mode_of(type), (struct hs_owner){0, 0, 0},
					  type == HS_TYPE_LNK ? hs_fid_text(child, text) : NULL);

	hs_mend_xattr(v, c, agent, "trusted.lma", buf, hs_lma_encode(&lma, buf));
	if (type == HS_TYPE_DIR)
		hs_mend_dots(v, c, agent, "..", &up);
	return agent;
}

bool hs_mend_lead(struct hs_verdict *v, struct hs_case *c, struct hs_at dir, struct hs_fid child,
		  struct hs_at at, uint8_t type, struct hs_leads *out)
{
	if (!mode_of(type)) {
		hs_case_no_repair(c, "the type of the object cannot be told");
		return false;
	}
	if (at.t != dir.t)
		at = make_agent(v, c, dir, child, type);
	*out = (struct hs_leads){at.ino, at.made, type, true, child};
	return true;
}

void hs_mend_name(struct hs_verdict *v, struct hs_case *c, struct hs_at dir, const void *name,
		  size_t len, struct hs_fid child, struct hs_at at, uint8_t type)
{
	struct hs_leads to, now;
	int rc = hs_plan_entry(v, dir, name, len, &now);

	if (rc) {
		hs_case_no_repair(c, rc > 0 ? "the name is taken"
					    : "the directory cannot be read in full");
		return;
	}
	if (!hs_mend_lead(v, c, dir, child, at, type, &to))
		return;
	hs_expect_inode(v, c, at);
	hs_mend_entry(v, c, dir, name, len, &to);
	hs_mend_subdirs(v, c, dir, type == HS_TYPE_DIR);
}

void hs_mend_unname(struct hs_verdict *v, struct hs_case *c, struct hs_at dir, const void *name,
		    size_t len)
{
	struct hs_leads now;
	struct hs_fid fid;
	int rc = hs_plan_entry(v, dir, name, len, &now);

	if (rc < 0)
		hs_case_no_repair(c, "the directory cannot be read in full");
	if (rc != 1)
		return;
	hs_mend_entry(v, c, dir, name, len, NULL);
	hs_mend_subdirs(v, c, dir, -(now.type == HS_TYPE_DIR));
	if (now.ino && hs_plan_is_agent(v, hs_at(dir.t, now.ino), &fid) && now.has_fid &&
	    hs_fid_eq(fid, now.fid))
		hs_mend_free(v, c, hs_at(dir.t, now.ino));
}

struct search {
	uint32_t ino;
	const struct hs_fid *fid;
	struct hs_plan_name *out;
	unsigned n;
};

static int visit(void *arg, void *dir, const struct hs_dirent *e)
{
	struct search *s = arg;

	(void)dir;
	if (e->ino != s->ino ||
	    (s->fid && (!e->has_fid || !hs_fid_eq(hs_fid_get_be(e->fid), *s->fid))) ||
	    (e->name[0] == '.' && (e->name_len == 1 || (e->name_len == 2 && e->name[1] == '.'))))
		return 0;
	s->n++;
	s->out->len = e->name_len;
	memcpy(s->out->bytes, e->name, e->name_len);
	return 0;
}

bool hs_plan_name_of(struct hs_verdict *v, struct hs_at dir, uint32_t ino, const struct hs_fid *fid,
		     struct hs_plan_name *out)
{
	const struct hs_dir_visitor visitor = {.entry = visit};
	struct search s = {ino, fid, out, 0};
	int rc;

	if (dir.made || hs_plan_load(v, dir) != 1 || !hs_inode_is_dir(&v->plan.loaded.inode))
		return false;
	rc = hs_dir_read(dir.t->fs, &v->plan.loaded.inode, &visitor, &s);
	if (rc == -ENOMEM)
		v->err = rc;
	return !rc && s.n == 1;
}

void hs_mend_unlost(struct hs_verdict *v, struct hs_case *c, struct hs_at at)
{
	struct hs_at dir = hs_at(at.t, at.t->lost_found_ino);
	struct hs_plan_name name;

	if (!hs_plan_name_of(v, dir, at.ino, NULL, &name)) {
		hs_case_no_repair(c, "its name in lost+found cannot be told");
		return;
	}
	hs_mend_entry(v, c, dir, name.bytes, name.len, NULL);
	hs_mend_subdirs(v, c, dir, -(hs_plan_type(v, at) == HS_TYPE_DIR));
}
