/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Llogs: header, live records, payloads (equations, section 11). */
#include "cm.h"

#include "base/bytes.h"
#include "lustre/llog.h"

#define CHUNK 8192

static void put_header(uint8_t b[CHUNK])
{
	memset(b, 0, CHUNK);
	hs_put_le32(b, CHUNK);
	hs_put_le32(b + 8, HS_LLOG_REC_HEADER);
	hs_put_le32(b + 24, 3);
	hs_put_le32(b + 28, 88);
	hs_put_le32(b + 32, 64);
}

static void set_live(uint8_t b[CHUNK], uint32_t index)
{
	b[88 + index / 8] |= (uint8_t)(1 << index % 8);
}

static void put_record(uint8_t *p, uint32_t type, uint32_t index, uint32_t len)
{
	memset(p, 0, len);
	hs_put_le32(p, len);
	hs_put_le32(p + 4, index);
	hs_put_le32(p + 8, type);
	hs_put_le32(p + len - 8, len);
	hs_put_le32(p + len - 4, index);
}

static void header(void **state)
{
	struct hs_llog_header h;
	uint8_t b[CHUNK];

	(void)state;
	put_header(b);
	for (size_t len = 0; len <= 96; len++) {
		uint8_t *copy = exact_copy(b, len);

		assert_int_equal(hs_llog_decode_header(copy, len, &h), len == 96);
		free(copy);
	}
	assert_int_equal(h.chunk, CHUNK);
	assert_int_equal(h.count, 3);
	assert_int_equal(h.rec_size, 64);
	assert_int_equal(h.bitmap_off + h.bitmap_len, CHUNK - 8);
	hs_put_le32(b, 8000);
	assert_false(hs_llog_decode_header(b, CHUNK, &h));
	hs_put_le32(b, 0x80000000);
	assert_false(hs_llog_decode_header(b, CHUNK, &h));
	put_header(b);
	hs_put_le32(b + 28, CHUNK);
	assert_false(hs_llog_decode_header(b, CHUNK, &h));
	put_header(b);
	hs_put_le32(b + 8, HS_LLOG_REC_CATALOG);
	assert_false(hs_llog_decode_header(b, CHUNK, &h));
}

static void live_records(void **state)
{
	uint8_t b[CHUNK], c[CHUNK] = {0};
	struct hs_llog_header h;
	struct hs_llog_rec r;
	size_t pos = 0;
	bool bad;

	(void)state;
	put_header(b);
	set_live(b, 2);
	set_live(b, 4);
	assert_true(hs_llog_decode_header(b, CHUNK, &h));
	put_record(c, HS_LLOG_REC_UNLINK, 1, 64);
	put_record(c + 64, HS_LLOG_REC_UNLINK, 2, 64);
	put_record(c + 128, HS_LLOG_REC_PADDING, 3, 32);
	put_record(c + 160, HS_LLOG_REC_SETATTR, 4, 72);
	assert_true(hs_llog_next(&h, b, c, CHUNK, &pos, &r, &bad));
	assert_int_equal(r.index, 2);
	assert_true(hs_llog_next(&h, b, c, CHUNK, &pos, &r, &bad));
	assert_int_equal(r.index, 4);
	assert_ptr_equal(r.data, c + 160);
	assert_false(hs_llog_next(&h, b, c, CHUNK, &pos, &r, &bad));
	assert_false(bad);
	pos = CHUNK;
	assert_false(hs_llog_next(&h, b, b, CHUNK, &pos, &r, &bad));
	assert_false(bad);
}

static void bad_records(void **state)
{
	static const uint32_t lengths[] = {1, 16, 23, 25, CHUNK + 8, UINT32_MAX};
	uint8_t b[CHUNK], c[CHUNK] = {0};
	struct hs_llog_header h;
	struct hs_llog_rec r;
	size_t pos = 0;
	bool bad;

	(void)state;
	put_header(b);
	set_live(b, 1);
	assert_true(hs_llog_decode_header(b, CHUNK, &h));
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		put_record(c, HS_LLOG_REC_UNLINK, 1, 64);
		hs_put_le32(c, lengths[i]);
		pos = 0;
		assert_false(hs_llog_next(&h, b, c, CHUNK, &pos, &r, &bad));
		assert_true(bad);
	}
	/* Torn: head and tail differ. */
	put_record(c, HS_LLOG_REC_UNLINK, 1, 64);
	hs_put_le32(c + 60, 9);
	pos = 0;
	assert_false(hs_llog_next(&h, b, c, CHUNK, &pos, &r, &bad));
	assert_true(bad);
}

static void payloads(void **state)
{
	struct hs_llog_rec r = {.index = 1};
	struct hs_llog_setattr s;
	struct hs_llog_logid id;
	struct hs_fid f;
	uint32_t count;
	uint8_t c[128];

	(void)state;
	put_record(c, HS_LLOG_REC_UNLINK, 1, 64);
	hs_fid_put_le(c + 16, (struct hs_fid){0x280000401, 7, 0});
	hs_put_le32(c + 32, 1);
	r = (struct hs_llog_rec){HS_LLOG_REC_UNLINK, 1, 64, c};
	assert_true(hs_llog_decode_unlink(&r, &f, &count));
	assert_true(hs_fid_eq(f, (struct hs_fid){0x280000401, 7, 0}));
	assert_int_equal(count, 1);
	assert_false(hs_llog_decode_setattr(&r, &s));
	r.len = 40;
	assert_false(hs_llog_decode_unlink(&r, &f, &count));

	put_record(c, HS_LLOG_REC_SETATTR, 1, 72);
	hs_put_le64(c + 16, 99);
	hs_put_le32(c + 32, 1000);
	hs_put_le32(c + 40, 100);
	hs_put_le64(c + 48, 6);
	hs_put_le32(c + 56, 5);
	hs_put_le32(c + 60, 4);
	r = (struct hs_llog_rec){HS_LLOG_REC_SETATTR, 1, 72, c};
	assert_true(hs_llog_decode_setattr(&r, &s));
	assert_true(hs_fid_eq(s.object, (struct hs_fid){HS_SEQ_IDIF, 99, 0}));
	assert_true(s.uid == 1000 && s.gid == 100 && s.valid == 6);
	assert_true(s.projid == 5 && s.layout_version == 4);
	r.len = 64;
	assert_true(hs_llog_decode_setattr(&r, &s));
	assert_true(s.projid == 0 && s.layout_version == 0);
	r.len = 56;
	assert_false(hs_llog_decode_setattr(&r, &s));

	put_record(c, HS_LLOG_REC_CATALOG, 1, 64);
	hs_put_le64(c + 16, 12);
	hs_put_le64(c + 24, 1);
	r = (struct hs_llog_rec){HS_LLOG_REC_CATALOG, 1, 64, c};
	assert_true(hs_llog_decode_logid(&r, &id));
	assert_true(id.id == 12 && id.seq == 1);
	r.len = 32;
	assert_false(hs_llog_decode_logid(&r, &id));
}

struct seen {
	struct hs_fid fid[16];
	unsigned n;
};

static void note(void *arg, struct hs_fid f)
{
	struct seen *s = arg;

	assert_in_range(s->n, 0, 15);
	s->fid[s->n++] = f;
}

static void update_fids(void **state)
{
	struct hs_llog_rec r;
	struct seen s = {0};
	uint8_t c[128];

	(void)state;
	put_record(c, HS_LLOG_REC_UPDATE, 1, 128);
	hs_fid_put_le(c + 20, (struct hs_fid){0x200000401, 7, 0});
	hs_fid_put_le(c + 40, (struct hs_fid){0x240000401, 0, 0});
	hs_fid_put_le(c + 64, (struct hs_fid){HS_SEQ_ROOT, 1, 0});
	hs_fid_put_le(c + 104, (struct hs_fid){0x240000401, 9, 0});
	r = (struct hs_llog_rec){HS_LLOG_REC_UPDATE, 1, 128, c};
	hs_llog_update_fids(&r, note, &s);
	assert_int_equal(s.n, 3);
	assert_int_equal(s.fid[0].oid, 7);
	assert_true(hs_fid_is_root(s.fid[1]));
	assert_int_equal(s.fid[2].oid, 9);
	r.type = HS_LLOG_REC_UNLINK;
	hs_llog_update_fids(&r, note, &s);
	assert_int_equal(s.n, 3);
}

/* Two operations, the first with three parameters; as found on an image. */
static void updates(void **state)
{
	const struct hs_fid a = {0x200000bd2, 1, 0}, b = {0x240000bd0, 2, 0};
	struct hs_llog_update u;
	uint8_t c[136] = {0};
	struct hs_llog_rec r = {HS_LLOG_REC_UPDATE, 1, 136, c};
	struct hs_fid f;
	size_t pos = 0;
	uint32_t n = 0;

	(void)state;
	put_record(c, HS_LLOG_REC_UPDATE, 1, 136);
	hs_put_le64(c + 16, 0x20000000c);
	hs_put_le64(c + 24, 0x100000128);
	hs_put_le32(c + 32, 0);
	hs_put_le32(c + 36, 0);
	hs_put_le32(c + 40, 2);
	hs_put_le32(c + 44, 9);
	hs_fid_put_le(c + 48, a);
	hs_put_le16(c + 64, 1);
	hs_put_le16(c + 66, 3);
	hs_fid_put_le(c + 74, b);
	hs_put_le16(c + 90, 10);
	hs_put_le16(c + 92, 0);
	assert_true(hs_llog_decode_update(&r, &u));
	assert_true(u.transno == 0x20000000c && u.batchid == 0x100000128);
	assert_true(u.flags == 0 && u.index == 0 && u.n_ops == 2);
	assert_true(hs_llog_update_next(&r, &u, &pos, &n, &f) && hs_fid_eq(f, a));
	assert_true(hs_llog_update_next(&r, &u, &pos, &n, &f) && hs_fid_eq(f, b));
	assert_false(hs_llog_update_next(&r, &u, &pos, &n, &f));
	/* more operations promised than there is room for */
	u.n_ops = UINT32_MAX;
	hs_put_le16(c + 92, UINT16_MAX);
	pos = n = 0;
	assert_true(hs_llog_update_next(&r, &u, &pos, &n, &f));
	assert_true(hs_llog_update_next(&r, &u, &pos, &n, &f));
	assert_false(hs_llog_update_next(&r, &u, &pos, &n, &f));
	r.len = 48;
	assert_false(hs_llog_decode_update(&r, &u));
}

static void catalogs(void **state)
{
	struct hs_llog_logid id;
	uint8_t v[96] = {0};

	(void)state;
	hs_put_le64(v + 32, 5);
	hs_put_le64(v + 40, 1);
	assert_false(hs_llog_catalog_entry(v, 96, 0, &id));
	assert_true(hs_llog_catalog_entry(v, 96, 1, &id));
	assert_true(id.id == 5 && id.seq == 1);
	assert_false(hs_llog_catalog_entry(v, 63, 1, &id));
	assert_false(hs_llog_catalog_entry(v, 96, 3, &id));
	assert_false(hs_llog_catalog_entry(v, 96, UINT32_MAX, &id));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(header),      cmocka_unit_test(live_records),
		cmocka_unit_test(bad_records), cmocka_unit_test(payloads),
		cmocka_unit_test(update_fids), cmocka_unit_test(updates),
		cmocka_unit_test(catalogs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
