/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Directories whose index grows to its limits: two levels without the feature large_dir, where it
 * ends with an error, three with it. e2fsck and the kernel find every name.
 */
#include "edit_rig.h"

/* Names so long that few fit into a block of 1 KiB. */
static int name_of(char *name, size_t room, uint32_t i)
{
	return snprintf(name, room, "%08x-%0230u", (i + 1) * 2654435761u, i);
}

static uint32_t grow(struct rig *r, uint32_t most, errint_t *end)
{
	struct hs_edit *e = rig_open(r);
	uint32_t f = rig_ino(e, "f"), d = rig_ino(e, "d"), n;
	struct hs_edit_dirent as = {.ino = f, .type = 1};
	char name[256];

	*end = 0;
	for (n = 0; n < most && !*end; n++) {
		int len = name_of(name, sizeof(name), n);

		hs_edit_begin(e);
		*end = hs_edit_insert(e, d, name, (size_t)len, &as);
		if (!*end) {
			hs_edit_end(e);
			continue;
		}
		assert_non_null(strstr(hs_edit_why(e), "index is full"));
		hs_edit_cancel(e);
		n--;
	}
	/* some go again */
	hs_edit_begin(e);
	for (uint32_t i = 0; i < n; i += 10) {
		int len = name_of(name, sizeof(name), i);

		rig_ok(e, hs_edit_remove(e, d, name, (size_t)len, f));
	}
	rig_ok(e, hs_edit_set_nlink(e, f, 1 + n - (n + 9) / 10));
	hs_edit_end(e);
	rig_ok(e, hs_edit_commit(e));
	assert_int_equal(hs_edit_close(e), 0);
	rig_fsck(r);
	assert_true(rig_scan(r).entries > n - (n + 9) / 10);
	rig_kernel(r);
	return n;
}

static void indexes_reach_their_limits(void **state)
{
	static const char *const kinds[] = {
		"extent,^metadata_csum,dir_index,^large_dir,^has_journal",
		"extent,metadata_csum,dir_index,large_dir,^has_journal",
	};

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		struct rig r;
		errint_t end;
		uint32_t n;

		assert_true(rig_make(&r, kinds[i], 1024, "90M"));
		n = grow(&r, 40000, &end);
		assert_int_equal(end, i ? 0 : -ENOSPC);
		assert_true(n > 15000);
		if (i) {
			/* index levels, behind `..` in block 0 */
			assert_int_equal(rig_run(&r, "debugfs -R 'htree_dump d' img 2>/dev/null | "
						     "grep -q 'Indirect levels: 2'"),
					 0);
		}
		rig_undo(&r);
		rig_remove(&r);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(indexes_reach_their_limits),
	};
	struct rig r;

	if (!rig_make(&r, rig_kinds[0], 4096, "40M")) {
		fprintf(stderr, "skipped: mke2fs or e2fsck failed, see %s/log\n", r.dir);
		return 77;
	}
	rig_remove(&r);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
