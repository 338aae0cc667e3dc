/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The order of repairs and how often they are tried, with objects that say when they can be
 * repaired.
 */
#include <malloc.h>
#include <stdio.h>

#include "cm.h"

#include "base/strbuf.h"
#include "repair/schedule.h"

/* Kind 0: space, three steps that stand alone. Kind 1: a file; d depends on c, e comes later. */
enum { SPACE, FILES };
#define A 1U
#define B 2U
#define C 4U

static const struct hs_repair_step space_steps[] = {{0, 0}, {0, 0}, {0, 0}};
static const struct hs_repair_step file_steps[] = {{0, 1}, {A, 1}, {B, 2}};
static const struct hs_repair_kind kinds[] = {{space_steps, 3}, {file_steps, 3}};

#define OBJECTS 400

struct object {
	uint8_t kind;
	uint16_t wrong;	   /* what a check finds */
	uint16_t doubtful; /* what a check finds doubtful while anything else is wrong */
	unsigned fails[3]; /* attempts that fail before one succeeds; UINT32_MAX: all */
	int waits_for;	   /* object + 1 that must be right before */
	uint16_t never;
	uint16_t then_wrong; /* comes to light when the rest has been repaired; once */
	uint16_t undoes;     /* what a success makes wrong again */
	bool gone;
	unsigned attempts, checks, finished, optimized;
	atomic_int busy; /* in the hands of a worker */
	uint16_t left;
	int reasons[3];
};

struct world {
	struct hs_repair r;
	struct object o[OBJECTS];
	struct hs_strbuf log;
	pthread_mutex_t lock;
	unsigned attempts;
	unsigned stop_after; /* attempts; 0: never */
	errint_t error_at;   /* -errno that the attempt number stop_after returns instead */
	bool quiet;
};

static void note(struct world *w, const char *what, const struct hs_repair_item *item, int step)
{
	if (w->quiet)
		return;
	pthread_mutex_lock(&w->lock);
	hs_strbuf_printf(&w->log, "%s%c%u", w->log.len ? " " : "", item->kind == SPACE ? 's' : 'f',
			 (unsigned)item->id);
	if (step >= 0)
		hs_strbuf_putc(&w->log, (char)('a' + step));
	hs_strbuf_puts(&w->log, what);
	pthread_mutex_unlock(&w->lock);
}

static struct object *enter(struct world *w, const struct hs_repair_item *item)
{
	struct object *o = &w->o[item->id];

	assert_int_equal(item->kind, o->kind);
	assert_int_equal(atomic_fetch_add(&o->busy, 1), 0);
	return o;
}

static int attempt(struct hs_repair_item *item, unsigned step, enum hs_repair_effort effort,
		   int *reason, void *arg)
{
	struct world *w = arg;
	struct object *o = enter(w, item);
	uint16_t bit = (uint16_t)(1U << step);
	int rc = HS_REPAIR_FAILED;
	bool waits;

	note(w, effort == HS_REPAIR_LAST ? "!" : "", item, (int)step);
	pthread_mutex_lock(&w->lock);
	w->attempts++;
	o->attempts++;
	waits = o->waits_for && w->o[o->waits_for - 1].wrong;
	if (w->error_at && w->attempts == w->stop_after) {
		rc = w->error_at;
	} else if (o->gone) {
		item->damaged = item->doubtful = item->better = 0;
		o->wrong = 0;
		rc = HS_REPAIR_FINE;
	} else if (o->never & bit) {
		rc = HS_REPAIR_NEVER;
	} else if (!(o->wrong & bit)) {
		rc = HS_REPAIR_FINE;
	} else if (o->fails[step] || waits) {
		if (o->fails[step] && o->fails[step] != UINT32_MAX)
			o->fails[step]--;
		*reason = 100 + (int)step;
	} else {
		rc = HS_REPAIR_FIXED;
		o->wrong &= (uint16_t)~bit;
		o->wrong |= o->undoes;
		if (!o->wrong) {
			o->wrong = o->then_wrong;
			o->then_wrong = 0;
		}
	}
	pthread_mutex_unlock(&w->lock);
	atomic_fetch_sub(&o->busy, 1);
	return rc;
}

static int optimize(struct hs_repair_item *item, unsigned step, void *arg)
{
	struct object *o = enter(arg, item);

	note(arg, "+", item, (int)step);
	o->optimized++;
	atomic_fetch_sub(&o->busy, 1);
	return HS_REPAIR_FIXED;
}

static errint_t revalidate(struct hs_repair_item *item, enum hs_repair_effort effort, void *arg)
{
	struct world *w = arg;
	struct object *o = enter(w, item);
	bool other = false;

	(void)effort;
	note(w, "?", item, -1);
	pthread_mutex_lock(&w->lock);
	for (size_t i = 0; o->doubtful && i < OBJECTS; i++)
		other = other || (&w->o[i] != o && w->o[i].wrong);
	o->checks++;
	item->damaged = o->wrong;
	item->doubtful = other ? o->doubtful : 0;
	pthread_mutex_unlock(&w->lock);
	atomic_fetch_sub(&o->busy, 1);
	return 0;
}

static errint_t finished(const struct hs_repair_item *item, const int *reasons, void *arg)
{
	struct object *o = enter(arg, item);

	if (item->damaged)
		note(arg, "#", item, -1);
	o->finished++;
	o->left = item->damaged;
	memcpy(o->reasons, reasons, sizeof(o->reasons));
	atomic_fetch_sub(&o->busy, 1);
	return 0;
}

static errint_t ended(void *arg)
{
	struct world *w = arg;

	return !w->error_at && w->stop_after && w->attempts >= w->stop_after ? -ECANCELED : 0;
}

static const struct hs_repair_ops ops = {attempt, optimize, revalidate, finished, ended};

static void world_init(struct world *w, unsigned workers)
{
	memset(w, 0, sizeof(*w));
	pthread_mutex_init(&w->lock, NULL);
	assert_int_equal(hs_repair_init(&w->r, kinds, 3, workers, &ops, w), 0);
}

static void world_free(struct world *w)
{
	hs_repair_free(&w->r);
	hs_strbuf_free(&w->log);
	pthread_mutex_destroy(&w->lock);
}

static struct object *damage(struct world *w, unsigned kind, unsigned id, uint16_t wrong)
{
	struct hs_repair_item item = {.kind = (uint8_t)kind, .id = id, .damaged = wrong};

	w->o[id].kind = (uint8_t)kind;
	w->o[id].wrong = wrong;
	assert_int_equal(hs_repair_add(&w->r, &item), 0);
	return &w->o[id];
}

static void log_is(const struct world *w, const char *want)
{
	assert_string_equal(hs_strbuf_str(&w->log), want);
}

static void run(struct world *w)
{
	assert_int_equal(hs_repair_run(&w->r), 0);
	assert_int_equal(hs_repair_count(&w->r), 0);
}

static void test_nothing(void **state)
{
	struct world w;

	(void)state;
	world_init(&w, 4);
	run(&w);
	log_is(&w, "");
	world_free(&w);
}

/* Space before files, whatever the order of queueing; the object is checked when it is repaired. */
static void test_space_first(void **state)
{
	struct world w;

	(void)state;
	world_init(&w, 1);
	damage(&w, FILES, 1, A);
	damage(&w, SPACE, 2, A | C);
	run(&w);
	log_is(&w, "s2a s2c s2? f1a f1?");
	assert_int_equal(w.o[1].finished, 1);
	assert_int_equal(w.o[1].left, 0);
	world_free(&w);
}

/* One item an object: what was queued twice is worked on once. */
static void test_merged(void **state)
{
	struct world w;

	(void)state;
	world_init(&w, 1);
	damage(&w, SPACE, 1, A);
	damage(&w, SPACE, 1, B);
	w.o[1].wrong = A | B;
	run(&w);
	log_is(&w, "s1a s1b s1?");
	world_free(&w);
}

/* A step waits for those it depends on, also while they fail; the last pass waits for nothing. */
static void test_dependencies(void **state)
{
	struct world w;

	(void)state;
	world_init(&w, 1);
	damage(&w, FILES, 1, A | B | C);
	run(&w);
	log_is(&w, "f1a f1b f1c f1?");
	world_free(&w);

	world_init(&w, 1);
	damage(&w, FILES, 1, A | B)->fails[0] = UINT32_MAX;
	run(&w);
	log_is(&w, "f1a f1a! f1b! f1a! f1#");
	assert_int_equal(w.o[1].left, A);
	assert_int_equal(w.o[1].reasons[0], 100);
	world_free(&w);
}

/* All of stage 1 before anything of stage 2: a child's repair may spare its parent's. */
static void test_stages_across_items(void **state)
{
	struct world w;

	(void)state;
	world_init(&w, 1);
	damage(&w, FILES, 1, C);
	damage(&w, FILES, 2, B);
	run(&w);
	log_is(&w, "f2b f2? f1c f1?");
	world_free(&w);
}

/* The stage is passed over again while it makes progress, before the next stage begins. */
static void test_rounds_within_a_stage(void **state)
{
	struct world w;

	(void)state;
	world_init(&w, 1);
	damage(&w, SPACE, 1, A)->waits_for = 2 + 1;
	damage(&w, SPACE, 2, A)->waits_for = 3 + 1;
	damage(&w, SPACE, 3, A);
	damage(&w, FILES, 4, A);
	run(&w);
	log_is(&w, "s1a s2a s3a s3? s1a s2a s2? s1a s1? f4a f4?");
	world_free(&w);
}

/* Progress among the files starts over with space. */
static void test_starts_over(void **state)
{
	struct world w;

	(void)state;
	world_init(&w, 1);
	damage(&w, SPACE, 1, A)->waits_for = 2 + 1;
	damage(&w, FILES, 2, A);
	damage(&w, FILES, 3, A)->waits_for = 1 + 1;
	run(&w);
	log_is(&w, "s1a f2a f2? f3a s1a s1? f3a f3?");
	world_free(&w);
}

/* Nothing is tried again unless something changed, but once more at the end, with complaint. */
static void test_no_futile_attempts(void **state)
{
	struct world w;

	(void)state;
	world_init(&w, 1);
	damage(&w, SPACE, 1, B)->fails[1] = UINT32_MAX;
	damage(&w, FILES, 2, A)->fails[0] = UINT32_MAX;
	run(&w);
	log_is(&w, "s1b f2a s1b! s1# f2a! f2#");
	assert_int_equal(w.o[1].left, B);
	assert_int_equal(w.o[1].reasons[1], 101);
	assert_int_equal(w.o[1].finished, 1);
	world_free(&w);
}

/* The last attempt can succeed, too: then the object is checked, and nothing is complained about.
 */
static void test_last_attempt_succeeds(void **state)
{
	struct world w;

	(void)state;
	world_init(&w, 1);
	damage(&w, SPACE, 1, A)->fails[0] = 1;
	run(&w);
	log_is(&w, "s1a s1a! s1?");
	assert_int_equal(w.o[1].left, 0);
	world_free(&w);
}

/* What comes to light when the known damage is repaired is repaired, too. */
static void test_check_puts_back(void **state)
{
	struct world w;

	(void)state;
	world_init(&w, 1);
	damage(&w, FILES, 1, A)->then_wrong = B;
	run(&w);
	log_is(&w, "f1a f1? f1b f1?");
	world_free(&w);
}

/* Two repairs that undo each other come to an end. */
static void test_no_endless_loop(void **state)
{
	struct world w;

	(void)state;
	world_init(&w, 2);
	damage(&w, SPACE, 1, A)->undoes = A;
	run(&w);
	assert_int_equal(w.o[1].attempts, HS_REPAIR_AGAIN + 1);
	assert_int_equal(w.o[1].left, A);
	assert_int_equal(w.o[1].finished, 1);
	world_free(&w);
}

/* What is only doubtful is not repaired, but checked once the others have been repaired. */
static void test_doubtful(void **state)
{
	struct hs_repair_item item = {.kind = SPACE, .id = 1, .doubtful = A};
	struct world w;

	(void)state;
	world_init(&w, 1);
	w.o[1].doubtful = A;
	assert_int_equal(hs_repair_add(&w.r, &item), 0);
	damage(&w, SPACE, 2, B);
	run(&w);
	log_is(&w, "s1? s2b s2? s1?");
	assert_int_equal(w.o[1].attempts, 0);
	assert_int_equal(w.o[1].finished, 1);
	world_free(&w);
}

/* What will never be repaired is not tried again, nor what depends on it. */
static void test_never(void **state)
{
	struct world w;

	(void)state;
	world_init(&w, 1);
	damage(&w, FILES, 1, A | B | C)->never = A;
	damage(&w, FILES, 2, A);
	run(&w);
	log_is(&w, "f1a f2a f2?");
	assert_int_equal(w.o[1].finished, 1);
	assert_int_equal(w.o[1].left, 0);
	world_free(&w);
}

static void test_gone(void **state)
{
	struct world w;

	(void)state;
	world_init(&w, 1);
	damage(&w, FILES, 1, A | B)->gone = true;
	run(&w);
	assert_int_equal(w.o[1].attempts, 1);
	assert_int_equal(w.o[1].finished, 1);
	world_free(&w);
}

/* Optimisations come last, and only where nothing is damaged. */
static void test_optimizations_last(void **state)
{
	struct hs_repair_item well = {.kind = SPACE, .id = 1, .better = B};
	struct hs_repair_item ill = {.kind = SPACE, .id = 2, .damaged = A, .better = B};
	struct hs_repair_item cured = {.kind = FILES, .id = 3, .damaged = A, .better = A | B};
	struct world w;

	(void)state;
	world_init(&w, 1);
	w.o[2].wrong = w.o[3].wrong = A;
	w.o[2].fails[0] = UINT32_MAX;
	w.o[3].kind = FILES;
	assert_int_equal(hs_repair_add(&w.r, &well), 0);
	assert_int_equal(hs_repair_add(&w.r, &ill), 0);
	assert_int_equal(hs_repair_add(&w.r, &cured), 0);
	assert_true(hs_repair_has_damage(&w.r, 0));
	run(&w);
	log_is(&w, "s2a f3a f3? s2a s2a! s2# s1b+ f3a+ f3b+");
	world_free(&w);
}

static void test_optimizations_alone(void **state)
{
	struct hs_repair_item well = {.kind = SPACE, .id = 1, .better = B};
	struct world w;

	(void)state;
	world_init(&w, 2);
	assert_int_equal(hs_repair_add(&w.r, &well), 0);
	assert_false(hs_repair_has_damage(&w.r, 0));
	assert_int_equal(hs_repair_run_optimizations(&w.r), 0);
	log_is(&w, "s1b+");
	assert_int_equal(hs_repair_count(&w.r), 0);
	world_free(&w);
}

/* At once: what may be; the rest waits. */
static void test_submit(void **state)
{
	struct hs_repair_item item = {.kind = SPACE, .id = 1, .damaged = A | B};
	struct world w;

	(void)state;
	world_init(&w, 1);
	w.o[1].wrong = A | B;
	assert_int_equal(hs_repair_submit(&w.r, &item, B), 0);
	log_is(&w, "s1b");
	assert_int_equal(hs_repair_count(&w.r), 1);
	run(&w);
	log_is(&w, "s1b s1a s1?");
	world_free(&w);

	/* all of it: checked, done, and not queued */
	world_init(&w, 1);
	w.o[1].wrong = A;
	item.damaged = A;
	assert_int_equal(hs_repair_submit(&w.r, &item, UINT16_MAX), 0);
	log_is(&w, "s1a s1?");
	assert_int_equal(w.o[1].finished, 1);
	assert_int_equal(hs_repair_count(&w.r), 0);
	world_free(&w);

	/* what fails is tried again later: nothing has changed, so only at the end */
	world_init(&w, 1);
	w.o[1].wrong = A;
	w.o[1].fails[0] = 1;
	item.damaged = A;
	assert_int_equal(hs_repair_submit(&w.r, &item, UINT16_MAX), 0);
	assert_int_equal(hs_repair_count(&w.r), 1);
	run(&w);
	log_is(&w, "s1a s1a! s1?");
	world_free(&w);

	/* or before, when something has */
	world_init(&w, 1);
	w.o[1].wrong = A;
	w.o[1].fails[0] = 1;
	item.damaged = A;
	assert_int_equal(hs_repair_submit(&w.r, &item, UINT16_MAX), 0);
	damage(&w, SPACE, 2, A);
	run(&w);
	log_is(&w, "s1a s2a s2? s1a s1?");
	world_free(&w);
}

static void test_complete(void **state)
{
	struct hs_repair_item item = {.kind = FILES, .id = 1, .damaged = A | B, .better = C};
	struct world w;

	(void)state;
	world_init(&w, 1);
	w.o[1] = (struct object){.kind = FILES, .wrong = A | B};
	assert_int_equal(hs_repair_complete(&w.r, &item), 0);
	log_is(&w, "f1a f1b f1? f1c+");
	assert_int_equal(w.o[1].finished, 1);
	world_free(&w);

	world_init(&w, 1);
	w.o[1] = (struct object){.kind = FILES, .wrong = A, .fails = {UINT32_MAX}};
	item = (struct hs_repair_item){.kind = FILES, .id = 1, .damaged = A};
	assert_int_equal(hs_repair_complete(&w.r, &item), 0);
	log_is(&w, "f1a f1a! f1#");
	world_free(&w);
}

/* An error ends everything; a stop does, too, and leaves what it has not come to. */
static void test_errors(void **state)
{
	struct world w;

	(void)state;
	for (unsigned workers = 1; workers < 4; workers += 2) {
		world_init(&w, workers);
		for (unsigned i = 0; i < 20; i++)
			damage(&w, SPACE, i, A);
		w.stop_after = 5;
		w.error_at = -ESHUTDOWN;
		assert_int_equal(hs_repair_run(&w.r), -ESHUTDOWN);
		assert_true(hs_repair_count(&w.r) >= 20 - 5 - workers);
		world_free(&w);

		world_init(&w, workers);
		for (unsigned i = 0; i < 20; i++)
			damage(&w, SPACE, i, A);
		w.stop_after = 5;
		assert_int_equal(hs_repair_run(&w.r), -ECANCELED);
		assert_true(hs_repair_count(&w.r) >= 20 - 5 - workers);
		/* what was brought to its end is not in the queue any more */
		w.stop_after = 0;
		run(&w);
		for (unsigned i = 0; i < 20; i++)
			assert_int_equal(w.o[i].finished, 1);
		world_free(&w);
	}
}

/* Many workers, many objects that wait for each other: each one ends once, in one hand at a time.
 */
static void test_threads(void **state)
{
	static struct world w;

	(void)state;
	for (unsigned workers = 2; workers <= 8; workers *= 2) {
		world_init(&w, workers);
		w.quiet = true;
		for (unsigned i = 0; i < OBJECTS; i++) {
			struct object *o =
				damage(&w, i % 3 ? FILES : SPACE, i, (uint16_t)(i % 7 + 1));

			o->fails[0] = i % 3;
			o->then_wrong = i % 5 ? 0 : B;
			o->doubtful = i % 11 ? 0 : C;
			o->waits_for = i % 4 == 1 ? (int)i : 0;
			if (i % 50 == 49)
				o->fails[0] = UINT32_MAX;
		}
		run(&w);
		for (unsigned i = 0; i < OBJECTS; i++) {
			assert_int_equal(w.o[i].finished, 1);
			assert_int_equal(w.o[i].wrong, w.o[i].left);
		}
		world_free(&w);
	}
}

/* What the queue costs: bytes an item, measured. */
static void test_memory(void **state)
{
	const size_t n = 1 << 20;
	struct world w;
	size_t before, after;

	(void)state;
	world_init(&w, 1);
	before = mallinfo2().uordblks + mallinfo2().hblkhd;
	for (size_t i = 0; i < n; i++) {
		struct hs_repair_item item = {.kind = FILES, .id = i, .damaged = A};

		assert_int_equal(hs_repair_add(&w.r, &item), 0);
	}
	after = mallinfo2().uordblks + mallinfo2().hblkhd;
	printf("%zu bytes for each of %zu repair items\n", (after - before) / n, n);
	assert_int_equal(hs_repair_bytes(&w.r), n * 32);
	assert_true(after - before <= n * 33);
	hs_repair_clear(&w.r);
	assert_int_equal(hs_repair_count(&w.r), 0);
	world_free(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_space_first),
		cmocka_unit_test(test_merged),
		cmocka_unit_test(test_dependencies),
		cmocka_unit_test(test_stages_across_items),
		cmocka_unit_test(test_rounds_within_a_stage),
		cmocka_unit_test(test_starts_over),
		cmocka_unit_test(test_no_futile_attempts),
		cmocka_unit_test(test_last_attempt_succeeds),
		cmocka_unit_test(test_check_puts_back),
		cmocka_unit_test(test_no_endless_loop),
		cmocka_unit_test(test_doubtful),
		cmocka_unit_test(test_never),
		cmocka_unit_test(test_gone),
		cmocka_unit_test(test_optimizations_last),
		cmocka_unit_test(test_optimizations_alone),
		cmocka_unit_test(test_submit),
		cmocka_unit_test(test_complete),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_threads),
		cmocka_unit_test(test_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
