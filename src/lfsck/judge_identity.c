/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Is this inode what its LMA says? Entries, the index, names below O/, children, layouts and
 * parent records each say what an inode is; where they agree against the LMA, or there is none,
 * the LMA is wrong (rules NS-3, OI-5, OI-6, OI-60, OI-61; catalogue 13.1 #1, #7, #8).
 *
 * The correction is tested by scanning the inode again with the FID that the others name: for a
 * directory that includes all its entries.
 */
#include "lfsck/plan_parts.h"

#define OLD_PARENT_SIZE 32 /* trusted.fid of the releases that wrote no LMA (rule notes, OI-6) */

/* What the witnesses of one inode say about its being `fid`. */
struct votes {
	unsigned index;	   /* OI record, or name below O/ */
	unsigned entries;  /* entries that name it with this inode */
	unsigned layout;   /* lmm_oi; of an OST object: the stripe of a file */
	unsigned children; /* linkEA parents of children, parent records of its objects */
};

static unsigned total(const struct votes *n)
{
	return n->index + n->entries + n->layout + n->children;
}

/* Copies of a claim about (target, ino) on the plus side of a FID. */
static unsigned pointing(const struct hs_dossier *d, enum hs_fact_tag tag,
			 const struct hs_target *t, uint32_t ino)
{
	const struct hs_claim *c;
	unsigned n = 0;

	hs_for_each_claim(c, d, tag, 1)
	{
		struct hs_fact_fields f;

		if (hs_fact_decode(c->bytes, c->len, &f) && hs_tgt_eq(f.target, t->id) &&
		    f.ino == ino)
			n += (unsigned)c->net;
	}
	return n;
}

static unsigned lmm_oi_votes(const struct hs_loaded *l, struct hs_fid fid)
{
	const struct hs_xattr *x = hs_xattr_trusted(&l->xattrs, "lov");
	struct hs_lov lov;
	unsigned n = 0;

	if (!x || !x->value || hs_lov_decode(x->value, x->value_len, &lov))
		return 0;
	for (uint32_t i = 0; i < lov.n_comps && !n; i++)
		n = lov.comps[i].oi_id == fid.oid && lov.comps[i].oi_seq == fid.seq;
	hs_lov_release(&lov);
	return n;
}

/* Those that mention `fid` and are left over: its children's links, its objects' records. */
static unsigned mentions(const struct hs_verdict *v, struct hs_fid fid)
{
	size_t first, end;
	unsigned n = 0;

	hs_verdict_refs(v, fid, &first, &end);
	for (; first < end && n < 1000; first++)
		n += v->refs[first].claim->net < 0;
	return n;
}

static void count_votes(const struct hs_verdict *v, const struct hs_dossier *d,
			const struct hs_loaded *l, struct votes *n)
{
	const struct hs_target *t = l->t;
	uint32_t ino = l->inode.ino;
	bool ost = t->id.kind == HS_OST;

	*n = (struct votes){0};
	n->index = pointing(d, ost ? HS_FACT_ONAME : HS_FACT_OI, t, ino);
	n->entries = pointing(d, HS_FACT_INO, t, ino);
	if (ost) {
		const struct hs_claim *c;

		hs_for_each_claim(c, d, HS_FACT_LAY, 1) n->layout += (unsigned)c->net;
	} else {
		n->layout = lmm_oi_votes(l, d->fid);
		n->children = mentions(v, d->fid);
	}
}

/* Whether another inode carries this FID by right. */
static bool carried_elsewhere(struct hs_verdict *v, struct hs_fid fid, const struct hs_target *t,
			      uint32_t ino)
{
	struct hs_place place;

	return hs_verdict_object(v, fid, &place) == HS_LOOKUP_FOUND &&
	       (place.t != t || place.ino != ino);
}

static void say_votes(struct hs_case *c, const struct hs_target *t, const struct votes *n)
{
	bool ost = t->id.kind == HS_OST;

	if (n->index)
		hs_case_fact(c, ost ? "name below O/" : "OI record", "this inode is %s",
			     c->f.object);
	if (n->entries)
		hs_case_fact(c, n->entries == 1 ? "entry" : "entries", "%u name%s it %s",
			     n->entries, n->entries == 1 ? "s" : "", c->f.object);
	if (n->layout)
		hs_case_fact(c, ost ? "layout of its file" : "lmm_oi of its LOV EA", "%s",
			     c->f.object);
	if (n->children)
		hs_case_fact(c, "children and OST objects", "%u mention %s", n->children,
			     c->f.object);
}

/* The FID in an LMA that can be read. */
static bool says_fid(const struct hs_loaded *l, struct hs_fid *fid)
{
	const struct hs_xattr *x = hs_xattr_trusted(&l->xattrs, "lma");
	struct hs_lma lma;

	return x && x->value && hs_lma_decode(x->value, x->value_len, &lma) &&
	       hs_loaded_fid(l, fid);
}

/* The rule about an inode without an LMA that can be read. */
static const char *missing_rule(const struct hs_loaded *l)
{
	const struct hs_xattr *parent = hs_xattr_trusted(&l->xattrs, "fid");

	if (l->xattrs.flaws)
		return "META-3";
	if (l->t->id.kind != HS_OST)
		return "NS-3";
	return parent && parent->value_len == OLD_PARENT_SIZE ? "OI-6" : "OI-5";
}

static bool has_links(const struct hs_loaded *l)
{
	const struct hs_xattr *x = hs_xattr_trusted(&l->xattrs, "link");

	return x && x->value;
}

/* What an inode says of itself. */
struct self {
	bool has_lma;
	bool spoiled; /* attributes could not be read, the LMA among them */
	bool linked;
	struct hs_fid carried;
	const char *rule;
};

static void say_self(struct hs_case *c, const struct hs_target *t, uint32_t ino,
		     const struct self *self)
{
	char buf[HS_FID_TEXT], label[16];

	hs_tgt_text(t->id, label);
	hs_fid_text(self->carried, buf);
	if (self->has_lma)
		hs_case_message(c, "LMA of %s inode %u says %s, all others say %s", label, ino, buf,
				c->f.object);
	else if (self->spoiled)
		hs_case_message(c, "attributes of %s inode %u are damaged; it is %s", label, ino,
				c->f.object);
	else
		hs_case_message(c, "%s inode %u lost its LMA; it is %s", label, ino, c->f.object);
	hs_case_fact(c, hs_finding_text(&c->f, "LMA of %s inode %u", label, ino), "%s",
		     self->has_lma   ? buf
		     : self->spoiled ? "cannot be read"
				     : "missing");
	hs_case_repair(c, "Writes the LMA with FID %s.", c->f.object);
}

/* What attributes that cannot be read said beside the FID is not known: not which names it has. */
static void settle_unread(struct hs_verdict *v, struct hs_case *c, const struct hs_dossier *d,
			  const struct hs_target *t, uint32_t ino, bool linked)
{
	const struct hs_claim *name;

	if (!linked) {
		hs_for_each_claim(name, d, HS_FACT_NAME, 1) hs_delta_settle(&c->delta, name);
	}
	for (size_t i = 0; i < v->marks->n; i++) {
		const struct hs_mark *m = &v->marks->v[i];

		if (m->code == HS_M_XATTR_DAMAGED && !v->mark_used[i] && m->prov.target == t->pos &&
		    m->prov.ino == ino)
			hs_verdict_use(v, c, m);
	}
	hs_case_undecided(c, "what its other attributes said is not known");
}

/* What calls the inode so must still do it. */
static void plan_fid(struct hs_verdict *v, struct hs_case *c, struct hs_target *t, uint32_t ino,
		     struct hs_fid fid)
{
	struct hs_at dir;
	char name[24];

	hs_mend_fid(v, c, hs_at(t, ino), fid);
	if (hs_target_is_mdt(t))
		hs_expect_oi(v, c, t, fid);
	else if (hs_plan_oname(v, t, fid, &dir, name))
		hs_expect_entry(v, c, dir, name, strlen(name));
}

/*
 * One inode that others call d->fid. Returns true when the ledger was changed.
 */
static bool judge_inode(struct hs_verdict *v, struct hs_dossier *d, struct hs_target *t,
			uint32_t ino)
{
	const struct hs_override change = {.set_fid = true, .fid = d->fid};
	struct hs_loaded l = {0};
	struct votes n, other = {0};
	struct self self = {0};
	bool elsewhere = false;
	struct hs_case c;

	/* internal files keep their fixed FIDs by name, which mounting repairs */
	if (hs_verdict_inode_fid(v, t, ino, &self.carried) > 0 && hs_fid_eq(self.carried, d->fid))
		return false;
	if (hs_load(&l, t, ino, false) != 1) {
		hs_loaded_free(&l);
		return false;
	}
	self.has_lma = says_fid(&l, &self.carried);
	self.spoiled = !self.has_lma && l.xattrs.flaws;
	self.linked = has_links(&l);
	count_votes(v, d, &l, &n);
	if (self.has_lma) {
		const struct hs_dossier *o = hs_ledger_dossier(&v->ledger, self.carried);

		elsewhere = carried_elsewhere(v, self.carried, t, ino);
		if (o)
			count_votes(v, o, &l, &other);
		other.index += !elsewhere && t->id.kind == HS_MDT &&
			       hs_lookup_oi(t, self.carried, &(uint32_t){0}, &(uint32_t){0}) == 1;
	}
	self.rule = elsewhere ? "OI-60" : self.has_lma ? "OI-61" : missing_rule(&l);
	hs_loaded_free(&l);
	if (self.has_lma && (total(&n) < 2 || total(&other) > 0))
		return false;
	hs_case_open(&c, self.rule, d->fid, t);
	if (hs_probe_inode(&v->probe, t, ino, NULL, -1, &c.delta) < 0 ||
	    hs_probe_inode(&v->probe, t, ino, &change, 1, &c.delta) < 0 ||
	    hs_case_gain(v, &c) <= 0) {
		hs_case_drop(&c);
		return false;
	}
	say_self(&c, t, ino, &self);
	say_votes(&c, t, &n);
	hs_verdict_use_inode(v, &c, t, ino);
	plan_fid(v, &c, t, ino, d->fid);
	if (self.spoiled)
		settle_unread(v, &c, d, t, ino, self.linked);
	hs_case_close(v, &c, -1);
	return true;
}

/* The first place that calls an inode d->fid which carries another FID or none. */
static bool judge_dossier(struct hs_verdict *v, struct hs_dossier *d)
{
	static const enum hs_fact_tag tags[] = {HS_FACT_OI, HS_FACT_ONAME, HS_FACT_INO};

	for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
		struct hs_claim *c;

		hs_for_each_claim(c, d, tags[i], 1)
		{
			struct hs_fact_fields f;
			struct hs_target *t;

			if (!hs_fact_decode(c->bytes, c->len, &f))
				continue;
			t = hs_system_target(v->sys, f.target);
			if (t && judge_inode(v, d, t, f.ino))
				return true;
			if (v->err)
				return false;
		}
	}
	return false;
}

void hs_judge_identity(struct hs_verdict *v)
{
	size_t n = v->ledger.n_dossiers; /* a correction may add dossiers behind */

	for (size_t i = 0; !v->err && i < n; i++) {
		if (!v->ledger.order[i]->done)
			judge_dossier(v, v->ledger.order[i]);
	}
}
