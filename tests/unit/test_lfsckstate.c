/* SPDX-License-Identifier: GPL-2.0-or-later */
/* OI_scrub and LFSCK's state files (format notes, sections 14 and 15). */
#include "cm.h"

#include "lustre/lfsckstate.h"
#include "lustre/oiscrub.h"

/* A value whose u64 at offset n is n, so that a field tells where it was read. */
static void number(uint8_t *v, size_t len)
{
	for (size_t i = 0; i + 8 <= len; i += 8)
		hs_put_le64(v + i, i);
}

static void oi_scrub(void **state)
{
	uint8_t v[HS_OISCRUB_SIZE];
	struct hs_oiscrub s;

	(void)state;
	number(v, sizeof(v));
	hs_put_le32(v + 24, HS_OISCRUB_MAGIC_V2);
	hs_put_le16(v + 28, HS_OISCRUB_COMPLETED);
	hs_put_le16(v + 136, 64);
	for (size_t len = 0; len <= sizeof(v); len++) {
		uint8_t *copy = exact_copy(v, len);

		assert_int_equal(hs_oiscrub_decode(copy, len, &s), len == sizeof(v));
		free(copy);
	}
	assert_int_equal(s.status, HS_OISCRUB_COMPLETED);
	assert_true(s.flags == 16 && s.last_complete == 32 && s.last_checkpoint == 48);
	assert_true(s.pos_latest_start == 56 && s.pos_first_failure == 72);
	assert_true(s.checked == 80 && s.updated == 88 && s.failed == 96 && s.updated_prior == 104);
	assert_int_equal(s.run_time, 128);
	assert_int_equal(s.oi_count, 64);
	assert_memory_equal(s.recreated, v + 272, 128);
	hs_put_le32(v + 24, HS_OISCRUB_MAGIC_V1);
	assert_true(hs_oiscrub_decode(v, sizeof(v), &s));
	assert_int_equal(s.oi_count, 0);
	hs_put_le32(v + 24, 1);
	assert_false(hs_oiscrub_decode(v, sizeof(v), &s));
}

static void oi_scrub_is_requested(void **state)
{
	static const uint8_t uuid[16] = "0123456789abcde", other[16] = "another";
	uint8_t v[HS_OISCRUB_SIZE], was[HS_OISCRUB_SIZE];
	struct hs_oiscrub s;

	(void)state;
	number(v, sizeof(v));
	memcpy(v, uuid, sizeof(uuid));
	hs_put_le32(v + 24, HS_OISCRUB_MAGIC_V2);
	hs_put_le16(v + 28, HS_OISCRUB_COMPLETED);
	memcpy(was, v, sizeof(v));
	/* a sound one keeps what it says */
	hs_oiscrub_request(v, sizeof(v), uuid, 32);
	assert_true(hs_oiscrub_decode(v, sizeof(v), &s));
	assert_int_equal(s.flags, 16 | HS_OISCRUB_INCONSISTENT);
	assert_int_equal(s.status, HS_OISCRUB_INIT);
	hs_put_le64(v + 16, 16);
	hs_put_le16(v + 28, HS_OISCRUB_COMPLETED);
	assert_memory_equal(v, was, sizeof(v));
	/* others are made anew: of another file system, of the older magic, cut short */
	for (int i = 0; i < 3; i++) {
		memcpy(v, was, sizeof(v));
		if (i == 1)
			hs_put_le32(v + 24, HS_OISCRUB_MAGIC_V1);
		hs_oiscrub_request(v, i == 2 ? 100 : sizeof(v), i ? uuid : other, 32);
		assert_true(hs_oiscrub_decode(v, sizeof(v), &s));
		assert_int_equal(s.magic, HS_OISCRUB_MAGIC_V2);
		assert_int_equal(s.flags, HS_OISCRUB_INCONSISTENT);
		assert_int_equal(s.oi_count, 32);
		assert_int_equal(s.checked, 0);
		assert_memory_equal(s.uuid, i ? uuid : other, 16);
	}
}

static void bookmark(void **state)
{
	uint8_t v[HS_LFSCK_BOOKMARK_SIZE] = {0};
	struct hs_lfsck_bookmark b;

	(void)state;
	hs_put_le32(v, 0x20130c1d);
	hs_put_le16(v + 4, 2);
	hs_put_le16(v + 6, HS_LFSCK_DRYRUN);
	hs_put_le32(v + 8, 100);
	hs_put_le16(v + 12, 1024);
	hs_fid_put_le(v + 16, (struct hs_fid){0x200000402, 1, 0});
	hs_fid_put_le(v + 32, (struct hs_fid){0x200000402, 9, 0});
	for (size_t len = 0; len <= sizeof(v); len++) {
		uint8_t *copy = exact_copy(v, len);

		assert_int_equal(hs_lfsck_bookmark_decode(copy, len, &b), len == sizeof(v));
		free(copy);
	}
	assert_true(b.version == 2 && b.params == HS_LFSCK_DRYRUN && b.speed_limit == 100);
	assert_int_equal(b.async_window, 1024);
	assert_int_equal(b.lost_found.oid, 1);
	assert_int_equal(b.last_created.oid, 9);
	v[0] = 0;
	assert_false(hs_lfsck_bookmark_decode(v, sizeof(v), &b));
}

static void layout(void **state)
{
	uint8_t v[HS_LFSCK_LAYOUT_SIZE];
	struct hs_lfsck_layout l;

	(void)state;
	number(v, sizeof(v));
	hs_put_le32(v, 0xb1732fed);
	hs_put_le32(v + 4, 3);
	for (size_t len = 0; len <= sizeof(v); len++) {
		uint8_t *copy = exact_copy(v, len);

		assert_int_equal(hs_lfsck_layout_decode(copy, len, &l), len == sizeof(v));
		free(copy);
	}
	assert_int_equal(l.common.status, 3);
	assert_true(l.common.run_time[1] == 24 && l.common.last_checkpoint == 48);
	assert_int_equal(l.pos_first_failure, 72);
	assert_int_equal(l.counter[HS_LFSCK_LO_CHECKED1], 80);
	assert_int_equal(l.counter[HS_LFSCK_LO_DANGLING], 112);
	assert_int_equal(l.counter[HS_LFSCK_LO_SKIPPED], 160);
	v[0]++;
	assert_false(hs_lfsck_layout_decode(v, sizeof(v), &l));
}

static void namespace(void **state)
{
	uint8_t v[HS_LFSCK_NAMESPACE_SIZE];
	struct hs_lfsck_namespace n;

	(void)state;
	number(v, sizeof(v));
	hs_put_le32(v, 0xa06249ff);
	for (size_t len = 0; len <= sizeof(v); len++) {
		uint8_t *copy = exact_copy(v, len);

		assert_int_equal(hs_lfsck_namespace_decode(copy, len, &n), len == sizeof(v));
		free(copy);
	}
	assert_int_equal(n.latest_start.oit_cookie, 56);
	assert_int_equal(n.last_checkpoint.dir_cookie, 88 + 24);
	assert_int_equal(n.first_inconsistent.dir.seq, 128);
	assert_int_equal(n.last_phase2.seq, 216);
	assert_int_equal(n.counter[HS_LFSCK_NS_CHECKED1], 152);
	assert_int_equal(n.counter[HS_LFSCK_NS_NLINK_REPAIRED], 208);
	assert_int_equal(n.counter[HS_LFSCK_NS_DIRENT_REPAIRED], 232);
	assert_int_equal(n.counter[HS_LFSCK_NS_LOCAL_LPF_SCANNED], 312);
	assert_int_equal(n.counter[HS_LFSCK_NS_STRIPED_DIRS_SCANNED], 344);
	assert_int_equal(n.counter[HS_LFSCK_NS_STRIPES_SCANNED], 384);
	assert_int_equal(n.counter[HS_LFSCK_NS_NAME_HASH_REPAIRED], 416);
	assert_int_equal(n.counter[HS_LFSCK_NS_LINKEA_OVERFLOW_CLEARED], 440);
	assert_int_equal(n.counter[HS_LFSCK_NS_AGENT_REPAIRED], 448);
	v[0]++;
	assert_false(hs_lfsck_namespace_decode(v, sizeof(v), &n));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(oi_scrub),  cmocka_unit_test(oi_scrub_is_requested),
		cmocka_unit_test(bookmark),  cmocka_unit_test(layout),
		cmocka_unit_test(namespace),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
