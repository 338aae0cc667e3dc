/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Repair items in run.db: they come back as they were, by phase and number, with their finding;
 * states are kept; items without edits can be taken back.
 */
#include "run/repair.h"
#include "run_new.h"

static const struct hs_run_step fact = {
	.kind = "no-entry", .target = "MDT0000", .ino = 12, .name = "a\0b", .name_len = 3};
static const struct hs_run_step edits[] = {
	{.kind = "entry-insert",
	 .target = "MDT0000",
	 .ino = 12,
	 .name = "a\0b",
	 .name_len = 3,
	 .value = "\1\2\0\3",
	 .value_len = 4},
	{.kind = "inode-free", .target = "OST0001", .made = 7},
};

struct seen {
	int64_t ids[8];
	enum hs_item_state states[8];
	unsigned n;
};

static errint_t look(const struct hs_run_item_read *row, void *arg)
{
	struct seen *seen = arg;

	if (row->item.id == 2) {
		assert_string_equal(row->rule, "NS-27");
		assert_int_equal(row->path_len, 2);
		assert_string_equal(row->item.gate, "-C");
		assert_int_equal(row->item.n_needs, 1);
		assert_int_equal(row->item.needs[0], 1);
		assert_int_equal(row->item.n_expects, 1);
		assert_int_equal(row->item.expects[0].name_len, 3);
		assert_memory_equal(row->item.expects[0].name, "a\0b", 3);
		assert_int_equal(row->item.expects[0].value_len, 0);
		assert_int_equal(row->item.n_edits, 3);
		assert_string_equal(row->item.edits[0].kind, "entry-insert");
		assert_int_equal(row->item.edits[0].value_len, 4);
		assert_memory_equal(row->item.edits[0].value, "\1\2\0\3", 4);
		assert_int_equal(row->item.edits[1].made, 7);
		assert_string_equal(row->item.edits[2].target, "MDT0000");
	}
	seen->ids[seen->n] = row->item.id;
	seen->states[seen->n++] = row->state;
	return 0;
}

static int64_t add(struct hs_run *run, int64_t finding, int64_t id, int64_t phase, size_t n_edits)
{
	const int64_t before = id - 1;
	const struct hs_run_item item = {
		.id = id,
		.finding = finding,
		.phase = phase,
		.gate = id == 2 ? "-C" : NULL,
		.needs = &before,
		.n_needs = id == 2,
		.expects = &fact,
		.n_expects = 1,
		.edits = edits,
		.n_edits = n_edits,
	};

	assert_int_equal(hs_run_add_item(run, &item), 0);
	return id;
}

static void items_come_back(void **state)
{
	struct hs_run *run = run_create(*state);
	struct hs_finding f = HS_FINDING_INIT;
	struct seen seen = {0};
	int64_t finding;

	f.rule = "NS-27";
	hs_finding_set_path(&f, "/x", 2);
	assert_int_equal(hs_run_add_finding_id(run, &f, &finding), 0);
	add(run, finding, 1, 2, 1);
	add(run, finding, 2, 1, 2);
	add(run, finding, 3, 1, 0);
	assert_int_equal(hs_run_add_edit(run, 2, 2, &edits[0]), 0);
	assert_int_equal(hs_run_trim_items(run), 0);
	assert_int_equal(hs_run_set_item_state(run, 1, HS_ITEM_SKIPPED, "a fact has changed"), 0);
	assert_int_equal(hs_run_finish(run, HS_RUN_COMPLETED, 4), 0);
	hs_run_close(run);
	hs_finding_free(&f);

	run = run_reopen(*state, HS_RUN_READ);
	assert_int_equal(hs_run_each_item(run, look, &seen), 0);
	assert_int_equal(seen.n, 2);
	assert_int_equal(seen.ids[0], 2); /* phase 1 first */
	assert_int_equal(seen.ids[1], 1);
	assert_int_equal(seen.states[0], HS_ITEM_PLANNED);
	assert_int_equal(seen.states[1], HS_ITEM_SKIPPED);
	assert_int_equal(hs_run_set_item_state(run, 1, HS_ITEM_DONE, NULL), -EROFS);
	hs_run_close(run);
}

static errint_t stop(const struct hs_run_item_read *row, void *arg)
{
	(void)row;
	++*(int *)arg;
	return -ECANCELED;
}

static void a_callback_ends_the_reading(void **state)
{
	struct hs_run *run = run_create(*state);
	int n = 0;

	add(run, 1, 1, 1, 1);
	add(run, 1, 2, 1, 2);
	assert_int_equal(hs_run_each_item(run, stop, &n), -ECANCELED);
	assert_int_equal(n, 1);
	hs_run_close(run);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_dir(items_come_back),
		in_dir(a_callback_ends_the_reading),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
