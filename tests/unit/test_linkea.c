/* SPDX-License-Identifier: GPL-2.0-or-later */
/* trusted.link: walking entries, sound and damaged (format notes 9.2). */
#include "cm.h"

#include "base/bytes.h"
#include "lustre/linkea.h"

struct value {
	uint8_t b[1024];
	size_t len;
};

static void start(struct value *v, uint32_t count)
{
	memset(v, 0, sizeof(*v));
	hs_put_le32(v->b, 0x11eaf1df);
	hs_put_le32(v->b + 4, count);
	v->len = HS_LINKEA_HEADER;
}

static void add(struct value *v, struct hs_fid parent, const char *name, size_t name_len)
{
	hs_put_be16(v->b + v->len, (uint16_t)(18 + name_len));
	hs_fid_put_be(v->b + v->len + 2, parent);
	memcpy(v->b + v->len + 18, name, name_len);
	v->len += 18 + name_len;
	hs_put_le64(v->b + 8, v->len);
}

/* Walks to the end; returns the number of entries. */
static unsigned walk(struct hs_linkea *l, struct hs_linkea_entry *last)
{
	struct hs_linkea_entry e;
	size_t pos = 0;
	unsigned n = 0;

	while (hs_linkea_next(l, &pos, &e)) {
		assert_true(e.name + e.name_len <= l->buf + l->len);
		*last = e;
		n++;
	}
	return n;
}

static const struct hs_fid root = {HS_SEQ_ROOT, 1, 0};

static void two_links(void **state)
{
	struct hs_linkea_entry e;
	struct hs_linkea l;
	struct value v;

	(void)state;
	start(&v, 2);
	hs_put_le32(v.b + 16, 77);
	add(&v, root, "first", 5);
	add(&v, (struct hs_fid){0x200000401, 9, 0}, "\xff", 1);
	assert_true(hs_linkea_open(v.b, v.len, &l));
	assert_int_equal(l.count, 2);
	assert_int_equal(l.overflow_time, 77);
	for (int again = 0; again < 2; again++) {
		assert_int_equal(walk(&l, &e), 2);
		assert_int_equal(l.flaws, HS_LINKEA_OK);
		assert_true(e.valid && e.name_len == 1 && e.name[0] == 0xff);
		assert_true(hs_fid_eq(e.parent, (struct hs_fid){0x200000401, 9, 0}));
	}
}

static void swapped_header(void **state)
{
	struct hs_linkea_entry e;
	struct hs_linkea l;
	struct value v;

	(void)state;
	start(&v, 0);
	add(&v, root, "n", 1);
	hs_put_be32(v.b, 0x11eaf1df);
	hs_put_be32(v.b + 4, 1);
	hs_put_be64(v.b + 8, v.len);
	hs_put_be32(v.b + 16, 5);
	assert_true(hs_linkea_open(v.b, v.len, &l));
	assert_int_equal(l.overflow_time, 5);
	assert_int_equal(walk(&l, &e), 1);
	assert_int_equal(l.flaws, HS_LINKEA_OK);
}

static void entry_flaws(void **state)
{
	static const char long_name[256] = {[0 ... 255] = 'x'};
	struct hs_linkea_entry e;
	struct hs_linkea l;
	struct value v;

	(void)state;
	start(&v, 1);
	add(&v, root, "", 0);
	assert_true(hs_linkea_open(v.b, v.len, &l));
	assert_int_equal(walk(&l, &e), 1);
	assert_false(e.valid);
	assert_int_equal(l.flaws, HS_LINKEA_NAME);

	start(&v, 2);
	add(&v, root, long_name, 255);
	add(&v, root, long_name, 256);
	assert_true(hs_linkea_open(v.b, v.len, &l));
	assert_int_equal(walk(&l, &e), 2);
	assert_false(e.valid);
	assert_int_equal(l.flaws, HS_LINKEA_NAME);

	start(&v, 1);
	add(&v, (struct hs_fid){0x200000401, 9, 1}, "n", 1);
	assert_true(hs_linkea_open(v.b, v.len, &l));
	assert_int_equal(walk(&l, &e), 1);
	assert_false(e.valid);
	assert_int_equal(l.flaws, HS_LINKEA_PARENT);
}

static void counts_and_lengths(void **state)
{
	struct hs_linkea_entry e;
	struct hs_linkea l;
	struct value v;

	(void)state;
	start(&v, 3);
	add(&v, root, "a", 1);
	assert_true(hs_linkea_open(v.b, v.len, &l));
	assert_int_equal(walk(&l, &e), 1);
	assert_int_equal(l.flaws, HS_LINKEA_COUNT);

	start(&v, 0);
	add(&v, root, "a", 1);
	assert_true(hs_linkea_open(v.b, v.len, &l));
	assert_int_equal(walk(&l, &e), 1);
	assert_int_equal(l.flaws, HS_LINKEA_COUNT);

	/* Bytes behind the stated total belong to nobody; an impossible total says nothing. */
	start(&v, 1);
	add(&v, root, "a", 1);
	assert_true(hs_linkea_open(v.b, v.len + 7, &l));
	assert_int_equal(walk(&l, &e), 1);
	assert_int_equal(l.flaws, HS_LINKEA_LENGTH);
	hs_put_le64(v.b + 8, 3);
	assert_true(hs_linkea_open(v.b, v.len, &l));
	assert_int_equal(walk(&l, &e), 1);
	assert_int_equal(l.flaws, HS_LINKEA_LENGTH);
	hs_put_le64(v.b + 8, UINT64_MAX);
	assert_true(hs_linkea_open(v.b, v.len, &l));
	assert_int_equal(walk(&l, &e), 1);
	assert_int_equal(l.flaws, HS_LINKEA_LENGTH);
}

static void impossible_records(void **state)
{
	static const uint16_t lengths[] = {0, 1, 17, 21, 0xffff};
	struct hs_linkea_entry e;
	struct hs_linkea l;
	struct value v;

	(void)state;
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		start(&v, 2);
		add(&v, root, "ok", 2);
		add(&v, root, "ab", 2);
		hs_put_be16(v.b + HS_LINKEA_HEADER + 20, lengths[i]);
		assert_true(hs_linkea_open(v.b, v.len, &l));
		assert_int_equal(walk(&l, &e), 1);
		assert_int_equal(l.flaws, HS_LINKEA_RECORD | HS_LINKEA_COUNT);
	}
}

static void every_length(void **state)
{
	struct hs_linkea_entry e;
	struct hs_linkea l;
	struct value v;

	(void)state;
	start(&v, 2);
	add(&v, root, "abc", 3);
	add(&v, root, "de", 2);
	for (size_t len = 0; len < v.len; len++) {
		uint8_t *copy = exact_copy(v.b, len);
		bool open = hs_linkea_open(copy, len, &l);
		unsigned n;

		assert_int_equal(open, len >= HS_LINKEA_HEADER);
		n = walk(&l, &e);
		if (!open)
			assert_int_equal(l.flaws, HS_LINKEA_MAGIC);
		else
			assert_true(l.flaws & HS_LINKEA_LENGTH);
		assert_int_equal(n, len >= HS_LINKEA_HEADER + 21 ? 1 : 0);
		free(copy);
	}
	v.b[0] ^= 1;
	assert_false(hs_linkea_open(v.b, v.len, &l));
	assert_int_equal(l.flaws, HS_LINKEA_MAGIC);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_links),	      cmocka_unit_test(swapped_header),
		cmocka_unit_test(entry_flaws),	      cmocka_unit_test(counts_and_lengths),
		cmocka_unit_test(impossible_records), cmocka_unit_test(every_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
