/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a superblock says about mounting it. */
#include "cm.h"

#include <string.h>

#include "base/bytes.h"
#include "xfs/superblock.h"

static void make(uint8_t sb[HS_XFS_SB_SIZE])
{
	memset(sb, 0, HS_XFS_SB_SIZE);
	memcpy(sb, "XFSB", 4);
	hs_put_be64(sb + 48, 65543); /* sb_logstart */
	hs_put_be16(sb + 100, 0xb4b5);
}

static void test_plain(void **state)
{
	uint8_t sb[HS_XFS_SB_SIZE];
	struct hs_xfs_sb out;

	(void)state;
	make(sb);
	assert_true(hs_xfs_sb_decode(sb, sizeof(sb), &out));
	assert_int_equal(out.version, 5);
	assert_false(out.external_log || out.external_rt);
	assert_int_equal(out.qflags, 0);
	assert_false(hs_xfs_sb_decode(sb, sizeof(sb) - 1, &out));
	sb[3] = 'X';
	assert_false(hs_xfs_sb_decode(sb, sizeof(sb), &out));
}

static void test_devices(void **state)
{
	uint8_t sb[HS_XFS_SB_SIZE];
	struct hs_xfs_sb out;

	(void)state;
	make(sb);
	hs_put_be64(sb + 48, 0);
	hs_put_be64(sb + 16, 76800); /* sb_rblocks */
	assert_true(hs_xfs_sb_decode(sb, sizeof(sb), &out));
	assert_true(out.external_log && out.external_rt);
	/* behind the data, on the same device: only a zoned file system has that */
	hs_put_be64(sb + 288, 102400);
	assert_true(hs_xfs_sb_decode(sb, sizeof(sb), &out));
	assert_true(out.external_rt);
	hs_put_be32(sb + 216, 0x200);
	assert_true(hs_xfs_sb_decode(sb, sizeof(sb), &out));
	assert_false(out.external_rt);
}

static void expect_options(uint16_t qflags, const char *options)
{
	struct hs_xfs_sb sb = {.qflags = qflags};
	struct hs_strbuf s = HS_STRBUF_INIT;

	hs_xfs_sb_quota_options(&sb, &s);
	assert_string_equal(hs_strbuf_str(&s), options);
	hs_strbuf_free(&s);
}

static void test_quotas(void **state)
{
	(void)state;
	expect_options(0, "");
	expect_options(0x0007, "uquota");
	expect_options(0x0005, "uqnoenforce");
	expect_options(0x0001 | 0x0040 | 0x0080 | 0x0008, "uqnoenforce,gquota,pqnoenforce");
	expect_options(0x07ff & ~0x0030, "uquota,gquota,pquota");
	/* enforced but not counted makes no sense */
	expect_options(0x0002 | 0x0080 | 0x0200, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain),
		cmocka_unit_test(test_devices),
		cmocka_unit_test(test_quotas),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
