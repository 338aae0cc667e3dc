/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the encoders of attributes write is what the decoders read.
 */
#include "cm.h"

#include "lustre/linkea.h"
#include "lustre/lma.h"
#include "lustre/lmv.h"
#include "lustre/lov.h"
#include "lustre/parent.h"
#include "lustre/target.h"

static const struct hs_fid fid = {0x200000401, 0x2a, 0};

static void linkea(void **state)
{
	const struct hs_linkea_link links[] = {
		{{0x200000007, 1, 0}, (const uint8_t *)"a", 1},
		{fid, (const uint8_t *)"a longer name", 13},
	};
	uint8_t buf[HS_LINKEA_MAX], *copy;
	struct hs_linkea_entry e;
	struct hs_linkea l;
	size_t stored, pos = 0, len = hs_linkea_encode(links, 2, 77, buf, &stored);

	(void)state;
	copy = exact_copy(buf, len);
	assert_int_equal(stored, 2);
	assert_true(hs_linkea_open(copy, len, &l));
	assert_int_equal(l.overflow_time, 77);
	for (size_t i = 0; i < 2; i++) {
		assert_true(hs_linkea_next(&l, &pos, &e));
		assert_true(e.valid && hs_fid_eq(e.parent, links[i].parent));
		assert_int_equal(e.name_len, links[i].name_len);
		assert_memory_equal(e.name, links[i].name, e.name_len);
	}
	assert_false(hs_linkea_next(&l, &pos, &e));
	assert_int_equal(l.flaws, HS_LINKEA_OK);
	free(copy);
}

/* As many as fit, and a value that is sound. */
static void linkea_full(void **state)
{
	static const uint8_t name[255] = "x";
	struct hs_linkea_link links[40];
	uint8_t buf[HS_LINKEA_MAX];
	struct hs_linkea_entry e;
	struct hs_linkea l;
	size_t stored, pos = 0, len;

	(void)state;
	for (size_t i = 0; i < 40; i++)
		links[i] = (struct hs_linkea_link){fid, name, 255};
	len = hs_linkea_encode(links, 40, 1, buf, &stored);
	assert_int_equal(stored, (HS_LINKEA_MAX - HS_LINKEA_HEADER) / (18 + 255));
	assert_true(len <= HS_LINKEA_MAX);
	assert_true(hs_linkea_open(buf, len, &l));
	while (hs_linkea_next(&l, &pos, &e))
		;
	assert_int_equal(l.seen, stored);
	assert_int_equal(l.flaws, HS_LINKEA_OK);
}

/* Member by member: what lies between them is nobody's. */
static void same_lma(const struct hs_lma *a, const struct hs_lma *b)
{
	assert_int_equal(a->compat, b->compat);
	assert_int_equal(a->incompat, b->incompat);
	assert_true(hs_fid_eq(a->fid, b->fid));
	assert_true(hs_fid_eq(a->parent, b->parent));
	assert_int_equal(a->has_stripe, b->has_stripe);
	assert_int_equal(a->has_comp, b->has_comp);
	assert_int_equal(a->stripe_index, b->stripe_index);
	assert_int_equal(a->stripe_count, b->stripe_count);
	assert_int_equal(a->stripe_size, b->stripe_size);
	assert_int_equal(a->comp_id, b->comp_id);
	assert_true(a->comp_start == b->comp_start && a->comp_end == b->comp_end);
}

static void lma(void **state)
{
	struct hs_lma in = {.compat = HS_LMAC_FID_ON_OST, .incompat = HS_LMAI_AGENT, .fid = fid};
	uint8_t buf[HS_LMA_LONG_SIZE];
	struct hs_lma out;

	(void)state;
	assert_int_equal(hs_lma_encode(&in, buf), HS_LMA_SIZE);
	assert_true(hs_lma_decode(buf, HS_LMA_SIZE, &out));
	same_lma(&in, &out);
	in.compat |= HS_LMAC_STRIPE_INFO | HS_LMAC_COMP_INFO;
	in.has_stripe = in.has_comp = true;
	in.parent = (struct hs_fid){0x200000402, 7, 0};
	in.stripe_index = 3;
	in.stripe_count = 0x1234;
	in.stripe_size = 1 << 20;
	in.comp_id = 0x10002;
	in.comp_start = 5;
	in.comp_end = UINT64_MAX;
	assert_int_equal(hs_lma_encode(&in, buf), HS_LMA_LONG_SIZE);
	assert_true(hs_lma_decode(buf, HS_LMA_LONG_SIZE, &out));
	same_lma(&in, &out);
}

static void lmv(void **state)
{
	struct hs_lmv in, out;
	uint8_t buf[HS_LMV_SIZE], again[HS_LMV_SIZE];

	(void)state;
	memset(&in, 0, sizeof(in));
	in.kind = HS_LMV_SHARD;
	in.count = 4;
	in.index = 3;
	in.hash = 2 | HS_LMV_FIXED;
	in.version = 9;
	in.migrate_offset = 1;
	in.migrate_hash = 3;
	memcpy(in.pool, "pool", 4);
	for (int i = 0; i < 2; i++) {
		hs_lmv_encode(&in, buf);
		memset(&out, 0, sizeof(out));
		hs_lmv_decode(buf, sizeof(buf), &out);
		assert_int_equal(out.kind, in.kind);
		assert_int_equal(out.flaws, 0);
		hs_lmv_encode(&out, again);
		assert_memory_equal(buf, again, sizeof(buf));
		assert_int_equal(out.count, 4);
		assert_int_equal(out.index, 3);
		assert_int_equal(out.hash, 2 | HS_LMV_FIXED);
		assert_int_equal(out.version, 9);
		assert_int_equal(out.migrate_offset, 1);
		assert_int_equal(out.migrate_hash, 3);
		assert_string_equal(out.pool, "pool");
		in.kind = HS_LMV_MASTER;
	}
}

static void parent(void **state)
{
	struct hs_parent in, out;
	uint8_t buf[HS_PARENT_SIZE];

	(void)state;
	memset(&in, 0, sizeof(in));
	in.file = fid;
	in.stripe_index = 3;
	assert_int_equal(hs_parent_encode(&in, buf), 16);
	assert_true(hs_parent_decode(buf, 16, &out));
	assert_true(hs_fid_eq(out.file, fid));
	assert_int_equal(out.stripe_index, 3);
	assert_false(out.has_layout || out.odd_size);
	in.has_layout = true;
	in.stripe_size = 65536;
	in.stripe_count = 4;
	in.comp_start = 1;
	in.comp_end = 2;
	in.comp_id = 3;
	assert_int_equal(hs_parent_encode(&in, buf), 44);
	assert_true(hs_parent_decode(buf, 44, &out));
	assert_int_equal(out.comp_end, 2);
	in.has_version = true;
	in.layout_version = 8;
	in.range = 1;
	assert_int_equal(hs_parent_encode(&in, buf), 52);
	assert_true(hs_parent_decode(buf, 52, &out));
	assert_int_equal(out.layout_version, 8);
	assert_int_equal(out.range, 1);
}

static void lov(void **state)
{
	const struct hs_lov_object objects[] = {
		{{0x100000000, 0x14, 0}, 0}, /* of group 0 */
		{{0x280000400, 0x15, 0}, 1},
		{{0, 0, 0}, 0},
	};
	const struct hs_lov_part parts[] = {
		{.id = 1,
		 .end = 1 << 20,
		 .pattern = HS_LOVP_RAID0,
		 .stripe_size = 65536,
		 .stripe_count = 1},
		{.id = 2,
		 .flags = HS_LCF_INIT,
		 .start = 1 << 20,
		 .end = UINT64_MAX,
		 .pattern = HS_LOVP_RAID0,
		 .stripe_size = 1 << 20,
		 .stripe_count = 3,
		 .objects = objects},
	};
	struct hs_lov_whole w = {.self = fid,
				 .composite = true,
				 .gen = 5,
				 .mirrors = 1,
				 .parts = parts,
				 .n_parts = 2};
	struct hs_lov_stripe s;
	struct hs_lov l;
	uint8_t *buf = calloc(1, hs_lov_size(&w)), *edit;

	(void)state;
	hs_lov_encode(&w, buf);
	assert_int_equal(hs_lov_decode(buf, hs_lov_size(&w), &l), 0);
	hs_lov_check(&l, fid);
	assert_int_equal(l.flaws, 0);
	assert_int_equal(l.gen, 5);
	assert_int_equal(l.n_comps, 2);
	assert_int_equal(l.comps[0].n_records, 0);
	assert_int_equal(l.comps[1].n_records, 3);
	assert_true(l.comps[1].pattern & HS_LOVP_HOLE);
	for (uint32_t i = 0; i < 2; i++) {
		hs_lov_stripe(&l, &l.comps[1], i, &s);
		assert_true(hs_fid_eq(s.object, objects[i].object));
		assert_int_equal(s.legacy_id, i == 0);
	}
	/* fields changed in a copy */
	edit = exact_copy(buf, l.len);
	hs_lov_put_oi(edit, &l, (struct hs_fid){0x200000402, 9, 0});
	hs_lov_put_stripe(edit, &l.comps[1], 2, (struct hs_fid){0x280000400, 0x16, 0}, 1);
	hs_lov_put_gen(edit, &l);
	hs_lov_release(&l);
	assert_int_equal(hs_lov_decode(edit, hs_lov_size(&w), &l), 0);
	hs_lov_check(&l, (struct hs_fid){0x200000402, 9, 0});
	assert_int_equal(l.flaws, 0);
	assert_int_equal(l.gen, 6);
	hs_lov_stripe(&l, &l.comps[1], 2, &s);
	assert_int_equal(s.object.oid, 0x16);
	hs_lov_release(&l);
	free(edit);
	free(buf);
	/* plain */
	w = (struct hs_lov_whole){.self = fid, .gen = 0xffff, .parts = &parts[1], .n_parts = 1};
	buf = calloc(1, hs_lov_size(&w));
	hs_lov_encode(&w, buf);
	assert_int_equal(hs_lov_decode(buf, hs_lov_size(&w), &l), 0);
	hs_lov_check(&l, fid);
	assert_int_equal(l.flaws, 0);
	hs_lov_put_gen(buf, &l);
	assert_int_equal(hs_get_le16(buf + 30), 1); /* skips 0 */
	hs_lov_release(&l);
	free(buf);
}

static void label(void **state)
{
	static const char *const bad[] = {"",	     "MDT",	"MDT000", "MDT00000", "mdt0000",
					  "MDT000G", "OST0x01", "MGS",	  "MDT0000 ", "OST000F"};
	struct hs_tgt t;
	char text[16];

	(void)state;
	assert_true(hs_tgt_parse("OST00ff", &t));
	assert_int_equal(t.kind, HS_OST);
	assert_int_equal(t.index, 255);
	assert_true(hs_tgt_parse(hs_tgt_text((struct hs_tgt){HS_MDT, 0x12345}, text), &t));
	assert_int_equal(t.index, 0x12345);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(hs_tgt_parse(bad[i], &t));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(linkea), cmocka_unit_test(linkea_full), cmocka_unit_test(lma),
		cmocka_unit_test(lmv),	  cmocka_unit_test(parent),	 cmocka_unit_test(lov),
		cmocka_unit_test(label),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
