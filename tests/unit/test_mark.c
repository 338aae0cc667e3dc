/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Marks: one order whoever made them, limits, and counts that stay whole. */
#include "cm.h"

#include "lfsck/mark.h"

static const struct {
	uint64_t seq;
	enum hs_mark_code code;
	struct hs_prov prov;
	uint64_t a;
	const char *name;
} marks[] = {
	/* in the order that sorting must give */
	{0, HS_M_INODE_UNREAD, {0, 1, 0}, 0, NULL}, {0, HS_M_INODE_UNREAD, {1, 1, 0}, 0, NULL},
	{1, HS_M_LMA_NONE, {0, 1, 0}, 0, NULL},	    {1, HS_M_ENTRY_DUP, {0, 1, 0}, 0, "a"},
	{1, HS_M_ENTRY_DUP, {0, 1, 0}, 0, "ab"},    {1, HS_M_ENTRY_DUP, {0, 1, 0}, 0, "b"},
	{1, HS_M_ENTRY_DUP, {0, 1, 0}, 1, "a"},	    {1, HS_M_ENTRY_DUP, {0, 1, 2}, 0, "a"},
	{1, HS_M_ENTRY_DUP, {0, 2, 0}, 0, "a"},	    {2, HS_M_INODE_UNREAD, {0, 1, 0}, 0, NULL},
};
#define N (sizeof(marks) / sizeof(marks[0]))

static void add(struct hs_marks *m, size_t i)
{
	const char *name = marks[i].name;

	hs_mark_add(m, marks[i].code, (struct hs_fid){marks[i].seq, 1, 0}, &marks[i].prov,
		    marks[i].a, 0, (const uint8_t *)name, name ? strlen(name) : 0);
}

static void order(void **state)
{
	(void)state;
	for (unsigned way = 0; way < 40; way++) {
		struct hs_marks all = {0}, w[3] = {{0}};

		for (size_t i = 0; i < N; i++)
			add(&w[(i * 5 + way) % 3], (i * 7 + way) % N);
		for (unsigned i = 0; i < 3; i++)
			hs_marks_merge(&all, &w[(i + way) % 3]);
		hs_marks_sort(&all);
		assert_int_equal(all.n, N);
		for (size_t i = 0; i < N; i++) {
			assert_int_equal(all.v[i].fid.seq, marks[i].seq);
			assert_int_equal(all.v[i].code, marks[i].code);
			assert_int_equal(all.v[i].prov.target, marks[i].prov.target);
			assert_int_equal(all.v[i].prov.ino, marks[i].prov.ino);
			assert_int_equal(all.v[i].prov.block, marks[i].prov.block);
			assert_int_equal(all.v[i].a, marks[i].a);
			assert_int_equal(all.v[i].name_len,
					 marks[i].name ? strlen(marks[i].name) : 0);
		}
		assert_int_equal(all.counts[HS_M_ENTRY_DUP], 6);
		hs_marks_free(&all);
	}
}

/* Beyond the limit marks are counted, not kept. */
static void limit(void **state)
{
	struct hs_marks all = {0}, m = {.limit = 4};

	(void)state;
	for (size_t i = 0; i < N; i++)
		add(&m, i);
	assert_int_equal(m.n, 4);
	assert_int_equal(m.dropped, N - 4);
	hs_marks_merge(&all, &m);
	assert_int_equal(all.n, 4);
	assert_int_equal(all.dropped, N - 4);
	assert_int_equal(all.counts[HS_M_ENTRY_DUP], 6);
	assert_int_equal(all.counts[HS_M_INODE_UNREAD], 3);
	hs_marks_free(&all);
}

/* Every code has a name of its own, a rule and a text. */
static void table(void **state)
{
	(void)state;
	for (int i = 0; i < HS_MARK_CODES; i++) {
		const struct hs_mark_info *info = hs_mark_info(i);

		assert_true(*info->name && *info->rule && *info->text);
		for (int k = 0; k < i; k++) {
			assert_string_not_equal(info->name, hs_mark_info(k)->name);
			assert_string_not_equal(info->text, hs_mark_info(k)->text);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(order),
		cmocka_unit_test(limit),
		cmocka_unit_test(table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
