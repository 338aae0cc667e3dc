/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading the used parts of a device: what is asked for, what is made of errors, where it goes on.
 */
#include "cm.h"

#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "io/device.h"
#include "io/fault.h"
#include "media/direct.h"
#include "media/scan.h"

#define KIB UINT64_C(1024)
#define MIB (KIB * 1024)

/* ---- a map from a list ---- */

struct list {
	struct hs_media_map map; /* first member */
	const struct hs_media_range *r;
	size_t n;
	int fail; /* instead of an answer */
};

static int list_next(struct hs_media_map *map, uint64_t from, struct hs_media_range *out)
{
	struct list *l = (struct list *)map;

	if (l->fail)
		return l->fail;
	for (size_t i = 0; i < l->n; i++) {
		if (l->r[i].start + l->r[i].len > from) {
			*out = l->r[i];
			return 1;
		}
	}
	return 0;
}

static struct hs_media_source list_source(struct list *l, uint64_t size, uint64_t gap,
					  uint64_t limit)
{
	struct hs_media_source s = {.src.name = "media-data",
				    .map = &l->map,
				    .id = "device 1",
				    .size = size,
				    .gap = gap,
				    .limit = limit,
				    .block = 4096};

	l->map.next = list_next;
	hs_media_source_init(&s);
	return s;
}

static void expect_requests(struct hs_media_source *s, const char *wanted)
{
	struct hs_media_request req;
	char text[1024] = "";
	int rc;

	while ((rc = s->src.ops->next(&s->src, &req)) == 1)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%llu+%llu/%llu ",
			 (unsigned long long)(req.range.start / KIB),
			 (unsigned long long)(req.range.len / KIB),
			 (unsigned long long)(req.used / KIB));
	if (rc < 0)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "err %d", rc);
	assert_string_equal(text, wanted);
}

#define RANGES(...)                                                                                \
	(const struct hs_media_range[])                                                            \
	{                                                                                          \
		__VA_ARGS__                                                                        \
	}

static void test_merging(void **state)
{
	const struct {
		const struct hs_media_range *r;
		size_t n;
		uint64_t gap, limit;
		const char *wanted; /* start+length/used, KiB */
	} cases[] = {
		{RANGES({0, 8 * KIB}, {8 * KIB, 8 * KIB}), 2, 0, 64 * KIB, "0+16/16 "},
		/* a gap of less than the limit is read along, one of the limit is not */
		{RANGES({0, 4 * KIB}, {64 * KIB, 4 * KIB}), 2, 64 * KIB, MIB, "0+68/8 "},
		{RANGES({0, 4 * KIB}, {68 * KIB, 4 * KIB}), 2, 64 * KIB, MIB, "0+4/4 68+4/4 "},
		{RANGES({0, 4 * KIB}, {8 * KIB, 4 * KIB}), 2, 0, MIB, "0+4/4 8+4/4 "},
		/* no request is larger than the limit, wherever the extents lie */
		{RANGES({0, 100 * KIB}), 1, 0, 32 * KIB, "0+32/32 32+32/32 64+32/32 96+4/4 "},
		{RANGES({0, 4 * KIB}, {24 * KIB, 40 * KIB}), 2, 64 * KIB, 32 * KIB,
		 "0+32/12 32+32/32 "},
		{RANGES({0, 4 * KIB}, {40 * KIB, 4 * KIB}), 2, 64 * KIB, 32 * KIB, "0+4/4 40+4/4 "},
		/* shared and nested extents are read once */
		{RANGES({0, 32 * KIB}, {0, 32 * KIB}, {8 * KIB, 8 * KIB}, {16 * KIB, 32 * KIB}), 4,
		 0, MIB, "0+48/48 "},
		/* whole blocks */
		{RANGES({5000, 100}, {9000, 8000}), 2, 0, MIB, "4+16/16 "},
		/* the end of the device */
		{RANGES({1020 * KIB, 8 * KIB}, {2 * MIB, 4 * KIB}), 2, 0, MIB, "1020+4/4 "},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct list l = {.r = cases[i].r, .n = cases[i].n};
		struct hs_media_source s = list_source(&l, MIB, cases[i].gap, cases[i].limit);

		expect_requests(&s, cases[i].wanted);
		assert_int_equal(s.cut, i == sizeof(cases) / sizeof(cases[0]) - 1);
	}
}

static void test_hostile_map(void **state)
{
	struct list l = {.r = RANGES({8 * KIB, 0}), .n = 1};
	struct hs_media_source s = list_source(&l, MIB, 0, MIB);

	(void)state;
	expect_requests(&s, "err -71");
	l = (struct list){.r = RANGES({UINT64_MAX - 100, 99}), .n = 1};
	s = list_source(&l, MIB, 0, MIB);
	expect_requests(&s, "");
	assert_true(s.cut);
	l.fail = -EUCLEAN;
	s = list_source(&l, MIB, 0, MIB);
	expect_requests(&s, "err -117");
}

/* A map that answers with what lies before the place it was asked for. */
static int stuck_next(struct hs_media_map *map, uint64_t from, struct hs_media_range *out)
{
	(void)map;
	(void)from;
	*out = (struct hs_media_range){0, 4096};
	return 1;
}

static void test_stuck_map(void **state)
{
	struct list l = {0};
	struct hs_media_source s = list_source(&l, MIB, 0, MIB);

	(void)state;
	l.map.next = stuck_next;
	expect_requests(&s, "err -71");
}

static void test_position(void **state)
{
	const struct hs_media_range r[] = {{0, 100 * KIB}, {104 * KIB, 4 * KIB}, {MIB, 40 * KIB}};
	struct list l = {.r = r, .n = 3};
	struct hs_media_source whole = list_source(&l, 4 * MIB, 64 * KIB, 32 * KIB);
	struct hs_media_request a, b;
	struct hs_position pos;

	(void)state;
	for (;;) {
		struct hs_media_source rest = list_source(&l, 4 * MIB, 64 * KIB, 32 * KIB);
		struct hs_media_source probe = whole;
		int left;

		whole.src.ops->tell(&whole.src, &pos);
		assert_int_equal(rest.src.ops->seek(&rest.src, &pos), 0);
		while ((left = probe.src.ops->next(&probe.src, &a)) == 1) {
			assert_int_equal(rest.src.ops->next(&rest.src, &b), 1);
			assert_memory_equal(&a, &b, sizeof(a));
			assert_int_equal(probe.done, rest.done);
		}
		assert_int_equal(rest.src.ops->next(&rest.src, &b), 0);
		if (whole.src.ops->next(&whole.src, &a) == 0)
			break;
	}
	assert_int_equal(whole.done, 144 * KIB);
	/* of another device, or no position at all */
	memcpy(whole.id, "device 2", 8);
	assert_int_equal(whole.src.ops->seek(&whole.src, &pos), -EINVAL);
	memcpy(whole.id, "device 1", 8);
	pos.cookie[HS_MEDIA_ID_SIZE] = 1;
	assert_int_equal(whole.src.ops->seek(&whole.src, &pos), -EINVAL);
}

/* ---- bad ranges ---- */

static void test_bad_ranges(void **state)
{
	enum { SPACE = 400 };
	uint8_t model[SPACE + 2];
	struct hs_media_range *r;
	struct hs_media_bad bad;
	size_t n;

	(void)state;
	srand(7);
	for (unsigned round = 0; round < 200; round++) {
		size_t at = 0;

		memset(model, 0, sizeof(model));
		assert_int_equal(hs_media_bad_init(&bad), 0);
		for (int i = rand() % 60; i > 0; i--) {
			unsigned start = (unsigned)rand() % (SPACE - 20);
			unsigned len = 1 + (unsigned)rand() % 20;

			memset(model + start, 1, len);
			assert_int_equal(hs_media_bad_add(&bad, start, len), 0);
		}
		n = hs_media_bad_take(&bad, &r);
		for (size_t i = 0; i < n; i++) {
			for (; at < r[i].start; at++)
				assert_int_equal(model[at], 0);
			for (; at < r[i].start + r[i].len; at++)
				assert_int_equal(model[at], 1);
			assert_int_equal(model[at], 0); /* neighbours are one range */
		}
		for (; at < SPACE; at++)
			assert_int_equal(model[at], 0);
		free(r);
		assert_int_equal(hs_media_bad_take(&bad, &r), 0);
		assert_null(r);
		hs_media_bad_free(&bad);
	}
	assert_int_equal(hs_media_bad_init(&bad), 0);
	assert_int_equal(hs_media_bad_add(&bad, 5, 0), -EINVAL);
	assert_int_equal(hs_media_bad_add(&bad, UINT64_MAX, 2), -EINVAL);
	hs_media_bad_free(&bad);
}

/* ---- scans of a file with planted faults ---- */

struct rig {
	struct hs_io *io; /* statistics over faults over a file */
	struct hs_io *faults;
	struct hs_media_reader *reader;
	struct hs_media_bad bad;
	struct hs_media_source source;
	struct list list;
	struct hs_stop stop;
	struct hs_media_scan scan;
	_Atomic uint64_t done;
	unsigned checkpoints, finals;
	struct hs_position pos;
};

static errint_t on_checkpoint(void *arg, int final)
{
	struct rig *g = arg;

	g->checkpoints++;
	g->finals += final != 0;
	g->source.src.ops->tell(&g->source.src, &g->pos);
	return 0;
}

static void rig_init(struct rig *g, const struct hs_media_range *r, size_t n, unsigned workers)
{
	char path[] = "/tmp/holystone-media.XXXXXX";
	struct hs_strbuf why = HS_STRBUF_INIT;
	int fd = mkstemp(path);

	memset(g, 0, sizeof(*g));
	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, 16 * MIB), 0);
	close(fd);
	assert_int_equal(hs_device_open(path, HS_DEVICE_READ, &g->io, &why), 0);
	unlink(path);
	assert_int_equal(hs_fault_open(g->io, &g->faults), 0);
	g->io = g->faults;
	g->list = (struct list){.r = r, .n = n};
	g->source = list_source(&g->list, 16 * MIB, 64 * KIB, MIB);
	assert_int_equal(hs_media_bad_init(&g->bad), 0);
	assert_int_equal(hs_media_direct_new(g->io, workers, MIB, &g->reader), 0);
	g->scan = (struct hs_media_scan){.reader = g->reader,
					 .source = &g->source,
					 .bad = &g->bad,
					 .stop = &g->stop,
					 .done = &g->done,
					 .workers = workers,
					 .checkpoint = on_checkpoint,
					 .arg = g};
}

static void rig_free(struct rig *g)
{
	hs_media_direct_free(g->reader);
	hs_media_bad_free(&g->bad);
	hs_io_close(g->io);
}

static void expect_bad(struct rig *g, const struct hs_media_range *wanted, size_t n)
{
	struct hs_media_range *r;
	size_t got = hs_media_bad_take(&g->bad, &r);

	assert_int_equal(got, n);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(r[i].start, wanted[i].start);
		assert_int_equal(r[i].len, wanted[i].len);
	}
	free(r);
}

static const struct hs_media_range used[] = {{0, 3 * MIB}, {4 * MIB, 40 * KIB}, {8 * MIB, 8 * MIB}};

static void test_clean(void **state)
{
	struct rig g;

	(void)state;
	rig_init(&g, used, 3, 4);
	/* what is not used is not read */
	assert_int_equal(hs_fault_add(g.faults, 5 * MIB, 3 * MIB, -EIO), 0);
	assert_int_equal(hs_media_scan_run(&g.scan), 0);
	expect_bad(&g, NULL, 0);
	assert_int_equal(g.done, 11 * MIB + 40 * KIB);
	assert_int_equal(g.finals, 1);
	rig_free(&g);
}

static void test_narrowing(void **state)
{
	struct rig g;

	(void)state;
	for (unsigned workers = 1; workers <= 4; workers += 3) {
		rig_init(&g, used, 3, workers);
		/* one sector; the last and the first block of two requests; a run over three */
		hs_fault_add(g.faults, 5 * 512, 512, -EIO);
		hs_fault_add(g.faults, MIB - 512, 1024, -EILSEQ);
		hs_fault_add(g.faults, 9 * MIB + 4096, 2 * MIB, -EIO);
		hs_fault_add(g.faults, 16 * MIB - 512, 512, -EREMOTEIO);
		assert_int_equal(hs_media_scan_run(&g.scan), 0);
		expect_bad(&g,
			   RANGES({0, 4096}, {MIB - 4096, 8192}, {9 * MIB + 4096, 2 * MIB},
				  {16 * MIB - 4096, 4096}),
			   4);
		assert_int_equal(g.done, 11 * MIB + 40 * KIB);
		rig_free(&g);
	}
}

/* Only the medium's own errors count as lost; others end the scan, aloud. */
static void test_other_errors(void **state)
{
	struct rig g;

	(void)state;
	rig_init(&g, used, 3, 2);
	hs_fault_add(g.faults, 8 * MIB, 512, -ENXIO);
	assert_int_equal(hs_media_scan_run(&g.scan), -ENXIO);
	expect_bad(&g, NULL, 0);
	assert_int_equal(g.finals, 0);
	rig_free(&g);
	rig_init(&g, used, 3, 2);
	g.list.fail = -EUCLEAN;
	assert_int_equal(hs_media_scan_run(&g.scan), -EUCLEAN);
	rig_free(&g);
}

/* ---- a reader that says how far it came, as the kernel's verifier does ---- */

struct tape {
	struct hs_media_reader r; /* first member */
	const struct hs_media_range *bad;
	size_t n_bad;
	uint64_t piece;	  /* read in pieces of this size */
	uint64_t singles; /* reads of one block */
	uint64_t reads;
	uint64_t lie; /* added to *good */
};

static errint_t tape_verify(struct hs_media_reader *r, unsigned worker, uint64_t off, uint64_t len,
			    uint64_t *good)
{
	struct tape *t = (struct tape *)r;

	(void)worker;
	t->reads++;
	t->singles += len == 4096;
	for (*good = 0; *good < len; *good += t->piece) {
		uint64_t at = off + *good, n = len - *good < t->piece ? len - *good : t->piece;

		for (size_t i = 0; i < t->n_bad; i++) {
			if (at < t->bad[i].start + t->bad[i].len && t->bad[i].start < at + n) {
				*good += t->lie;
				return -EIO;
			}
		}
	}
	return 0;
}

static void test_prefix(void **state)
{
	struct tape t = {.r = {tape_verify, 256 * KIB},
			 .bad = RANGES({600 * KIB, 4 * KIB}, {900 * KIB, 8 * KIB}),
			 .n_bad = 2,
			 .piece = 256 * KIB};
	struct rig g;

	(void)state;
	rig_init(&g, RANGES({0, MIB}), 1, 1);
	g.scan.reader = &t.r;
	assert_int_equal(hs_media_scan_run(&g.scan), 0);
	expect_bad(&g, t.bad, 2);
	/* of the two pieces that failed, block by block; the rest in one piece */
	assert_int_equal(t.singles, 2 * 64);
	assert_int_equal(t.reads, t.singles + 2);
	rig_free(&g);
	/* one that says it read everything, and fails */
	rig_init(&g, RANGES({0, 64 * KIB}), 1, 1);
	t.lie = 64 * KIB;
	t.bad = RANGES({0, 4096});
	g.scan.reader = &t.r;
	assert_int_equal(hs_media_scan_run(&g.scan), -EPROTO);
	t.lie = MIB;
	g.source = list_source(&g.list, 16 * MIB, 64 * KIB, MIB);
	assert_int_equal(hs_media_scan_run(&g.scan), -EPROTO);
	rig_free(&g);
}

/* ---- stop and go on ---- */

struct stopper {
	struct hs_media_reader r; /* first member */
	struct hs_media_reader *below;
	struct hs_stop *stop;
	uint64_t left; /* reads until the stop */
};

static errint_t stopper_verify(struct hs_media_reader *r, unsigned worker, uint64_t off,
			       uint64_t len, uint64_t *good)
{
	struct stopper *s = (struct stopper *)r;

	if (s->left-- == 1)
		atomic_store(&s->stop->requested, 1);
	return s->below->verify(s->below, worker, off, len, good);
}

static void test_stop_and_resume(void **state)
{
	const struct hs_media_range lost[] = {{2 * MIB, 4096}, {10 * MIB + 8192, 4096}};
	struct hs_position pos;

	(void)state;
	for (unsigned after = 1; after <= 12; after++) {
		struct hs_media_bad all;
		uint64_t done = 0;
		errint_t rc;
		unsigned rounds = 0;

		hs_media_bad_init(&all);
		memset(&pos, 0, sizeof(pos));
		do {
			struct hs_media_range *r;
			struct stopper s = {.r = {stopper_verify, MIB}, .left = after};
			struct rig g;
			size_t n;

			rig_init(&g, used, 3, 1);
			s.below = g.reader;
			s.stop = &g.stop;
			g.scan.reader = &s.r;
			hs_fault_add(g.faults, lost[0].start, 512, -EIO);
			hs_fault_add(g.faults, lost[1].start + 512, 512, -EIO);
			if (rounds)
				assert_int_equal(g.source.src.ops->seek(&g.source.src, &pos), 0);
			rc = hs_media_scan_run(&g.scan);
			assert_true(rc == 0 || rc == -ECANCELED);
			if (g.checkpoints)
				pos = g.pos;
			n = hs_media_bad_take(&g.bad, &r);
			for (size_t i = 0; i < n; i++)
				hs_media_bad_add(&all, r[i].start, r[i].len);
			free(r);
			done = g.source.done;
			rig_free(&g);
			assert_true(++rounds < 100);
			if (rc && !g.checkpoints)
				after += 300; /* stopped while narrowing: it comes back here */
		} while (rc);
		assert_int_equal(done, 11 * MIB + 40 * KIB);
		{
			struct hs_media_range *r;

			assert_int_equal(hs_media_bad_take(&all, &r), 2);
			assert_memory_equal(r, lost, sizeof(lost));
			free(r);
		}
		hs_media_bad_free(&all);
	}
}

/* ---- bandwidth ---- */

static void test_pace(void **state)
{
	const uint64_t t0 = UINT64_C(5000000000), sec = 1000000000;
	struct hs_pace p;

	(void)state;
	assert_int_equal(hs_pace_init(&p, 1000, t0), 0);
	assert_int_equal(hs_pace_book(&p, 500, t0), 0);
	assert_int_equal(hs_pace_book(&p, 1000, t0), sec / 2);
	assert_int_equal(hs_pace_book(&p, 1, t0), 3 * sec / 2);
	assert_int_equal(hs_pace_book(&p, 1, t0 + sec), sec / 2 + sec / 1000);
	/* what was not used for long is gone, but for a tenth of a second's */
	assert_int_equal(hs_pace_book(&p, 100, t0 + 100 * sec), 0);
	assert_int_equal(hs_pace_book(&p, 100, t0 + 100 * sec), 0);
	assert_int_equal(hs_pace_book(&p, 100, t0 + 100 * sec), sec / 10);
	hs_pace_destroy(&p);
	assert_int_equal(hs_pace_init(&p, 0, t0), 0);
	assert_int_equal(hs_pace_book(&p, UINT64_MAX, t0), 0);
	hs_pace_destroy(&p);
	/* nothing overflows */
	assert_int_equal(hs_pace_init(&p, UINT64_MAX, t0), 0);
	assert_int_equal(hs_pace_book(&p, UINT64_MAX / 2, t0), 0);
	assert_in_range(hs_pace_book(&p, 1, t0), sec / 2 - 10, sec / 2 + 10);
	hs_pace_destroy(&p);
}

static void test_bandwidth(void **state)
{
	struct hs_pace pace;
	uint64_t began;
	struct rig g;

	(void)state;
	for (unsigned workers = 1; workers <= 3; workers += 2) {
		rig_init(&g, RANGES({0, 4 * MIB}), 1, workers);
		began = hs_now_ns();
		assert_int_equal(hs_pace_init(&pace, 8 * MIB, began), 0);
		g.scan.pace = &pace;
		g.source.limit = 256 * KIB;
		assert_int_equal(hs_media_scan_run(&g.scan), 0);
		/* half a second less the last request, which nobody waits for */
		assert_true(hs_now_ns() - began >= 450000000);
		hs_pace_destroy(&pace);
		rig_free(&g);
	}
	/* a stop does not wait for the end of it */
	rig_init(&g, RANGES({0, 16 * MIB}), 1, 1);
	began = hs_now_ns();
	assert_int_equal(hs_pace_init(&pace, 64 * KIB, began), 0);
	g.scan.pace = &pace;
	struct stopper s = {
		.r = {stopper_verify, MIB}, .below = g.reader, .stop = &g.stop, .left = 1};
	g.scan.reader = &s.r;
	assert_int_equal(hs_media_scan_run(&g.scan), -ECANCELED);
	assert_true(hs_now_ns() - began < UINT64_C(5000000000));
	assert_int_equal(g.checkpoints, 1);
	hs_pace_destroy(&pace);
	rig_free(&g);
}

/* Past the page cache: only where the file system of the test can. */
static void test_direct(void **state)
{
	char path[] = "holystone-media.XXXXXX";
	struct hs_strbuf why = HS_STRBUF_INIT;
	struct hs_media_reader *reader;
	uint64_t good;
	struct hs_io *io;
	int fd = mkstemp(path);
	errint_t rc;

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, 4 * MIB), 0);
	close(fd);
	rc = hs_device_open(path, HS_DEVICE_DIRECT, &io, &why);
	unlink(path);
	if (rc) {
		assert_int_equal(rc, -EINVAL);
		assert_non_null(strstr(hs_strbuf_str(&why), "past the page cache"));
		hs_strbuf_free(&why);
		skip();
	}
	assert_int_equal(hs_media_direct_new(io, 1, MIB, &reader), 0);
	assert_int_equal(reader->verify(reader, 0, MIB, MIB, &good), 0);
	assert_int_equal(reader->verify(reader, 0, 4096, 4096, &good), 0);
	assert_int_equal(reader->verify(reader, 1, 0, 4096, &good), -EINVAL);
	assert_int_equal(reader->verify(reader, 0, 0, 2 * MIB, &good), -EINVAL);
	hs_media_direct_free(reader);
	hs_io_close(io);
	hs_strbuf_free(&why);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_merging),	   cmocka_unit_test(test_hostile_map),
		cmocka_unit_test(test_stuck_map),  cmocka_unit_test(test_position),
		cmocka_unit_test(test_bad_ranges), cmocka_unit_test(test_clean),
		cmocka_unit_test(test_narrowing),  cmocka_unit_test(test_other_errors),
		cmocka_unit_test(test_prefix),	   cmocka_unit_test(test_stop_and_resume),
		cmocka_unit_test(test_pace),	   cmocka_unit_test(test_bandwidth),
		cmocka_unit_test(test_direct),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
