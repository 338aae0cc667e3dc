/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Steps of a plan: what is encoded decodes to the same, and nothing else decodes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lfsck/plan_state.h"
#include "lfsck/plan_view.h"

static const struct hs_fid fid = {0x200000401, 0x12, 0};
static const uint8_t bytes[] = {1, 2, 0, 4};

/* One step of each kind, with every field that the kind has. */
static struct hs_step sample(enum hs_step_kind kind)
{
	static const uint8_t entry[] = "a name", attribute[] = "trusted.link";
	struct hs_step s = {.kind = kind, .target = {HS_MDT, 3}, .ino = 77};

	switch (kind) {
	case HS_STEP_IS_INODE:
		s.inode.gen = 5;
		s.inode.type = 0100000;
		s.inode.has_fid = true;
		s.inode.fid = fid;
		break;
	case HS_STEP_IS_XATTR:
	case HS_STEP_NO_XATTR:
	case HS_STEP_SET_XATTR:
	case HS_STEP_DROP_XATTR:
		s.name = attribute;
		s.name_len = sizeof(attribute) - 1;
		if (kind == HS_STEP_IS_XATTR) {
			s.sum.len = 4;
			s.sum.sum = hs_step_sum(bytes, 4);
		} else if (kind == HS_STEP_SET_XATTR) {
			s.data.bytes = bytes;
			s.data.len = sizeof(bytes);
		}
		break;
	case HS_STEP_IS_ENTRY:
	case HS_STEP_NO_ENTRY:
	case HS_STEP_ADD_ENTRY:
	case HS_STEP_SET_ENTRY:
	case HS_STEP_DROP_ENTRY:
		s.name = entry;
		s.name_len = sizeof(entry) - 1;
		if (kind != HS_STEP_NO_ENTRY)
			s.entry = (struct hs_leads){12, 0, 2, true, fid};
		break;
	case HS_STEP_SET_DOTDOT:
		s.name = (const uint8_t *)"..";
		s.name_len = 2;
		s.ino = 0;
		s.made = 4;
		s.entry = (struct hs_leads){0, 9, 2, false, {0, 0, 0}};
		break;
	case HS_STEP_IS_OI:
	case HS_STEP_NO_OI:
	case HS_STEP_SET_OI:
	case HS_STEP_DROP_OI:
		s.ino = 0;
		s.oi.fid = fid;
		s.oi.file = 1;
		s.oi.ino = 77;
		s.oi.gen = 0xdeadbeef;
		break;
	case HS_STEP_IS_NLINK:
	case HS_STEP_ADD_NLINK:
	case HS_STEP_IS_MODE:
	case HS_STEP_SET_MODE:
		s.number = kind == HS_STEP_ADD_NLINK ? -3 : 0100644;
		break;
	case HS_STEP_IS_OWNER:
	case HS_STEP_SET_OWNER:
		s.owner = (struct hs_owner){1, 2, 0xffffffff};
		break;
	case HS_STEP_IS_FLAGS:
	case HS_STEP_SET_FLAGS:
		s.flags.set = 0x800;
		s.flags.clear = 0x10;
		break;
	case HS_STEP_IS_BYTES:
	case HS_STEP_SET_BYTES:
		s.data.bytes = bytes;
		s.data.len = sizeof(bytes);
		s.data.offset = 1ull << 40;
		break;
	case HS_STEP_MAKE_INODE:
		s.ino = 0;
		s.made = 4;
		s.create.mode = 0120777;
		s.create.owner = (struct hs_owner){1, 2, 3};
		s.name = entry;
		s.name_len = sizeof(entry) - 1;
		break;
	default:
		break;
	}
	return s;
}

static void check_same(const struct hs_step *a, const struct hs_step *b)
{
	struct hs_step_room ra = {.bytes = HS_STRBUF_INIT}, rb = {.bytes = HS_STRBUF_INIT};
	struct hs_run_step x, y;

	assert_int_equal(a->kind, b->kind);
	assert_int_equal(hs_step_encode(a, &ra, &x), 0);
	assert_int_equal(hs_step_encode(b, &rb, &y), 0);
	assert_string_equal(x.kind, y.kind);
	assert_string_equal(x.target, y.target);
	assert_int_equal(x.ino, y.ino);
	assert_int_equal(x.made, y.made);
	assert_int_equal(x.name_len, y.name_len);
	if (x.name_len)
		assert_memory_equal(x.name, y.name, x.name_len);
	assert_int_equal(x.value_len, y.value_len);
	if (x.value_len)
		assert_memory_equal(x.value, y.value, x.value_len);
	hs_strbuf_free(&ra.bytes);
	hs_strbuf_free(&rb.bytes);
}

static void test_round(void **state)
{
	(void)state;
	for (enum hs_step_kind k = 0; k < HS_STEP_KINDS; k++) {
		struct hs_step_room room = {.bytes = HS_STRBUF_INIT};
		struct hs_strbuf why = HS_STRBUF_INIT, text = HS_STRBUF_INIT;
		struct hs_step s = sample(k), back;
		struct hs_run_step row;

		assert_int_equal(hs_step_encode(&s, &room, &row), 0);
		if (hs_step_decode(&row, &back, &why))
			fail_msg("%s: %s", hs_step_word(k), hs_strbuf_str(&why));
		check_same(&s, &back);
		hs_step_say(&back, &text);
		assert_true(text.len > 10);
		hs_strbuf_free(&text);
		hs_strbuf_free(&why);
		hs_strbuf_free(&room.bytes);
	}
}

/* The row of a sample with one thing wrong. */
static void refuse(enum hs_step_kind kind, void (*spoil)(struct hs_run_step *, uint8_t *),
		   const char *why_not)
{
	struct hs_step_room room = {.bytes = HS_STRBUF_INIT};
	struct hs_strbuf why = HS_STRBUF_INIT;
	struct hs_step s = sample(kind), back;
	uint8_t value[64] = {0};
	struct hs_run_step row;

	assert_int_equal(hs_step_encode(&s, &room, &row), 0);
	memcpy(value, row.value_len ? row.value : bytes, row.value_len);
	row.value = value;
	spoil(&row, value);
	assert_int_equal(hs_step_decode(&row, &back, &why), -EUCLEAN);
	if (!strstr(hs_strbuf_str(&why), why_not))
		fail_msg("%s", hs_strbuf_str(&why));
	hs_strbuf_free(&why);
	hs_strbuf_free(&room.bytes);
}

static void bad_kind(struct hs_run_step *r, uint8_t *v)
{
	(void)v;
	r->kind = "entry-eat";
}
static void bad_target(struct hs_run_step *r, uint8_t *v)
{
	(void)v;
	r->target = "MDT0x3";
}
static void bad_ino(struct hs_run_step *r, uint8_t *v)
{
	(void)v;
	r->ino = 1ll << 32;
}
static void no_ino(struct hs_run_step *r, uint8_t *v)
{
	(void)v;
	r->ino = 0;
}
static void both(struct hs_run_step *r, uint8_t *v)
{
	(void)v;
	r->made = 3;
}
static void shorter(struct hs_run_step *r, uint8_t *v)
{
	(void)v;
	r->value_len--;
}
static void slash(struct hs_run_step *r, uint8_t *v)
{
	(void)v;
	r->name = "a/b";
	r->name_len = 3;
}
static void dots(struct hs_run_step *r, uint8_t *v)
{
	(void)v;
	r->name = "..";
	r->name_len = 2;
}
static void no_prefix(struct hs_run_step *r, uint8_t *v)
{
	(void)v;
	r->name = "link";
	r->name_len = 4;
}
static void two_inodes(struct hs_run_step *r, uint8_t *v)
{
	(void)r;
	hs_put_le32(v + 4, 5);
}
static void bad_mode(struct hs_run_step *r, uint8_t *v)
{
	(void)r;
	hs_put_le16(v, 0170000);
}
static void far(struct hs_run_step *r, uint8_t *v)
{
	(void)r;
	hs_put_le64(v, UINT64_MAX);
}
static void surplus(struct hs_run_step *r, uint8_t *v)
{
	(void)v;
	r->value_len = 1;
}

static void test_refused(void **state)
{
	(void)state;
	refuse(HS_STEP_ADD_ENTRY, bad_kind, "unknown kind");
	refuse(HS_STEP_ADD_ENTRY, bad_target, "no target");
	refuse(HS_STEP_ADD_ENTRY, bad_ino, "inode number");
	refuse(HS_STEP_ADD_ENTRY, no_ino, "about no inode");
	refuse(HS_STEP_ADD_ENTRY, both, "about no inode, or about two");
	refuse(HS_STEP_ADD_ENTRY, shorter, "wrong length");
	refuse(HS_STEP_ADD_ENTRY, slash, "name is impossible");
	refuse(HS_STEP_ADD_ENTRY, dots, "name is impossible");
	refuse(HS_STEP_SET_DOTDOT, slash, "name is impossible");
	refuse(HS_STEP_SET_XATTR, no_prefix, "name is impossible");
	refuse(HS_STEP_ADD_ENTRY, two_inodes, "what the entry leads to");
	refuse(HS_STEP_MAKE_INODE, bad_mode, "mode of the inode");
	refuse(HS_STEP_MAKE_INODE, bad_ino, "inode number");
	refuse(HS_STEP_SET_BYTES, far, "offset");
	refuse(HS_STEP_FREE_INODE, surplus, "where none belongs");
	refuse(HS_STEP_SET_OI, both, "belongs to no inode");
}

static void test_states(void **state)
{
	struct hs_states s = {0};
	struct hs_state_key key = {HS_FIELD_ENTRY, {HS_MDT, 0}, 12, 0, "abc", 3};
	struct hs_state out;

	(void)state;
	assert_false(hs_states_get(&s, &key, &out));
	for (uint32_t i = 1; i <= 3000; i++) {
		key.ino = i % 100;
		assert_int_equal(hs_states_put(&s, &key, &(struct hs_state){true, &i, 4, i}), 0);
	}
	key.ino = 7;
	assert_true(hs_states_get(&s, &key, &out));
	assert_int_equal(out.item, 2907);
	assert_memory_equal(out.value, &(uint32_t){2907}, 4);
	hs_states_forget(&s, 2907);
	assert_true(hs_states_get(&s, &key, &out));
	assert_int_equal(out.item, 2807);
	hs_states_forget(&s, 100);
	assert_true(hs_states_get(&s, &key, &out));
	assert_int_equal(out.item, 7);
	key.field = HS_FIELD_XATTR;
	assert_false(hs_states_get(&s, &key, &out));
	hs_states_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_states),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
