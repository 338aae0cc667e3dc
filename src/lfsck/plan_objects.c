/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * OST objects: name below O/, parent record, LAST_ID, and objects that a stripe lacks (format
 * notes, section 8 and 9.6).
 */
#include "lfsck/plan_parts.h"
#include "lustre/objname.h"

#define MODE_PRECREATED 0107666 /* owner, group and project not set yet */
#define MANY		1000	/* ids tried for one object */

static uint64_t sequence_of(struct hs_fid fid)
{
	return hs_seq_is_idif(fid.seq) ? 0 : fid.seq;
}

bool hs_plan_oname(struct hs_verdict *v, struct hs_target *t, struct hs_fid fid, struct hs_at *dir,
		   char name[24])
{
	uint32_t n = (uint32_t)(hs_fid_objid(fid) & (t->subdirs - 1));
	char path[96];

	(void)v;
	hs_objname_path(fid, t->subdirs, path, sizeof(path));
	strncpy(name, strrchr(path, '/') + 1, 23);
	name[23] = '\0';
	for (size_t i = 0; i < t->n_odirs; i++) {
		if (t->odirs[i].seq == sequence_of(fid) && t->odirs[i].n == n) {
			*dir = hs_at(t, t->odirs[i].ino);
			return true;
		}
	}
	return false;
}

void hs_mend_oname(struct hs_verdict *v, struct hs_case *c, struct hs_fid fid, struct hs_at at)
{
	const struct hs_leads to = {at.ino, at.made, HS_TYPE_REG, false, {0, 0, 0}};
	struct hs_at dir;
	char name[24];

	if (!hs_plan_oname(v, at.t, fid, &dir, name)) {
		hs_case_no_repair(c, "its directory below O/ is missing: the target makes it when "
				     "it mounts, then check again");
		return;
	}
	hs_expect_inode(v, c, at);
	hs_mend_entry(v, c, dir, name, strlen(name), &to);
}

/* The long LMA of targets with small inodes holds the record itself (format notes 9.1). */
static bool edit_long_lma(struct hs_verdict *v, struct hs_case *c, struct hs_at object,
			  const struct hs_parent *p)
{
	struct hs_strbuf value = HS_STRBUF_INIT;
	uint8_t buf[HS_LMA_LONG_SIZE];
	struct hs_lma lma;
	bool is_long = hs_plan_xattr(v, object, "trusted.lma", &value) == 1 &&
		       hs_lma_decode((const uint8_t *)hs_strbuf_str(&value), value.len, &lma) &&
		       lma.has_stripe && p->stripe_index <= 0xffff && p->stripe_count <= 0xffff;

	hs_strbuf_free(&value);
	if (!is_long)
		return false;
	lma.parent = p->file;
	lma.stripe_index = p->stripe_index;
	lma.stripe_count = p->stripe_count;
	lma.stripe_size = p->stripe_size;
	lma.has_comp = lma.has_comp || p->comp_id;
	lma.compat |= lma.has_comp ? HS_LMAC_COMP_INFO : 0;
	lma.comp_id = p->comp_id;
	lma.comp_start = p->comp_start;
	lma.comp_end = p->comp_end;
	hs_mend_xattr(v, c, object, "trusted.lma", buf, hs_lma_encode(&lma, buf));
	return true;
}

void hs_mend_parent_record(struct hs_verdict *v, struct hs_case *c, struct hs_at object,
			   struct hs_fid file, const struct hs_lov_comp *comp, uint32_t index)
{
	struct hs_strbuf value = HS_STRBUF_INIT;
	struct hs_parent now = {0}, p = {
					    .file = {file.seq, file.oid, 0},
					    .stripe_index = index,
					    .has_layout = true,
					    .stripe_size = comp->stripe_size,
					    .stripe_count = comp->stripe_count,
					    .comp_start = comp->id ? comp->start : 0,
					    .comp_end = comp->id ? comp->end : 0,
					    .comp_id = comp->id,
					    .has_version = true,
				    };
	uint8_t buf[HS_PARENT_SIZE];
	int rc = hs_plan_xattr(v, object, "trusted.fid", &value);

	/* as long as it is: an older server does not know a longer one */
	if (rc == 1 && hs_parent_decode((const uint8_t *)hs_strbuf_str(&value), value.len, &now) &&
	    !now.odd_size) {
		p.has_layout = now.has_layout;
		p.has_version = now.has_version;
		p.layout_version = now.layout_version;
		p.range = now.range;
	}
	if (rc < 0)
		hs_case_no_repair(c, "the attributes of the object cannot be read");
	else if (rc || !edit_long_lma(v, c, object, &p))
		hs_mend_xattr(v, c, object, "trusted.fid", buf, hs_parent_encode(&p, buf));
	hs_strbuf_free(&value);
}

struct hs_at hs_mend_ost_object(struct hs_verdict *v, struct hs_case *c, struct hs_target *t,
				struct hs_fid fid, uint16_t mode, struct hs_owner owner)
{
	const struct hs_lma lma = {.compat = HS_LMAC_FID_ON_OST, .fid = fid};
	struct hs_at at = hs_mend_make(v, c, t, mode, owner, NULL);
	uint8_t buf[HS_LMA_LONG_SIZE];

	hs_mend_xattr(v, c, at, "trusted.lma", buf, hs_lma_encode(&lma, buf));
	hs_mend_oname(v, c, fid, at);
	hs_mend_last_id(v, c, t, sequence_of(fid), hs_fid_objid(fid));
	return at;
}

/* An object that nobody has ever used. */
static bool is_unused(struct hs_verdict *v, struct hs_at at)
{
	const struct hs_inode *inode = hs_plan_inode(v, at);

	return inode && hs_inode_is_reg(inode) && !inode->ctime && !inode->size && !inode->blocks &&
	       !hs_xattr_trusted(&v->plan.loaded.xattrs, "fid");
}

bool hs_mend_take_object(struct hs_verdict *v, struct hs_case *c, struct hs_target *ost,
			 struct hs_target *mdt, struct hs_fid *out)
{
	struct hs_at table = hs_plan_root_name(v, mdt, "lov_objid"), object;
	uint32_t i = ost->id.index;
	uint64_t seq = i < mdt->n_lov_objseq ? mdt->lov_objseq[i] : 0, last, id;
	uint8_t le[8];

	if (!table.ino || i >= mdt->n_lov_objid || (!seq && mdt->id.index)) {
		hs_case_no_repair(c, "the MDT does not say which objects of the OST it has used");
		return false;
	}
	last = hs_plan_bytes(v, table, 8ull * i, le, sizeof(le)) ? hs_get_le64(le)
								 : mdt->lov_objid[i];
	for (id = last + 1; id < last + MANY; id++) {
		*out = hs_objname_fid(seq, id, true, i);
		if (!hs_plan_find(v, *out, &object)) {
			hs_mend_ost_object(v, c, ost, *out, MODE_PRECREATED,
					   (struct hs_owner){0, 0, 0});
			break;
		}
		if (is_unused(v, object)) {
			hs_expect_inode(v, c, object);
			hs_expect_untouched(v, c, object);
			break;
		}
	}
	hs_put_le64(le, id);
	hs_mend_bytes(v, c, table, 8ull * i, le, sizeof(le));
	return !c->items.why_none;
}

/* A LAST_ID file for a sequence that lost it. */
static struct hs_at make_last_id(struct hs_verdict *v, struct hs_case *c, struct hs_target *t,
				 const struct hs_oseq *s)
{
	struct hs_lma lma = {.fid = {s->seq, 0, 0}};
	uint8_t buf[HS_LMA_LONG_SIZE];
	struct hs_leads to = {0};
	struct hs_at at;

	if (t->id.kind == HS_OST) {
		lma.compat = HS_LMAC_FID_ON_OST;
		if (!s->seq)
			lma.fid = hs_fid_from_idif(0, t->id.index);
	}
	at = hs_mend_make(v, c, t, 0100644, (struct hs_owner){0, 0, 0}, NULL);
	hs_mend_xattr(v, c, at, "trusted.lma", buf, hs_lma_encode(&lma, buf));
	to.made = at.made;
	to.type = HS_TYPE_REG;
	hs_mend_entry(v, c, hs_at(t, s->ino), "LAST_ID", 7, &to);
	return at;
}

void hs_mend_last_id(struct hs_verdict *v, struct hs_case *c, struct hs_target *t, uint64_t seq,
		     uint64_t id)
{
	const struct hs_oseq *s = hs_target_oseq(t, seq);
	struct hs_leads leads;
	uint64_t now = 0;
	struct hs_at at;
	uint8_t le[8];

	if (!s) {
		hs_case_no_repair(c, "the directory of the sequence below O/ is missing");
		return;
	}
	if (hs_plan_entry(v, hs_at(t, s->ino), "LAST_ID", 7, &leads) == 1) {
		at = (struct hs_at){t, leads.ino, leads.made};
		if (hs_plan_bytes(v, at, 0, le, sizeof(le)))
			now = hs_get_le64(le);
	} else {
		at = make_last_id(v, c, t, s);
	}
	if (now >= id)
		return;
	hs_put_le64(le, id);
	hs_mend_bytes(v, c, at, 0, le, sizeof(le));
}
