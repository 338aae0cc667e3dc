/* SPDX-License-Identifier: GPL-2.0-or-later */
/* trusted.lov: plain, composite, foreign, sound and hostile (format notes 9.3). */
#include "cm.h"

#include "base/bytes.h"
#include "lustre/lov.h"

static const struct hs_fid self = {0x200000401, 0x2a, 0};

/* A v1 or v3 body of n records in the FID form, on OST 0, 1, ...; returns its length. */
static size_t put_body(uint8_t *p, uint32_t magic, uint32_t pattern, uint16_t count, unsigned n)
{
	size_t header = magic == HS_LOV_MAGIC_V1 ? 32 : 48;

	memset(p, 0, header + 24 * n);
	hs_put_le32(p, magic);
	hs_put_le32(p + 4, pattern);
	hs_put_le64(p + 8, self.oid);
	hs_put_le64(p + 16, self.seq);
	hs_put_le32(p + 24, 1 << 20);
	hs_put_le16(p + 28, count);
	hs_put_le16(p + 30, 3);
	if (header == 48)
		memcpy(p + 32, "pool", 4);
	for (unsigned i = 0; i < n; i++) {
		hs_fid_put_le(p + header + 24 * i, (struct hs_fid){0x280000400, 100 + i, 0});
		hs_put_le32(p + header + 24 * i + 20, i);
	}
	return header + 24 * n;
}

struct part {
	uint32_t id, flags;
	uint64_t start, end;
	uint32_t pattern;
	uint16_t count;
	uint16_t records;
};

#define EOF_	  UINT64_MAX
#define MIB(n)	  ((uint64_t)(n) << 20)
#define VALUE_MAX 4096

static size_t put_composite(uint8_t *v, const struct part *parts, unsigned n)
{
	size_t off = 32 + 48 * (size_t)n;

	memset(v, 0, off);
	hs_put_le32(v, HS_LOV_MAGIC_COMP);
	hs_put_le32(v + 8, 7);
	hs_put_le16(v + 12, 1);
	hs_put_le16(v + 14, (uint16_t)n);
	for (unsigned i = 0; i < n; i++) {
		uint8_t *e = v + 32 + 48 * (size_t)i;
		size_t len = put_body(v + off, HS_LOV_MAGIC_V1, parts[i].pattern, parts[i].count,
				      parts[i].records);

		hs_put_le32(e, parts[i].id);
		hs_put_le32(e + 4, parts[i].flags);
		hs_put_le64(e + 8, parts[i].start);
		hs_put_le64(e + 16, parts[i].end);
		hs_put_le32(e + 24, (uint32_t)off);
		hs_put_le32(e + 28, (uint32_t)len);
		off += len;
	}
	hs_put_le32(v + 4, (uint32_t)off);
	return off;
}

/* Flaws of a value after decoding and checking. */
static unsigned flaws_of(const uint8_t *v, size_t len)
{
	uint8_t *copy = exact_copy(v, len);
	struct hs_lov l;
	unsigned flaws;

	assert_int_equal(hs_lov_decode(copy, len, &l), 0);
	hs_lov_check(&l, self);
	flaws = l.flaws;
	hs_lov_release(&l);
	free(copy);
	return flaws;
}

static unsigned flaws_of_parts(const struct part *parts, unsigned n)
{
	uint8_t v[VALUE_MAX];

	return flaws_of(v, put_composite(v, parts, n));
}

static void plain(void **state)
{
	struct hs_lov_stripe s;
	uint8_t v[VALUE_MAX];
	struct hs_lov l;
	size_t len;

	(void)state;
	len = put_body(v, HS_LOV_MAGIC_V1, HS_LOVP_RAID0, 2, 2);
	hs_put_le64(v + 32, 0x123456789ull); /* legacy id of record 0, OST 5 */
	hs_put_le64(v + 40, 0);
	hs_put_le32(v + 52, 5);
	assert_int_equal(hs_lov_decode(v, len, &l), 0);
	hs_lov_check(&l, self);
	assert_int_equal(l.flaws, 0);
	assert_false(l.composite || l.foreign);
	assert_int_equal(l.gen, 3);
	assert_int_equal(l.mirrors, 1);
	assert_int_equal(l.n_comps, 1);
	assert_int_equal(l.comps[0].id, 0);
	assert_int_equal(l.comps[0].flags, HS_LCF_INIT);
	assert_true(l.comps[0].end == EOF_ && l.comps[0].start == 0);
	assert_int_equal(l.comps[0].n_records, 2);
	assert_string_equal(l.comps[0].pool, "");
	hs_lov_stripe(&l, &l.comps[0], 0, &s);
	assert_true(s.legacy_id && !s.dummy);
	assert_int_equal(s.ost, 5);
	assert_true(hs_fid_eq(s.object, (struct hs_fid){0x100050001, 0x23456789, 0}));
	hs_lov_stripe(&l, &l.comps[0], 1, &s);
	assert_false(s.legacy_id || s.dummy);
	assert_true(hs_fid_eq(s.object, (struct hs_fid){0x280000400, 101, 0}));
	/* An IDIF in the FID form takes the index of its record. */
	hs_fid_put_le(v + 56, (struct hs_fid){0x100000000, 9, 0});
	hs_lov_stripe(&l, &l.comps[0], 1, &s);
	assert_true(hs_fid_eq(s.object, (struct hs_fid){0x100010000, 9, 0}));
	hs_lov_release(&l);

	len = put_body(v, HS_LOV_MAGIC_V3, HS_LOVP_RAID0 | HS_LOVP_OVERSTRIPING, 3, 3);
	assert_int_equal(hs_lov_decode(v, len, &l), 0);
	assert_int_equal(l.comps[0].n_records, 3);
	assert_string_equal(l.comps[0].pool, "pool");
	hs_lov_release(&l);
	assert_int_equal(flaws_of(v, len), 0);
}

static void plain_flaws(void **state)
{
	uint8_t v[VALUE_MAX];
	size_t len;

	(void)state;
	len = put_body(v, HS_LOV_MAGIC_V1, HS_LOVP_RAID0, 2, 2);
	assert_int_equal(flaws_of(v, len + 24), HS_LOVF_TRAILING);
	assert_int_equal(flaws_of(v, len - 1), HS_LOVF_SIZE);
	hs_put_le16(v + 28, 0);
	assert_int_equal(flaws_of(v, len), HS_LOVF_COUNT);
	hs_put_le16(v + 28, 0xffff);
	assert_int_equal(flaws_of(v, len), HS_LOVF_COUNT | HS_LOVF_SIZE);
	hs_put_le16(v + 28, 2);
	memset(v + 32, 0, 24);
	assert_int_equal(flaws_of(v, len), HS_LOVF_DUMMY);
	hs_put_le32(v + 4, HS_LOVP_RAID0 | HS_LOVP_HOLE);
	assert_int_equal(flaws_of(v, len), 0);
	hs_put_le32(v + 24, 0);
	assert_int_equal(flaws_of(v, len), HS_LOVF_COMP_RULE);
	len = put_body(v, HS_LOV_MAGIC_V1, HS_LOVP_RAID0, 2, 2);
	hs_put_le64(v + 8, self.oid + 1);
	assert_int_equal(flaws_of(v, len), HS_LOVF_OI);
}

static void old_object_id(void **state)
{
	const struct hs_fid igif = {1234, 99, 0};
	uint8_t v[VALUE_MAX];
	struct hs_lov l;
	size_t len = put_body(v, HS_LOV_MAGIC_V1, HS_LOVP_RAID0, 1, 1);

	(void)state;
	hs_put_le64(v + 8, igif.seq);
	hs_put_le64(v + 16, 0);
	assert_int_equal(hs_lov_decode(v, len, &l), 0);
	hs_lov_check(&l, igif);
	assert_int_equal(l.flaws, 0);
	hs_lov_check(&l, self);
	assert_int_equal(l.flaws, HS_LOVF_OI);
	hs_lov_release(&l);
}

static void patterns_without_objects(void **state)
{
	static const struct {
		uint32_t pattern;
		unsigned flaws;
	} t[] = {
		{HS_LOVP_RAID0 | HS_LOVP_RELEASED, 0},
		{HS_LOVP_MDT, 0},
		{HS_LOVP_FOREIGN, 0},
		{0, HS_LOVF_UNSUPPORTED},
		{2, HS_LOVF_UNSUPPORTED},
		{HS_LOVP_RAID0 | 4, HS_LOVF_UNSUPPORTED},
		{HS_LOVP_MDT | HS_LOVP_RAID0, HS_LOVF_UNSUPPORTED},
		{HS_LOVP_RAID0 | 0x10000000, HS_LOVF_UNSUPPORTED},
	};
	uint8_t v[VALUE_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		size_t len = put_body(v, HS_LOV_MAGIC_V1, t[i].pattern, 1, 1);
		struct hs_lov l;

		assert_int_equal(hs_lov_decode(v, len, &l), 0);
		assert_int_equal(l.comps[0].n_records, 0);
		hs_lov_release(&l);
		assert_int_equal(flaws_of(v, len), t[i].flaws);
	}
	/* A released file may have lost its records. */
	put_body(v, HS_LOV_MAGIC_V1, HS_LOVP_RAID0 | HS_LOVP_RELEASED, 4, 0);
	assert_int_equal(flaws_of(v, 32), 0);
}

static void magics(void **state)
{
	uint8_t v[VALUE_MAX];
	size_t len = put_body(v, HS_LOV_MAGIC_V1, HS_LOVP_RAID0, 1, 1);

	(void)state;
	hs_put_le32(v, 0x0bd20bd0);
	assert_int_equal(flaws_of(v, len), HS_LOVF_UNSUPPORTED);
	hs_put_le32(v, 0x12340bd0);
	assert_int_equal(flaws_of(v, len), HS_LOVF_UNSUPPORTED);
	hs_put_le32(v, 0x0bd10bd1);
	assert_int_equal(flaws_of(v, len), HS_LOVF_MAGIC);
	len = put_body(v, HS_LOV_MAGIC_SPECIFIC, HS_LOVP_RAID0, 1, 1);
	assert_int_equal(flaws_of(v, len), HS_LOVF_UNSUPPORTED);
}

static void foreign(void **state)
{
	uint8_t v[64] = {0};
	struct hs_lov l;

	(void)state;
	hs_put_le32(v, HS_LOV_MAGIC_FOREIGN);
	hs_put_le32(v + 4, 10);
	assert_int_equal(hs_lov_decode(v, 26, &l), 0);
	assert_true(l.foreign);
	assert_int_equal(l.n_comps, 0);
	hs_lov_release(&l);
	assert_int_equal(flaws_of(v, 26), 0);
	assert_int_equal(flaws_of(v, 25), HS_LOVF_SIZE);
	assert_int_equal(flaws_of(v, 27), HS_LOVF_TRAILING);
	hs_put_le32(v + 4, UINT32_MAX);
	assert_int_equal(flaws_of(v, 26), HS_LOVF_SIZE);
}

static const uint32_t R = HS_LOVP_RAID0, I = HS_LCF_INIT, E = HS_LCF_EXTENSION;

static void composite(void **state)
{
	const struct part parts[] = {
		{0x10001, I, 0, MIB(1), HS_LOVP_MDT, 0, 0},
		{0x10002, I, MIB(1), MIB(4), R, 2, 2},
		{0x10003, 0, MIB(4), EOF_, R, 0xffff, 0},
		{0x20004, I | HS_LCF_STALE, 0, EOF_, R, 1, 1},
	};
	struct hs_lov_stripe s;
	uint8_t v[VALUE_MAX];
	struct hs_lov l;
	size_t len = put_composite(v, parts, 4);

	(void)state;
	/* A stale mirror: not all are in sync, and one that is must be left. */
	assert_int_equal(flaws_of(v, len), HS_LOVF_MIRRORS);
	hs_put_le16(v + 16, 1);
	assert_int_equal(flaws_of(v, len), HS_LOVF_MIRRORS);
	hs_put_le16(v + 12, 2);
	assert_int_equal(hs_lov_decode(v, len, &l), 0);
	hs_lov_check(&l, self);
	assert_int_equal(l.flaws, 0);
	assert_true(l.composite);
	assert_int_equal(l.gen, 7);
	assert_int_equal(l.flags, 2);
	assert_int_equal(l.mirrors, 2);
	assert_int_equal(l.n_comps, 4);
	assert_int_equal(l.comps[0].n_records, 0);
	assert_int_equal(l.comps[1].n_records, 2);
	assert_int_equal(l.comps[2].n_records, 0);
	assert_int_equal(l.comps[3].n_records, 1);
	assert_int_equal(l.comps[3].flags, I | HS_LCF_STALE);
	hs_lov_stripe(&l, &l.comps[1], 1, &s);
	assert_true(hs_fid_eq(s.object, (struct hs_fid){0x280000400, 101, 0}));
	hs_lov_release(&l);
	assert_int_equal(flaws_of(v, len + 1), HS_LOVF_TRAILING);
}

static void extents(void **state)
{
	(void)state;
#define FLAWS(...)                                                                                 \
	flaws_of_parts((const struct part[]){__VA_ARGS__},                                         \
		       sizeof((const struct part[]){__VA_ARGS__}) / sizeof(struct part))
	/* Gap, overlap, late start, backwards, a mirror in two pieces. */
	assert_int_equal(FLAWS({1, I, 0, MIB(1), R, 1, 1}, {2, I, MIB(2), EOF_, R, 1, 1}),
			 HS_LOVF_EXTENT);
	assert_int_equal(FLAWS({1, I, 0, MIB(2), R, 1, 1}, {2, I, MIB(1), EOF_, R, 1, 1}),
			 HS_LOVF_EXTENT);
	assert_int_equal(FLAWS({1, I, MIB(1), EOF_, R, 1, 1}), HS_LOVF_EXTENT);
	assert_int_equal(FLAWS({1, I, 0, MIB(2), R, 1, 1}, {2, I, MIB(2), MIB(1), R, 1, 1}),
			 HS_LOVF_EXTENT);
	assert_int_equal(FLAWS({0x10001, I, 0, EOF_, R, 1, 1}, {0x20001, I, 0, EOF_, R, 1, 1},
			       {0x10002, I, 0, EOF_, R, 1, 1}),
			 HS_LOVF_EXTENT);
	/* Ids. */
	assert_int_equal(FLAWS({0, I, 0, EOF_, R, 1, 1}), HS_LOVF_COMP_ID);
	assert_int_equal(FLAWS({0x80000001, I, 0, EOF_, R, 1, 1}), HS_LOVF_COMP_ID);
	assert_int_equal(FLAWS({1, I, 0, MIB(1), R, 1, 1}, {1, I, MIB(1), EOF_, R, 1, 1}),
			 HS_LOVF_COMP_ID);
	/* Alignment. */
	assert_int_equal(FLAWS({1, I, 0, 12345, R, 1, 1}), HS_LOVF_COMP_RULE);
	/* Self-extending: the component may be empty while its extension follows. */
	assert_int_equal(FLAWS({1, I, 0, MIB(1), R, 1, 1}, {2, 0, MIB(1), MIB(1), R, 1, 0},
			       {3, E, MIB(1), EOF_, R, 1, 0}),
			 0);
	assert_int_equal(FLAWS({1, I, 0, MIB(1), R, 1, 1}, {2, I, MIB(1), MIB(1), R, 1, 1},
			       {3, E, MIB(1), EOF_, R, 1, 0}),
			 HS_LOVF_COMP_RULE);
	assert_int_equal(FLAWS({1, I, 0, MIB(1), R, 1, 1}, {2, 0, MIB(1), MIB(1), R, 1, 0}),
			 HS_LOVF_COMP_RULE);
	assert_int_equal(FLAWS({1, I, 0, MIB(1), R, 1, 1}, {2, E | I, MIB(1), EOF_, R, 1, 0}),
			 HS_LOVF_COMP_RULE);
	assert_int_equal(FLAWS({1, I, 0, MIB(1), HS_LOVP_MDT, 0, 0}, {2, E, MIB(1), EOF_, R, 1, 0}),
			 HS_LOVF_DOM);
	assert_int_equal(FLAWS({1, I, 0, MIB(1), R, 1, 1}, {2, I, MIB(1), EOF_, HS_LOVP_MDT, 0, 0}),
			 HS_LOVF_DOM);
	assert_int_equal(FLAWS({1, 0, 0, 0, R, 1, 0}, {2, E, 0, EOF_, R, 1, 0}), HS_LOVF_COMP_RULE);
	/* Parity components and unknown patterns have records nobody may read. */
	assert_int_equal(FLAWS({1, I | HS_LCF_PARITY, 0, EOF_, R, 1, 1}), HS_LOVF_UNSUPPORTED);
#undef FLAWS
}

static void hostile_tables(void **state)
{
	const struct part two[] = {
		{1, I, 0, MIB(1), R, 1, 1},
		{2, I, MIB(1), EOF_, R, 1, 1},
	};
	uint8_t v[VALUE_MAX];
	size_t len = put_composite(v, two, 2);
	struct hs_lov l;

	(void)state;
	hs_put_le16(v + 14, 0);
	assert_int_equal(flaws_of(v, len), HS_LOVF_COUNT);
	hs_put_le16(v + 14, 65535);
	assert_true(flaws_of(v, len) & HS_LOVF_SIZE);
	hs_put_le16(v + 14, 2);
	hs_put_le32(v + 4, (uint32_t)len + 1);
	assert_int_equal(flaws_of(v, len), HS_LOVF_SIZE);
	hs_put_le32(v + 4, 0);
	assert_int_equal(flaws_of(v, len), HS_LOVF_SIZE);

	/* Two entries, one body: only one of them has records. */
	put_composite(v, two, 2);
	memcpy(v + 32 + 48 + 24, v + 32 + 24, 8);
	assert_int_equal(hs_lov_decode(v, len, &l), 0);
	assert_int_equal(l.flaws, HS_LOVF_OVERLAP);
	assert_int_equal(l.comps[0].n_records + l.comps[1].n_records, 1);
	hs_lov_release(&l);
	/* A body inside the table. */
	put_composite(v, two, 2);
	hs_put_le32(v + 32 + 24, 40);
	assert_true(flaws_of(v, len) & HS_LOVF_OVERLAP);
	/* Bodies in another order do not overlap. */
	put_composite(v, two, 2);
	hs_put_le32(v + 32 + 24, 128 + 56);
	hs_put_le32(v + 80 + 24, 128);
	assert_int_equal(flaws_of(v, len), 0);
	/* Offsets and lengths that overflow. */
	put_composite(v, two, 2);
	hs_put_le32(v + 32 + 24, 0xfffffff0);
	hs_put_le32(v + 32 + 28, 0x20);
	assert_int_equal(flaws_of(v, len), HS_LOVF_SIZE);
	put_composite(v, two, 2);
	hs_put_le32(v + 32 + 28, 0xffffffff);
	assert_int_equal(flaws_of(v, len), HS_LOVF_SIZE);
}

static void many_components(void **state)
{
	size_t len = 65536;
	uint8_t *v = calloc(1, len);
	struct hs_lov l;
	uint64_t records = 0;

	(void)state;
	assert_non_null(v);
	hs_put_le32(v, HS_LOV_MAGIC_COMP);
	hs_put_le32(v + 4, (uint32_t)len);
	hs_put_le16(v + 14, 65535);
	put_body(v + 60000, HS_LOV_MAGIC_V1, R, 200, 200);
	for (unsigned i = 0; i < 1200; i++) {
		uint8_t *e = v + 32 + 48 * (size_t)i;

		hs_put_le32(e, i + 1);
		hs_put_le32(e + 4, I);
		hs_put_le32(e + 24, 60000);
		hs_put_le32(e + 28, 5536);
	}
	assert_int_equal(hs_lov_decode(v, len, &l), 0);
	assert_int_equal(l.n_comps, HS_LOV_MAX_COMPONENTS);
	assert_non_null(l.more);
	for (uint32_t i = 0; i < l.n_comps; i++)
		records += l.comps[i].n_records;
	assert_in_range(records, 1, 200);
	assert_true(l.flaws & HS_LOVF_COUNT && l.flaws & HS_LOVF_OVERLAP);
	hs_lov_check(&l, self);
	hs_lov_release(&l);
	hs_lov_release(&l);
	free(v);
}

static void every_length(void **state)
{
	const struct part parts[] = {
		{1, I, 0, MIB(1), R, 2, 2},
		{2, I, MIB(1), EOF_, R, 1, 1},
	};
	uint8_t v[VALUE_MAX];
	size_t len = put_composite(v, parts, 2);

	(void)state;
	for (size_t n = 0; n < len; n++)
		assert_true(flaws_of(v, n) & (n < 4 ? HS_LOVF_MAGIC : HS_LOVF_SIZE));
	assert_int_equal(flaws_of(v, len), 0);
	len = put_body(v, HS_LOV_MAGIC_V3, R, 2, 2);
	for (size_t n = 0; n < len; n++)
		assert_true(flaws_of(v, n) & (n < 4 ? HS_LOVF_MAGIC : HS_LOVF_SIZE));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain),	  cmocka_unit_test(plain_flaws),
		cmocka_unit_test(old_object_id),  cmocka_unit_test(patterns_without_objects),
		cmocka_unit_test(magics),	  cmocka_unit_test(foreign),
		cmocka_unit_test(composite),	  cmocka_unit_test(extents),
		cmocka_unit_test(hostile_tables), cmocka_unit_test(many_components),
		cmocka_unit_test(every_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
