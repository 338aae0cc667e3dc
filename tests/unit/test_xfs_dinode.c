/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is left of a damaged inode record. */
#include "cm.h"

#include <string.h>

#include "base/bytes.h"
#include "xfs/dinode.h"

#define INO 786560

static void test_generation(void **state)
{
	uint8_t d[HS_XFS_DINODE_SIZE] = {0};
	uint32_t gen;

	(void)state;
	hs_put_be16(d, 0x494e);
	hs_put_be32(d + 92, 0xf5fffdc1);
	hs_put_be64(d + 152, INO);
	assert_true(hs_xfs_dinode_generation(d, sizeof(d), INO, &gen));
	assert_int_equal(gen, 0xf5fffdc1);
	/* either mark is enough */
	d[0] = 0;
	assert_true(hs_xfs_dinode_generation(d, sizeof(d), INO, &gen));
	assert_int_equal(gen, 0xf5fffdc1);
	hs_put_be64(d + 152, INO + 1);
	assert_false(hs_xfs_dinode_generation(d, sizeof(d), INO, &gen));
	assert_int_equal(gen, 0);
	hs_put_be16(d, 0x494e);
	assert_true(hs_xfs_dinode_generation(d, sizeof(d), INO, &gen));
	assert_false(hs_xfs_dinode_generation(d, sizeof(d) - 1, INO, &gen));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_generation),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
