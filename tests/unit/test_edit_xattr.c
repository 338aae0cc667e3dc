/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Changing attributes: thousands of changes of all sizes at random, compared with a model; blocks
 * that inodes share; mending.
 */
#include "edit_rig.h"

#include "ldiskfs/edit_priv.h"
#include "ldiskfs/xattr.h"

#define NAMES 14u
#define LARGE 70000u

struct model {
	bool there[NAMES];
	uint8_t *value[NAMES];
	size_t len[NAMES];
};

static const struct {
	uint8_t index;
	const char *name;
} attrs[NAMES] = {
	{HS_XATTR_TRUSTED, "lma"},	{HS_XATTR_TRUSTED, "link"},
	{HS_XATTR_TRUSTED, "lov"},	{HS_XATTR_TRUSTED, "fid"},
	{HS_XATTR_TRUSTED, "lmv"},	{HS_XATTR_TRUSTED, "som"},
	{HS_XATTR_USER, "a"},		{HS_XATTR_USER, "bb"},
	{HS_XATTR_USER, "ccc"},		{HS_XATTR_USER, "dddd"},
	{HS_XATTR_SECURITY, "selinux"}, {HS_XATTR_SECURITY, "x"},
	{HS_XATTR_TRUSTED, "zz-zz"},	{HS_XATTR_USER, "a-rather-long-name-of-an-attribute"},
};

static uint32_t seed;

static uint32_t draw(uint32_t below)
{
	seed = seed * 1664525u + 1013904223u;
	return (seed >> 8) % below;
}

static void compare(const struct hs_edit *e, uint32_t ino, const struct model *m)
{
	const struct hs_fs *fs = hs_edit_fs(e);
	struct hs_xattr_set set;
	struct hs_inode in;
	uint8_t raw[4096];
	unsigned n = 0;

	assert_int_equal(hs_inode_read(fs, ino, raw, &in), 0);
	assert_false(in.csum_bad);
	assert_int_equal(hs_xattr_set_init(&set, fs), 0);
	assert_int_equal(hs_xattr_load(fs, &in, true, &set), 0);
	assert_int_equal(set.flaws, 0);
	for (unsigned i = 0; i < NAMES; i++) {
		const struct hs_xattr *x = NULL;

		n += m->there[i];
		for (unsigned k = 0; k < set.n && !x; k++)
			if (set.v[k].index == attrs[i].index &&
			    set.v[k].name_len == strlen(attrs[i].name) &&
			    !memcmp(set.v[k].name, attrs[i].name, set.v[k].name_len))
				x = &set.v[k];
		assert_int_equal(x != NULL, m->there[i]);
		if (!x)
			continue;
		assert_int_equal(x->value_len, m->len[i]);
		if (m->len[i])
			assert_memory_equal(x->value, m->value[i], m->len[i]);
	}
	assert_int_equal(set.n, n);
	hs_xattr_set_free(&set);
}

/* One change at random; what the format has no room for changes nothing. */
static void change(struct hs_edit *e, uint32_t ino, struct model *m, uint32_t largest)
{
	static const uint32_t sizes[] = {0, 8, 24, 60, 200, 500, 1500, 4000, LARGE};
	unsigned i = draw(NAMES);
	size_t len = draw(sizes[draw(sizeof(sizes) / sizeof(sizes[0]))] + 1);
	bool remove = draw(3) == 0;
	uint8_t *value = malloc(len + 1);
	errint_t err;

	if (len > largest)
		len = largest;
	for (size_t k = 0; k < len; k++)
		value[k] = (uint8_t)draw(256);
	hs_edit_begin(e);
	err = hs_edit_set_xattr(e, ino, attrs[i].index, attrs[i].name, remove ? NULL : value, len);
	if (err)
		hs_edit_cancel(e);
	else
		hs_edit_end(e);
	if (remove) {
		assert_int_equal(err, m->there[i] ? 0 : -ENOENT);
		m->there[i] = false;
		free(value);
	} else if (!err) {
		free(m->value[i]);
		m->there[i] = true;
		m->value[i] = value;
		m->len[i] = len;
	} else {
		if (err != -ENOSPC)
			fail_msg("%s", hs_edit_why(e));
		free(value);
	}
	compare(e, ino, m);
}

static void changes_at_random(struct rig *r)
{
	for (seed = 1; seed < 4; seed++) {
		struct model m[2] = {0};
		struct hs_edit *e = rig_open(r);
		uint32_t ino[2] = {rig_ino(e, "f"), rig_ino(e, "d")};
		uint32_t largest = seed == 2 ? 300 : LARGE, start = seed;

		rig_ok(e, (hs_edit_begin(e), hs_edit_set_owner(e, ino[0], 55, 66, 0)));
		hs_edit_end(e);
		for (unsigned round = 0; round < 6; round++) {
			for (unsigned i = 0; i < 50; i++) {
				unsigned k = draw(2);

				change(e, ino[k], &m[k], largest);
			}
			rig_ok(e, hs_edit_commit(e));
			rig_fsck(r);
			rig_kernel(r);
		}
		/* the owner takes all with him */
		hs_edit_begin(e);
		rig_ok(e, hs_edit_set_owner(e, ino[0], 56, 67, 0));
		hs_edit_end(e);
		rig_ok(e, hs_edit_commit(e));
		rig_fsck(r);
		hs_edit_begin(e);
		rig_ok(e, hs_edit_remove(e, 2, "f", 1, 0));
		rig_ok(e, hs_edit_free_inode(e, ino[0]));
		hs_edit_end(e);
		rig_ok(e, hs_edit_commit(e));
		assert_int_equal(hs_edit_close(e), 0);
		rig_fsck(r);
		rig_scan(r);
		rig_undo(r);
		for (unsigned i = 0; i < NAMES; i++) {
			free(m[0].value[i]);
			free(m[1].value[i]);
		}
		seed = start;
	}
}

/* Two inodes with one attribute block: a change of one is none of the other. */
static void blocks_are_shared(struct rig *r)
{
	uint8_t value[900], large[5000];
	struct model m[2] = {0};
	struct hs_edit *e = rig_open(r);
	bool ea = strstr(r->kind, "ea_inode") && !strstr(r->kind, "^ea_inode");
	uint32_t f = rig_ino(e, "f"), g = rig_ino(e, "g");

	memset(value, 'w', sizeof(value));
	memset(large, 'l', sizeof(large));
	hs_edit_begin(e);
	/* fills the inode's own area, then the block */
	rig_ok(e, hs_edit_set_xattr(e, f, HS_XATTR_USER, "a", value, 200));
	rig_ok(e, hs_edit_set_xattr(e, f, HS_XATTR_USER, "bb", value, 700));
	if (ea)
		rig_ok(e, hs_edit_set_xattr(e, f, HS_XATTR_USER, "ccc", large, sizeof(large)));
	hs_edit_end(e);
	rig_ok(e, hs_edit_commit(e));
	hs_edit_close(e);
	assert_int_equal(
		rig_run(r, "acl=$(debugfs -R 'stat f' img 2>/dev/null | sed -n 's/.*File ACL: "
			   "\\([0-9]*\\).*/\\1/p'); [ $acl -gt 0 ]; "
			   "debugfs -w -R \"sif g file_acl $acl\" img 2>/dev/null; "
			   "e2fsck -fy img >log 2>&1 || [ $? -le 1 ]; e2fsck -fn img >>log 2>&1; "
			   "cp --sparse=always img copy; rm -f t.*"),
		0);
	e = rig_open(r);
	for (unsigned k = 0; k < 2; k++) {
		m[k].there[7] = true;
		m[k].value[7] = value;
		m[k].len[7] = 700;
		if (ea) {
			/* whether its entry lies in the inode or the block */
			struct hs_xattr_set set;
			struct hs_inode in;
			uint8_t raw[4096];

			assert_int_equal(hs_inode_read(hs_edit_fs(e), k ? g : f, raw, &in), 0);
			assert_int_equal(hs_xattr_set_init(&set, hs_edit_fs(e)), 0);
			assert_int_equal(hs_xattr_load(hs_edit_fs(e), &in, true, &set), 0);
			m[k].there[8] = set.n == (k ? 2 : 3);
			m[k].value[8] = large;
			m[k].len[8] = sizeof(large);
			hs_xattr_set_free(&set);
		}
	}
	m[0].there[6] = true;
	m[0].value[6] = value;
	m[0].len[6] = 200;
	compare(e, f, &m[0]);
	compare(e, g, &m[1]);
	hs_edit_begin(e);
	rig_ok(e, hs_edit_set_xattr(e, g, HS_XATTR_USER, "bb", large, 680));
	m[1].value[7] = large;
	m[1].len[7] = 680;
	hs_edit_end(e);
	rig_ok(e, hs_edit_commit(e));
	compare(e, f, &m[0]);
	compare(e, g, &m[1]);
	rig_fsck(r);
	hs_edit_begin(e);
	rig_ok(e, hs_edit_set_xattr(e, f, HS_XATTR_USER, "bb", NULL, 0));
	m[0].there[7] = false;
	hs_edit_end(e);
	rig_ok(e, hs_edit_commit(e));
	compare(e, f, &m[0]);
	compare(e, g, &m[1]);
	rig_fsck(r);
	hs_edit_begin(e);
	rig_ok(e, hs_edit_remove(e, 2, "g", 1, 0));
	rig_ok(e, hs_edit_free_inode(e, g));
	hs_edit_end(e);
	rig_ok(e, hs_edit_commit(e));
	compare(e, f, &m[0]);
	assert_int_equal(hs_edit_close(e), 0);
	rig_fsck(r);
}

/* A value that leads out of its area is dropped, the others stay. */
static void damage_is_mended(struct rig *r)
{
	struct hs_edit *e = rig_open(r);
	uint32_t f = rig_ino(e, "f");
	struct hs_xattr_set set;
	struct hs_inode in;
	uint8_t raw[4096];
	size_t at;

	hs_edit_begin(e);
	rig_ok(e, hs_edit_set_trusted(e, f, "lma", "012345678901234567890123", 24));
	rig_ok(e, hs_edit_set_trusted(e, f, "link", "0123456789", 10));
	rig_ok(e, hs_edit_set_trusted(e, f, "fid", "abcdefghijklmnop", 16));
	hs_edit_end(e);
	/* a length beyond the inode; its own checksum is right */
	assert_int_equal(hs_inode_read(hs_edit_fs(e), f, raw, &in), 0);
	for (at = 128; memcmp(raw + at, "link", 4); at++)
		;
	hs_put_le32(raw + at - 16 + 8, 400);
	assert_int_equal(hs_edit_store_inode(e, f, raw), 0);
	assert_int_equal(hs_edit_set_trusted(e, f, "lma", "x", 1), -EUCLEAN);
	assert_non_null(strstr(hs_edit_why(e), "damaged"));
	hs_edit_begin(e);
	rig_ok(e, hs_edit_mend_xattrs(e, f));
	rig_ok(e, hs_edit_set_trusted(e, f, "som", "x", 1));
	hs_edit_end(e);
	assert_int_equal(hs_xattr_set_init(&set, hs_edit_fs(e)), 0);
	assert_int_equal(hs_inode_read(hs_edit_fs(e), f, raw, &in), 0);
	assert_int_equal(hs_xattr_load(hs_edit_fs(e), &in, true, &set), 0);
	assert_int_equal(set.flaws, 0);
	assert_int_equal(set.n, 3);
	assert_null(hs_xattr_trusted(&set, "link"));
	assert_memory_equal(hs_xattr_trusted(&set, "fid")->value, "abcdefghijklmnop", 16);
	hs_xattr_set_free(&set);
	rig_ok(e, hs_edit_commit(e));
	assert_int_equal(hs_edit_close(e), 0);
	rig_fsck(r);
}

static void random_on_each(void **state)
{
	(void)state;
	rig_each(changes_at_random);
}

static void shared_on_each(void **state)
{
	(void)state;
	rig_each(blocks_are_shared);
}

static void mend_on_each(void **state)
{
	(void)state;
	rig_each(damage_is_mended);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_on_each),
		cmocka_unit_test(shared_on_each),
		cmocka_unit_test(mend_on_each),
	};
	struct rig r;

	if (!rig_make(&r, rig_kinds[0], 4096, "40M")) {
		fprintf(stderr, "skipped: mke2fs or e2fsck failed, see %s/log\n", r.dir);
		return 77;
	}
	rig_remove(&r);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
