/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lfsck/striped.h"

#include <stdlib.h>

#include "base/array.h"
#include "lustre/linkea.h"

static void get_lmv(const struct hs_loaded *l, struct hs_lmv *out)
{
	const struct hs_xattr *x = hs_xattr_trusted(&l->xattrs, "lmv");

	*out = (struct hs_lmv){.kind = HS_LMV_NONE};
	if (x && x->value)
		hs_lmv_decode(x->value, x->value_len, out);
}

static int visit(void *arg, void *dir, const struct hs_dirent *e)
{
	struct hs_striped *s = arg;
	struct hs_slot slot = {0};

	(void)dir;
	if (!e->ino ||
	    (e->name[0] == '.' && (e->name_len == 1 || (e->name_len == 2 && e->name[1] == '.'))))
		return 0;
	if (!e->has_fid ||
	    !hs_lmv_parse_shard_name(e->name, e->name_len, &slot.name_fid, &slot.name_index)) {
		s->plain++;
		return 0;
	}
	slot.fid = hs_fid_get_be(e->fid);
	if (hs_array_grow(&s->slots, &s->room, s->n_slots + 1))
		return -ENOMEM;
	s->slots[s->n_slots++] = slot;
	return 0;
}

static int visit_end(void *arg, void *dir, const struct hs_dir_end *end)
{
	struct hs_striped *s = arg;

	(void)dir;
	s->partial = end->flaws & ~(unsigned)(HS_DIRF_INDEX | HS_DIRF_UNSEARCHED);
	return 0;
}

static int cmp_slot(const void *a, const void *b)
{
	const struct hs_slot *x = a, *y = b;

	if (x->name_index != y->name_index)
		return x->name_index < y->name_index ? -1 : 1;
	return hs_fid_cmp(x->fid, y->fid);
}

static void read_shard(struct hs_verdict *v, const struct hs_striped *s, struct hs_slot *slot)
{
	const struct hs_xattr *x;
	struct hs_linkea_entry e;
	struct hs_linkea link;
	struct hs_fid fid;
	uint32_t n = 0;
	size_t pos = 0;

	slot->found = hs_verdict_object(v, slot->fid, &slot->place);
	if (slot->found != HS_LOOKUP_FOUND)
		return;
	get_lmv(&v->loaded, &slot->lmv);
	x = hs_xattr_trusted(&v->loaded.xattrs, "link");
	if (!x || !x->value || !hs_linkea_open(x->value, x->value_len, &link))
		return;
	while (hs_linkea_next(&link, &pos, &e)) {
		slot->linked =
			!n++ && e.valid && hs_fid_eq(e.parent, s->fid) &&
			hs_lmv_parse_shard_name(e.name, e.name_len, &fid, &slot->link_index) &&
			hs_fid_eq(fid, slot->fid);
	}
}

errint_t hs_striped_read(struct hs_verdict *v, struct hs_fid master, struct hs_striped *out)
{
	const struct hs_dir_visitor visitor = {.entry = visit, .end = visit_end};
	int rc;

	memset(out, 0, sizeof(*out));
	out->fid = master;
	out->found = hs_verdict_object(v, master, &out->place);
	if (out->found != HS_LOOKUP_FOUND)
		return 0;
	get_lmv(&v->loaded, &out->lmv);
	rc = hs_dir_read(out->place.t->fs, &v->loaded.inode, &visitor, out);
	if (rc == -ENOMEM)
		return rc;
	if (rc)
		out->partial = true;
	if (out->n_slots)
		qsort(out->slots, out->n_slots, sizeof(*out->slots), cmp_slot);
	for (size_t i = 0; i < out->n_slots; i++)
		read_shard(v, out, &out->slots[i]);
	return v->err;
}

void hs_striped_free(struct hs_striped *s)
{
	free(s->slots);
	memset(s, 0, sizeof(*s));
}

bool hs_striped_slot_is_free(const struct hs_striped *d, uint32_t index)
{
	for (size_t i = 0; i < d->n_slots; i++) {
		if (d->slots[i].name_index == index)
			return false;
	}
	return true;
}

const char *hs_slot_text(struct hs_case *c, const struct hs_slot *s)
{
	char fid[HS_FID_TEXT];

	return hs_finding_text(&c->f, "LMV of shard %s", hs_fid_text(s->fid, fid));
}

const char *hs_striped_text(struct hs_case *c, const struct hs_striped *d)
{
	char fid[HS_FID_TEXT];

	return hs_finding_text(&c->f, "master %s", hs_fid_text(d->fid, fid));
}

void hs_striped_close(struct hs_verdict *v, struct hs_case *c)
{
	const char *why = hs_in_recovery(v, c->fid);

	if (why && !c->undecided)
		hs_case_undecided(c, "%s", why);
	hs_case_close(v, c, -1);
}
