/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/lustre_stat.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "lustre/dmv.h"
#include "lustre/lmv.h"
#include "lustre/lov.h"

static const struct hs_bit_name lov_flaws[] = {
	{HS_LOVF_MAGIC, "magic"},
	{HS_LOVF_UNSUPPORTED, "unsupported"},
	{HS_LOVF_SIZE, "size"},
	{HS_LOVF_TRAILING, "trailing-bytes"},
	{HS_LOVF_OI, "object-id"},
	{HS_LOVF_COUNT, "count"},
	{HS_LOVF_COMP_ID, "component-id"},
	{HS_LOVF_EXTENT, "extent"},
	{HS_LOVF_COMP_RULE, "component-rule"},
	{HS_LOVF_DUMMY, "dummy-stripe"},
	{HS_LOVF_OVERLAP, "overlap"},
};
static const struct hs_bit_name comp_flags[] = {
	{HS_LCF_STALE, "stale"},	 {HS_LCF_PREF_RD, "prefrd"}, {HS_LCF_PREF_WR, "prefwr"},
	{HS_LCF_OFFLINE, "offline"},	 {HS_LCF_INIT, "init"},	     {HS_LCF_NOSYNC, "nosync"},
	{HS_LCF_EXTENSION, "extension"}, {HS_LCF_PARITY, "parity"},  {HS_LCF_COMPRESS, "compress"},
};
static const struct hs_bit_name patterns[] = {
	{HS_LOVP_RAID0, "raid0"},
	{HS_LOVP_MDT, "mdt"},
	{HS_LOVP_OVERSTRIPING, "overstriped"},
	{HS_LOVP_FOREIGN, "foreign"},
	{HS_LOVP_COMPRESS, "compress"},
	{HS_LOVP_HOLE, "hole"},
	{HS_LOVP_RELEASED, "released"},
};
static const struct hs_bit_name hash_flags[] = {
	{HS_LMV_OVERSTRIPED, "overstriped"},
	{HS_LMV_FIXED, "fixed"},
	{HS_LMV_MERGE, "merge"},
	{HS_LMV_SPLIT, "split"},
	{HS_LMV_LOST_LMV, "lost-lmv"},
	{HS_LMV_BAD_TYPE, "bad-type"},
	{HS_LMV_MIGRATION, "migration"},
};
static const struct hs_bit_name lmv_flaws[] = {
	{HS_LMVF_MAGIC, "magic"},
	{HS_LMVF_COUNT, "count"},
	{HS_LMVF_HASH, "hash"},
	{HS_LMVF_INDEX, "index"},
};
#define BITS(s, key, bits, names)                                                                  \
	hs_sheet_bits(s, key, bits, names, sizeof(names) / sizeof((names)[0]))

const struct hs_xattr *hs_stat_value(const struct hs_loaded *l, const char *name)
{
	const struct hs_xattr *x = hs_xattr_trusted(&l->xattrs, name);

	return x && x->value ? x : NULL;
}

/* First byte and, if there is one, the byte behind the last. */
static void put_extent(struct hs_sheet *s, uint64_t start, uint64_t end)
{
	hs_sheet_uint(s, "start", start);
	if (end != UINT64_MAX)
		hs_sheet_uint(s, "end", end);
}

void hs_stat_put_parent(struct hs_sheet *s, const struct hs_parent *p)
{
	hs_sheet_object(s, "parent_record");
	hs_sheet_fid(s, "file", p->file);
	hs_sheet_uint(s, "stripe_index", p->stripe_index);
	if (p->has_layout) {
		hs_sheet_uint(s, "component_id", p->comp_id);
		put_extent(s, p->comp_start, p->comp_end);
		hs_sheet_uint(s, "stripe_size", p->stripe_size);
		hs_sheet_uint(s, "stripe_count", p->stripe_count);
	}
	if (p->has_version)
		hs_sheet_uint(s, "layout_version", p->layout_version);
	hs_sheet_end_object(s);
}

/* The object of a stripe, and whether it says that it is one of this file. */
static void put_stripe_object(struct hs_sheet *s, struct hs_query *q, struct hs_loaded *l,
			      struct hs_fid file, struct hs_fid object)
{
	hs_cleanup(hs_strbuf_free) struct hs_strbuf why = HS_STRBUF_INIT;
	struct hs_parent parent;
	bool sure = true;

	if (hs_resolver_load(q->resolver, object, l, &sure, &why) != HS_LOOKUP_FOUND) {
		hs_sheet_str(s, "problem", hs_strbuf_str(&why));
		return;
	}
	hs_sheet_uint(s, "inode", l->inode.ino);
	hs_sheet_uint(s, "size", l->inode.size);
	hs_sheet_uint(s, "blocks", l->inode.blocks);
	hs_sheet_uint(s, "uid", l->inode.uid);
	hs_sheet_uint(s, "gid", l->inode.gid);
	hs_sheet_uint(s, "projid", l->inode.projid);
	if (!hs_loaded_parent(l, &parent))
		return;
	hs_stat_put_parent(s, &parent);
	if (!hs_fid_eq(parent.file, file))
		hs_sheet_str(s, "problem", "its parent record does not name this file");
}

static void put_stripes(struct hs_sheet *s, struct hs_query *q, const struct hs_lov *lov,
			const struct hs_lov_comp *c, struct hs_fid file)
{
	struct hs_loaded l = {0};
	char tgt[16];

	hs_sheet_list(s, "stripes");
	for (uint32_t i = 0; i < c->n_records; i++) {
		struct hs_lov_stripe stripe;

		hs_lov_stripe(lov, c, i, &stripe);
		hs_sheet_object(s, NULL);
		hs_sheet_uint(s, "index", i);
		if (stripe.dummy) {
			hs_sheet_bool(s, "hole", true);
		} else {
			hs_sheet_str(s, "target",
				     hs_tgt_text((struct hs_tgt){HS_OST, stripe.ost}, tgt));
			hs_sheet_fid(s, "object", stripe.object);
			put_stripe_object(s, q, &l, file, stripe.object);
		}
		hs_sheet_end_object(s);
	}
	hs_sheet_end_list(s);
	hs_loaded_free(&l);
}

static void put_component(struct hs_sheet *s, struct hs_query *q, const struct hs_lov *lov,
			  const struct hs_lov_comp *c, struct hs_fid file, bool is_default)
{
	hs_sheet_object(s, NULL);
	if (lov->composite) {
		hs_sheet_uint(s, "id", c->id);
		BITS(s, "flags", c->flags, comp_flags);
	}
	put_extent(s, c->start, c->end);
	BITS(s, "pattern", c->pattern, patterns);
	hs_sheet_uint(s, "stripe_size", c->stripe_size);
	/* a default may ask for all OSTs, which is a count of -1 */
	hs_sheet_int(s, "stripe_count", (int16_t)c->stripe_count);
	if (c->pool[0])
		hs_sheet_str(s, "pool", c->pool);
	if (!is_default)
		put_stripes(s, q, lov, c, file);
	hs_sheet_end_object(s);
}

void hs_stat_put_lov(struct hs_sheet *s, struct hs_query *q, const struct hs_loaded *l,
		     struct hs_fid self)
{
	/* format notes 9.3.3 */
	static const char *const states[] = {"none", "read-only", "write-pending", "sync-pending"};
	const struct hs_xattr *x = hs_stat_value(l, "lov");
	bool is_default = hs_inode_is_dir(&l->inode);
	struct hs_lov lov;

	if (!x)
		return;
	if (hs_lov_decode(x->value, x->value_len, &lov)) {
		s->out.err = -ENOMEM;
		return;
	}
	if (!is_default)
		hs_lov_check(&lov, self);
	hs_sheet_object(s, is_default ? "default_layout" : "layout");
	hs_sheet_printf(s, "magic", "0x%08x", lov.magic);
	hs_sheet_uint(s, "generation", lov.gen);
	if (lov.composite) {
		hs_sheet_uint(s, "mirrors", lov.mirrors);
		hs_sheet_str(s, "state", states[lov.flags & 3]);
	}
	if (!is_default)
		BITS(s, "flaws", lov.flaws, lov_flaws);
	hs_sheet_list(s, "components");
	for (uint32_t i = 0; i < lov.n_comps; i++)
		put_component(s, q, &lov, &lov.comps[i], self, is_default);
	hs_sheet_end_list(s);
	hs_sheet_end_object(s);
	hs_lov_release(&lov);
}

static const char *hash_name(uint32_t hash)
{
	static const char *const names[] = {"unknown", "all_char", "fnv_1a_64", "crush", "crush2"};

	hash &= HS_LMV_HASH_MASK;
	return hash < sizeof(names) / sizeof(names[0]) ? names[hash] : "unknown";
}

static void put_shards(struct hs_sheet *s, struct hs_query *q, const struct hs_loaded *master)
{
	hs_autofree struct hs_shard *shards = NULL;
	size_t n;
	errint_t err = hs_read_shards(master, &shards, &n);

	if (err == -ENOMEM)
		s->out.err = err;
	hs_sheet_list(s, "shards");
	for (size_t i = 0; i < n; i++) {
		enum hs_presence presence;
		struct hs_tgt owner = hs_system_owner(q->sys, shards[i].fid.seq, &presence);
		char tgt[16];

		hs_sheet_object(s, NULL);
		hs_sheet_uint(s, "index", shards[i].index);
		hs_sheet_fid(s, "fid", shards[i].fid);
		if (owner.kind != HS_NO_TARGET)
			hs_sheet_str(s, "target", hs_tgt_text(owner, tgt));
		hs_sheet_end_object(s);
	}
	hs_sheet_end_list(s);
	if (err)
		hs_sheet_str(s, "problem", "the directory is damaged: shards may be missing");
}

void hs_stat_put_lmv(struct hs_sheet *s, struct hs_query *q, const struct hs_loaded *l)
{
	static const char *const kinds[] = {"unknown", "master", "shard", "foreign"};
	const struct hs_xattr *x = hs_stat_value(l, "lmv");
	struct hs_lmv lmv;

	if (!x)
		return;
	hs_lmv_decode(x->value, x->value_len, &lmv);
	hs_sheet_object(s, "striping");
	hs_sheet_str(s, "kind", kinds[lmv.kind]);
	if (lmv.kind == HS_LMV_MASTER || lmv.kind == HS_LMV_SHARD) {
		hs_sheet_uint(s, "count", lmv.count);
		hs_sheet_uint(s, lmv.kind == HS_LMV_MASTER ? "mdt" : "index", lmv.index);
		hs_sheet_str(s, "hash", hash_name(lmv.hash));
		BITS(s, "hash_flags", lmv.hash & ~HS_LMV_HASH_MASK, hash_flags);
		hs_sheet_uint(s, "version", lmv.version);
		if (lmv.pool[0])
			hs_sheet_str(s, "pool", lmv.pool);
	}
	BITS(s, "flaws", lmv.flaws, lmv_flaws);
	if (lmv.kind == HS_LMV_MASTER)
		put_shards(s, q, l);
	hs_sheet_end_object(s);
}

void hs_stat_put_dmv(struct hs_sheet *s, const struct hs_loaded *l)
{
	const struct hs_xattr *x = hs_stat_value(l, "dmv");
	struct hs_dmv d;

	if (!x || !hs_dmv_decode(x->value, x->value_len, &d))
		return;
	hs_sheet_object(s, "default_striping");
	hs_sheet_int(s, "count", d.count);
	if (d.index != HS_DMV_ANY_MDT)
		hs_sheet_uint(s, "mdt", d.index);
	hs_sheet_str(s, "hash", hash_name(d.hash));
	hs_sheet_uint(s, "max_inherit", d.max_inherit);
	hs_sheet_uint(s, "max_inherit_rr", d.max_inherit_rr);
	if (d.pool[0])
		hs_sheet_str(s, "pool", d.pool);
	hs_sheet_end_object(s);
}
