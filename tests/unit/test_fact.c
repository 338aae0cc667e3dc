/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Facts: what each encoder writes, the decoder reads back; nothing else decodes. */
#include "cm.h"

#include "lfsck/fact.h"

static const struct hs_fid key = {0x200000401, 0x2a, 0}, other = {0x240000402, 0x7, 0xfffffffe};
static const struct hs_tgt mdt1 = {HS_MDT, 1};

/* One fact of each tag, with every field different. */
static void make(enum hs_fact_tag tag, struct hs_fact_buf *f)
{
	switch (tag) {
	case HS_FACT_OI:
		hs_fact_oi(f, key, mdt1, 100, 200);
		break;
	case HS_FACT_ONAME:
		hs_fact_oname(f, key, mdt1, 100);
		break;
	case HS_FACT_NAME:
		hs_fact_link(f, key, other, (const uint8_t *)"a\0b", 3);
		break;
	case HS_FACT_TYPE:
		hs_fact_type(f, key, 7);
		break;
	case HS_FACT_INO:
	case HS_FACT_RPD:
		hs_fact_inode(f, tag, key, mdt1, 100, 7);
		break;
	case HS_FACT_LAY:
	case HS_FACT_REF:
		hs_fact_stripe(f, tag, key, other, 5, 6);
		break;
	case HS_FACT_COMP:
	case HS_FACT_PROJ:
		hs_fact_id(f, tag, key, 0x10002);
		break;
	case HS_FACT_OWN:
		hs_fact_owner(f, key, 1000, 2000);
		break;
	case HS_FACT_SHARD:
		hs_fact_shard(f, key, other, 3, 4, 0x20000003);
		break;
	default:
		/* DOT and ADOT are an ONAME with another tag; ENC has no fields. */
		hs_fact_oname(f, key, mdt1, 100);
		f->b[0] = (uint8_t)tag;
		if (tag == HS_FACT_ENC)
			f->len = HS_FACT_HEAD;
		break;
	}
}

static void round_trip(void **state)
{
	(void)state;
	for (int tag = 1; tag < HS_FACT_TAGS; tag++) {
		struct hs_fact_fields got;
		struct hs_fact_buf f;

		make(tag, &f);
		assert_true(hs_fact_decode(f.b, f.len, &got));
		assert_int_equal(got.tag, tag);
		assert_true(hs_fid_eq(got.key, key));
		if (tag == HS_FACT_NAME || tag == HS_FACT_LAY || tag == HS_FACT_REF ||
		    tag == HS_FACT_SHARD)
			assert_true(hs_fid_eq(got.fid, other));
		if (tag == HS_FACT_OI || tag == HS_FACT_INO || tag == HS_FACT_RPD ||
		    tag == HS_FACT_ONAME || tag == HS_FACT_DOT || tag == HS_FACT_ADOT) {
			assert_true(hs_tgt_eq(got.target, mdt1));
			assert_int_equal(got.ino, 100);
		}
		assert_int_equal(got.gen, tag == HS_FACT_OI ? 200 : 0);
		if (tag == HS_FACT_TYPE || tag == HS_FACT_INO || tag == HS_FACT_RPD)
			assert_int_equal(got.type, 7);
		if (tag == HS_FACT_LAY || tag == HS_FACT_REF) {
			assert_int_equal(got.index, 5);
			assert_int_equal(got.ost, 6);
		}
		if (tag == HS_FACT_COMP || tag == HS_FACT_PROJ)
			assert_int_equal(got.id, 0x10002);
		if (tag == HS_FACT_OWN) {
			assert_int_equal(got.uid, 1000);
			assert_int_equal(got.gid, 2000);
		}
		if (tag == HS_FACT_SHARD) {
			assert_int_equal(got.index, 3);
			assert_int_equal(got.count, 4);
			assert_int_equal(got.hash, 3); /* the low 16 bits */
		}
		if (tag == HS_FACT_NAME) {
			assert_int_equal(got.name_len, 3);
			assert_memory_equal(got.name, "a\0b", 3);
		}
	}
}

/* A byte less or more is no fact. */
static void exact_length(void **state)
{
	(void)state;
	for (int tag = 1; tag < HS_FACT_TAGS; tag++) {
		struct hs_fact_fields got;
		struct hs_fact_buf f = {0};

		make(tag, &f);
		for (size_t len = 0; len <= f.len + 1u; len++) {
			uint8_t *copy = exact_copy(f.b, len);

			assert_int_equal(hs_fact_decode(copy, len, &got), len == f.len);
			free(copy);
		}
	}
}

static void unknown_tags(void **state)
{
	struct hs_fact_fields got;
	struct hs_fact_buf f;

	(void)state;
	make(HS_FACT_ENC, &f);
	f.b[0] = 0;
	assert_false(hs_fact_decode(f.b, f.len, &got));
	f.b[0] = HS_FACT_TAGS;
	assert_false(hs_fact_decode(f.b, f.len, &got));
	assert_string_equal(hs_fact_tag_name(HS_FACT_TAGS), "?");
	assert_string_equal(hs_fact_tag_name(0), "?");
}

static void longest_name(void **state)
{
	struct hs_fact_fields got;
	struct hs_fact_buf f;
	uint8_t name[255];

	(void)state;
	memset(name, 0xff, sizeof(name));
	hs_fact_link(&f, key, other, name, sizeof(name));
	assert_in_range(f.len, 1, sizeof(f.b));
	assert_true(hs_fact_decode(f.b, f.len, &got));
	assert_int_equal(got.name_len, 255);
}

static void words(void **state)
{
	struct hs_strbuf text = HS_STRBUF_INIT;
	struct hs_fact_buf f;

	(void)state;
	hs_fact_link(&f, key, other, (const uint8_t *)"x\n", 2);
	hs_fact_describe(f.b, f.len, &text);
	assert_string_equal(hs_strbuf_str(&text),
			    "parent [0x240000402:0x7:0xfffffffe] name \"x\\x0a\"");
	hs_strbuf_reset(&text);
	hs_fact_describe(f.b, f.len - 1u, &text);
	assert_string_equal(hs_strbuf_str(&text), "unreadable fact");
	hs_strbuf_free(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(round_trip),	cmocka_unit_test(exact_length),
		cmocka_unit_test(unknown_tags), cmocka_unit_test(longest_name),
		cmocka_unit_test(words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
