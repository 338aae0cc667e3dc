/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Layouts rebuilt from the parent records of objects: plain, grown by parts, mirrored; and what
 * cannot be rebuilt.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lfsck/plan_parts.h"

#define MIB (1u << 20)

static const struct hs_fid file = {0x200000401, 0x12, 0};
static struct hs_target osts[4];

static struct hs_lov_piece piece(uint32_t oid, unsigned ost, struct hs_parent parent)
{
	osts[ost].id = (struct hs_tgt){HS_OST, ost};
	parent.file = file;
	return (struct hs_lov_piece){
		.object = {0x280000400, oid, 0}, .ost = &osts[ost], .parent = parent};
}

static struct hs_parent stripe(uint32_t index, uint32_t count)
{
	return (struct hs_parent){.stripe_index = index,
				  .has_layout = true,
				  .stripe_size = 4 * MIB,
				  .stripe_count = count,
				  .has_version = true,
				  .layout_version = 3};
}

static struct hs_parent part(uint32_t id, uint64_t start, uint64_t end, uint32_t version)
{
	struct hs_parent p = stripe(0, 1);

	p.comp_id = id;
	p.comp_start = start;
	p.comp_end = end;
	p.layout_version = version;
	p.stripe_size = MIB;
	return p;
}

static uint8_t *rebuild(const struct hs_lov_piece *pieces, size_t n, struct hs_lov *lov)
{
	const char *why = NULL;
	size_t len;
	uint8_t *buf = hs_lov_rebuild(file, pieces, n, &len, &why);

	if (!buf)
		fail_msg("%s", why);
	assert_int_equal(hs_lov_decode(buf, len, lov), 0);
	hs_lov_check(lov, file);
	return buf;
}

static void test_plain(void **state)
{
	const struct hs_lov_piece pieces[] = {
		piece(7, 1, stripe(2, 3)),
		piece(5, 0, stripe(0, 3)),
	};
	struct hs_lov_stripe s;
	struct hs_lov lov;
	uint8_t *buf = rebuild(pieces, 2, &lov);

	(void)state;
	assert_int_equal(lov.flaws, 0);
	assert_false(lov.composite);
	assert_int_equal(lov.comps[0].stripe_count, 3);
	assert_int_equal(lov.comps[0].stripe_size, 4 * MIB);
	assert_int_equal(lov.comps[0].pattern, HS_LOVP_RAID0 | HS_LOVP_HOLE);
	assert_int_equal(lov.gen, 4);
	hs_lov_stripe(&lov, &lov.comps[0], 0, &s);
	assert_int_equal(s.object.oid, 5);
	hs_lov_stripe(&lov, &lov.comps[0], 1, &s);
	assert_true(s.dummy);
	hs_lov_stripe(&lov, &lov.comps[0], 2, &s);
	assert_int_equal(s.object.oid, 7);
	assert_int_equal(s.ost, 1);
	hs_lov_release(&lov);
	free(buf);
}

/* A record of before 2.10 tells file and index only. */
static void test_short(void **state)
{
	const struct hs_lov_piece one = piece(7, 1, (struct hs_parent){.stripe_index = 0});
	const struct hs_lov_piece two[] = {
		piece(7, 1, (struct hs_parent){.stripe_index = 0}),
		piece(8, 0, (struct hs_parent){.stripe_index = 1}),
	};
	const char *why = NULL;
	struct hs_lov lov;
	uint8_t *buf = rebuild(&one, 1, &lov);
	size_t len;

	(void)state;
	assert_int_equal(lov.flaws, 0);
	assert_int_equal(lov.comps[0].stripe_count, 1);
	hs_lov_release(&lov);
	free(buf);
	assert_null(hs_lov_rebuild(file, two, 2, &len, &why));
	assert_non_null(strstr(why, "stripe size"));
}

static void test_parts(void **state)
{
	/* the first part lost its object, the last one was never written */
	const struct hs_lov_piece pieces[] = {
		piece(7, 1, part(2, MIB, 4 * MIB, 1)),
		piece(8, 1, part(3, 4 * MIB, 64 * MIB, 2)),
	};
	struct hs_lov lov;
	uint8_t *buf = rebuild(pieces, 2, &lov);

	(void)state;
	assert_int_equal(lov.flaws, 0);
	assert_true(lov.composite);
	assert_int_equal(lov.n_comps, 4);
	assert_int_equal(lov.comps[0].end, MIB);
	assert_int_equal(lov.comps[0].flags, 0);
	assert_int_equal(lov.comps[0].n_records, 0);
	assert_int_equal(lov.comps[1].id, 2);
	assert_int_equal(lov.comps[1].flags, HS_LCF_INIT);
	assert_int_equal(lov.comps[3].start, 64 * MIB);
	assert_true(lov.comps[3].end == UINT64_MAX);
	assert_int_equal(lov.mirrors, 1);
	assert_int_equal(lov.flags, 0);
	hs_lov_release(&lov);
	free(buf);
}

static void test_mirrors(void **state)
{
	struct hs_lov_piece pieces[] = {
		piece(7, 1, part(0x20001, 0, UINT64_MAX, 9)),
		piece(8, 0, part(0x10001, 0, UINT64_MAX, 9)),
	};
	struct hs_lov lov;
	uint8_t *buf = rebuild(pieces, 2, &lov);

	(void)state;
	assert_int_equal(lov.flaws, 0);
	assert_int_equal(lov.mirrors, 2);
	assert_int_equal(lov.flags, 1); /* in sync */
	assert_int_equal(lov.comps[0].id, 0x10001);
	hs_lov_release(&lov);
	free(buf);
	/* the second mirror was written later */
	pieces[0].parent.layout_version = 12;
	buf = rebuild(pieces, 2, &lov);
	assert_int_equal(lov.flaws, 0);
	assert_int_equal(lov.comps[0].flags, HS_LCF_INIT | HS_LCF_STALE);
	assert_int_equal(lov.comps[1].flags, HS_LCF_INIT);
	assert_int_equal(lov.flags, 2); /* write pending */
	hs_lov_release(&lov);
	free(buf);
}

static void refuse(const struct hs_lov_piece *pieces, size_t n, const char *what)
{
	const char *why = NULL;
	size_t len;

	assert_null(hs_lov_rebuild(file, pieces, n, &len, &why));
	assert_non_null(why);
	if (!strstr(why, what))
		fail_msg("%s", why);
}

static void test_refused(void **state)
{
	const struct hs_lov_piece same[] = {piece(7, 1, stripe(0, 2)), piece(8, 0, stripe(0, 2))};
	const struct hs_lov_piece beyond[] = {piece(7, 1, stripe(5, 2))};
	const struct hs_lov_piece differ[] = {piece(7, 1, stripe(0, 2)), piece(8, 0, stripe(1, 3))};
	const struct hs_lov_piece mixed[] = {piece(7, 1, stripe(0, 1)),
					     piece(8, 0, part(2, 0, MIB, 1))};
	const struct hs_lov_piece overlap[] = {piece(7, 1, part(2, 0, 4 * MIB, 1)),
					       piece(8, 0, part(3, MIB, 8 * MIB, 1))};
	struct hs_lov_piece huge = piece(7, 1, stripe(0, 0xffffffff));
	struct hs_lov_piece odd = piece(7, 1, stripe(0, 1));

	(void)state;
	odd.parent.stripe_size = 12345;
	refuse(NULL, 0, "none of its objects");
	refuse(same, 2, "the same stripe");
	refuse(beyond, 1, "stripe count");
	refuse(differ, 2, "different layouts");
	refuse(mixed, 2, "others do not");
	refuse(overlap, 2, "overlap");
	refuse(&huge, 1, "stripe count");
	refuse(&odd, 1, "stripe size");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain),	cmocka_unit_test(test_short),
		cmocka_unit_test(test_parts),	cmocka_unit_test(test_mirrors),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
