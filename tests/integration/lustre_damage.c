/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Damaged and unreadable targets: whatever lies in the blocks that a check reads, it ends, with a
 * message, marks or a result; and a block that cannot be read is never passed over in silence.
 *
 * Each case damages one copy-on-write image of a small cluster in one way, checks the cluster and
 * restores the image. Cases are numbered and made from their number, so that one can be repeated:
 *
 *	eio	a block cannot be read
 *	bytes	a block is overwritten: random, zeros, ones, some bytes, another block
 *	fields	words of an inode or of a block become numbers that are likely to hurt
 *	loops	an inode's block map leads in a circle or lies about its lengths
 *	short	the image ends early
 *
 * usage: lustre_damage [-n CASES] [-k KIND] [-c CASE] [-v] (-m MKLUSTRE | IMAGE...)
 */
#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "collect.h"
#include "images.h"
#include "judged.h"
#include "io/fault.h"
#include "memio.h"

#define CASE_SECONDS 30

struct block {
	unsigned dev;
	uint64_t number;
};

struct cluster {
	struct memdev devs[IMAGES_MAX];
	unsigned n;
	struct block *blocks; /* those that a check of the sound cluster reads */
	size_t n_blocks;
	struct block *full; /* of these, those that hold anything: worth damaging */
	size_t n_full;
	struct collected sound;
};

/* What was changed, to be changed back. */
struct change {
	uint8_t *at;
	uint8_t was[MEM_BLOCK];
};

struct damage {
	char what[160];
	struct change changes[2];
	unsigned n_changes;
	bool eio;
	struct block bad;
	struct memdev *cut;
};

static uint64_t mix(uint64_t *state)
{
	uint64_t z = (*state += 0x9e3779b97f4a7c15ull);

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ z >> 27) * 0x94d049bb133111ebull;
	return z ^ z >> 31;
}

static uint64_t below(uint64_t *state, uint64_t n)
{
	return mix(state) % n;
}

static uint8_t *block_at(struct cluster *c, struct block b)
{
	return c->devs[b.dev].base + b.number * MEM_BLOCK;
}

static struct block any_block(const struct cluster *c, uint64_t *rnd)
{
	return c->full[below(rnd, c->n_full)];
}

static uint8_t *change(struct cluster *c, struct damage *d, struct block b)
{
	struct change *ch = &d->changes[d->n_changes++];

	ch->at = block_at(c, b);
	memcpy(ch->was, ch->at, MEM_BLOCK);
	return ch->at;
}

static void restore(struct damage *d)
{
	while (d->n_changes) {
		struct change *ch = &d->changes[--d->n_changes];

		memcpy(ch->at, ch->was, MEM_BLOCK);
	}
	if (d->cut)
		d->cut->seen = d->cut->size;
}

/* Opens all devices; the one with the bad block through the fault layer. */
static errint_t open_system(struct cluster *c, const struct damage *d, struct hs_system **sys,
			    struct hs_strbuf *why)
{
	struct hs_target **targets = calloc(c->n, sizeof(*targets));
	errint_t err = targets ? 0 : -ENOMEM;

	for (unsigned i = 0; i < c->n && !err; i++) {
		struct hs_io *io, *fault;

		err = memio_open(&c->devs[i], &io);
		if (!err && d && d->eio && d->bad.dev == i) {
			err = hs_fault_open(io, &fault);
			if (!err)
				err = hs_fault_add(fault, d->bad.number * MEM_BLOCK, MEM_BLOCK,
						   -EIO);
			io = fault;
		}
		if (!err)
			err = hs_target_open_io(io, c->devs[i].name, NULL, &targets[i], why);
	}
	if (!err)
		return hs_system_build(targets, c->n, NULL, sys, why);
	for (unsigned i = 0; targets && i < c->n; i++)
		hs_target_close(targets[i]);
	free(targets);
	return err;
}

/* What could not be read proves nothing: no finding about it may be more than undecided. */
static bool judge_case(struct cluster *c, const struct damage *d, bool verbose)
{
	struct hs_check_params params = {
		.threads = 1, .memory = 8u << 20, .has_seed = true, .seed = 1};
	struct hs_strbuf why = HS_STRBUF_INIT;
	struct judged judged = {0};
	struct hs_system *sys = NULL;
	bool ok = true;

	alarm(CASE_SECONDS);
	if (!open_system(c, d, &sys, &why)) {
		ok = !judged_system(sys, &params, &judged) && !judged.decided;
		if (verbose || !ok)
			fprintf(stderr, "%s: %" PRIu64 " findings, %" PRIu64 " decided\n%.2000s",
				d->what, judged.findings, judged.decided,
				hs_strbuf_str(&judged.text));
	}
	alarm(0);
	judged_free(&judged);
	hs_system_close(sys);
	hs_strbuf_free(&why);
	return ok;
}

/* True if the check ended as it may. */
static bool run_case(struct cluster *c, const struct damage *d, unsigned threads, bool verbose)
{
	struct hs_check_params params = {
		.threads = threads, .memory = 8u << 20, .has_seed = true, .seed = 1};
	struct hs_strbuf why = HS_STRBUF_INIT;
	struct collected got = {0};
	struct hs_system *sys = NULL;
	bool ok = true;
	errint_t err;

	alarm(CASE_SECONDS);
	err = open_system(c, d, &sys, &why);
	if (err) {
		ok = why.len > 0;
		if (verbose || !ok)
			fprintf(stderr, "%s: refused: %s: %s\n", d->what, strerror(-err),
				hs_strbuf_str(&why));
	} else {
		err = collect_system(sys, &params, &got);
		if (err)
			ok = false; /* one bad block is no reason to give up */
		else if (d->eio && !got.unread && !got.undecided)
			ok = !strcmp(hs_strbuf_str(&got.text), hs_strbuf_str(&c->sound.text)) &&
			     !memcmp(&got.seen, &c->sound.seen, sizeof(got.seen));
		if (verbose || !ok)
			fprintf(stderr,
				"%s: %s, %" PRIu64 " suspects, %" PRIu64 " unread, %" PRIu64
				" undecided, %zu bytes\n%.2000s",
				d->what, strerror(-err), got.suspects, got.unread, got.undecided,
				got.text.len, ok ? "" : hs_strbuf_str(&got.text));
	}
	alarm(0);
	collected_free(&got);
	hs_system_close(sys);
	hs_strbuf_free(&why);
	return ok;
}

/* ---- the kinds of damage ---- */

static void make_eio(struct cluster *c, uint64_t n, uint64_t *rnd, struct damage *d)
{
	(void)rnd;
	d->eio = true;
	d->bad = c->blocks[n % c->n_blocks];
	snprintf(d->what, sizeof(d->what), "%s block %" PRIu64 " unreadable",
		 c->devs[d->bad.dev].name, d->bad.number);
}

static void make_bytes(struct cluster *c, uint64_t n, uint64_t *rnd, struct damage *d)
{
	static const char *const how[] = {"random", "zeros", "ones", "some bytes", "another block"};
	struct block b = any_block(c, rnd);
	unsigned kind = (unsigned)(n % 5);
	uint8_t *p = change(c, d, b);

	for (unsigned i = 0; i < MEM_BLOCK && kind < 3; i++)
		p[i] = kind == 0 ? (uint8_t)mix(rnd) : kind == 1 ? 0 : 0xff;
	for (unsigned i = 0; i < 16 && kind == 3; i++)
		p[below(rnd, MEM_BLOCK)] = (uint8_t)mix(rnd);
	if (kind == 4)
		memmove(p, block_at(c, any_block(c, rnd)), MEM_BLOCK);
	snprintf(d->what, sizeof(d->what), "%s block %" PRIu64 ": %s", c->devs[b.dev].name,
		 b.number, how[kind]);
}

/* Numbers that lengths and addresses are likely to trip over. */
static uint32_t nasty(uint64_t *rnd)
{
	static const uint32_t values[] = {
		0,	    1,		2,	    0x7f,	0x80,	    0xff,	0x100,
		0x7fff,	    0x8000,	0xffff,	    0x10000,	0x7fffffff, 0x80000000, 0xfffffffe,
		0xffffffff, 0x0000f30a, 0x0001f30a, 0x00050001, 0x10000000};

	return values[below(rnd, sizeof(values) / sizeof(values[0]))];
}

static void make_fields(struct cluster *c, uint64_t n, uint64_t *rnd, struct damage *d)
{
	struct block b = any_block(c, rnd);
	uint8_t *p = change(c, d, b);
	unsigned fields = 1 + (unsigned)below(rnd, 4);

	(void)n;
	for (unsigned i = 0; i < fields; i++) {
		/* The heads of blocks and of inodes more often than their tails. */
		uint64_t at = below(rnd, 4) ? below(rnd, 16) * 256 + below(rnd, 48) * 4
					    : below(rnd, MEM_BLOCK / 4) * 4;
		uint32_t v = nasty(rnd);

		if (below(rnd, 2))
			hs_put_le32(p + at, v);
		else
			hs_put_le16(p + at + 2 * below(rnd, 2), (uint16_t)v);
	}
	snprintf(d->what, sizeof(d->what), "%s block %" PRIu64 ": %u fields", c->devs[b.dev].name,
		 b.number, fields);
}

/* An inode with an extent header, somewhere in the blocks that are read; false if none is near. */
static bool find_inode(struct cluster *c, uint64_t *rnd, struct block *b, unsigned *at)
{
	size_t first = below(rnd, c->n_full);

	for (size_t i = 0; i < c->n_full; i++) {
		const uint8_t *p;

		*b = c->full[(first + i) % c->n_full];
		p = block_at(c, *b);
		for (unsigned off = 0; off < MEM_BLOCK; off += 256) {
			unsigned o = (unsigned)((off + below(rnd, 16) * 256) % MEM_BLOCK);

			if (hs_get_le16(p + o + 40) == 0xf30a && hs_get_le16(p + o) != 0) {
				*at = o;
				return true;
			}
		}
	}
	return false;
}

static void put_header(uint8_t *p, uint16_t entries, uint16_t max, uint16_t depth)
{
	hs_put_le16(p, 0xf30a);
	hs_put_le16(p + 2, entries);
	hs_put_le16(p + 4, max);
	hs_put_le16(p + 6, depth);
	hs_put_le32(p + 8, 0);
}

static void put_index(uint8_t *p, uint32_t logical, uint64_t block)
{
	hs_put_le32(p, logical);
	hs_put_le32(p + 4, (uint32_t)block);
	hs_put_le16(p + 8, (uint16_t)(block >> 32));
	hs_put_le16(p + 10, 0);
}

static void make_loops(struct cluster *c, uint64_t n, uint64_t *rnd, struct damage *d)
{
	static const char *const how[] = {"index block that points to itself",
					  "wide index to itself",
					  "impossible depth",
					  "extents beyond the device",
					  "overlapping extents",
					  "huge size",
					  "too many entries",
					  "block map of one block"};
	unsigned kind = (unsigned)(n % 8), at;
	uint8_t *p, *map;
	struct block b, spare;

	if (!find_inode(c, rnd, &b, &at))
		return;
	p = change(c, d, b) + at;
	map = p + 40;
	snprintf(d->what, sizeof(d->what), "%s block %" PRIu64 " inode at %u: %s",
		 c->devs[b.dev].name, b.number, at, how[kind]);
	do {
		spare = any_block(c, rnd);
	} while (spare.dev != b.dev || spare.number == b.number);
	switch (kind) {
	case 0:
	case 1: {
		unsigned width = kind ? 340 : 1;
		uint8_t *x = change(c, d, spare);

		put_header(map, 1, 4, 2);
		put_index(map + 12, 0, spare.number);
		put_header(x, (uint16_t)width, 340, 1);
		for (unsigned i = 0; i < width; i++)
			put_index(x + 12 + 12 * i, i, spare.number);
		break;
	}
	case 2:
		hs_put_le16(map + 6, (uint16_t)(below(rnd, 2) ? 6 : 0xffff));
		break;
	case 3:
		hs_put_le32(map + 12 + 8, 0xfffffff0);
		hs_put_le16(map + 12 + 6, (uint16_t)mix(rnd));
		break;
	case 4:
		put_header(map, 4, 4, 0);
		for (unsigned i = 0; i < 4; i++) {
			put_index(map + 12 + 12 * i, i / 2, 0);
			hs_put_le16(map + 12 + 12 * i + 4, (uint16_t)(1 + i * 100));
			hs_put_le32(map + 12 + 12 * i + 8, (uint32_t)spare.number);
		}
		break;
	case 5:
		hs_put_le32(p + 4, 0xffffffff);
		hs_put_le32(p + 108, (uint32_t)(below(rnd, 2) ? 0xffffffff : 0x7fffffff));
		break;
	case 6:
		hs_put_le16(map + 2, (uint16_t)(below(rnd, 2) ? 5 : 0xffff));
		break;
	default:
		hs_put_le32(p + 32, hs_get_le32(p + 32) & ~0x80000u);
		for (unsigned i = 0; i < 15; i++)
			hs_put_le32(map + 4 * i, (uint32_t)spare.number);
		hs_put_le32(p + 4, 0x40000000);
		break;
	}
}

static void make_short(struct cluster *c, uint64_t n, uint64_t *rnd, struct damage *d)
{
	struct memdev *dev = &c->devs[below(rnd, c->n)];
	const uint64_t ends[] = {1,
				 512,
				 1023,
				 1024,
				 1025,
				 1024 + 96,
				 2047,
				 2048,
				 MEM_BLOCK,
				 MEM_BLOCK + 1,
				 2 * MEM_BLOCK,
				 3 * MEM_BLOCK - 7,
				 dev->size / 2,
				 dev->size - MEM_BLOCK,
				 dev->size - 1};
	const unsigned fixed = sizeof(ends) / sizeof(ends[0]);

	/* Then at, inside and behind blocks that are read. */
	if (n % 32 < fixed) {
		dev->seen = ends[n % 32];
	} else {
		struct block b = any_block(c, rnd);

		dev = &c->devs[b.dev];
		dev->seen = b.number * MEM_BLOCK + below(rnd, 3) * (MEM_BLOCK / 2);
	}
	d->cut = dev;
	snprintf(d->what, sizeof(d->what), "%s of %" PRIu64 " bytes", dev->name, dev->seen);
}

static const struct {
	const char *name;
	void (*make)(struct cluster *c, uint64_t n, uint64_t *rnd, struct damage *d);
	unsigned share; /* of 16 cases */
} kinds[] = {
	{"eio", make_eio, 5},	  {"bytes", make_bytes, 4}, {"fields", make_fields, 4},
	{"loops", make_loops, 2}, {"short", make_short, 1},
};
#define N_KINDS (sizeof(kinds) / sizeof(kinds[0]))

static const char *now_running = "";

static void too_long(int sig)
{
	(void)sig;
	if (write(2, "does not end: ", 14) < 0 || write(2, now_running, strlen(now_running)) < 0)
		_exit(2);
	_exit(1);
}

static bool is_zero(const uint8_t *p)
{
	return !p[0] && !memcmp(p, p + 1, MEM_BLOCK - 1);
}

static bool open_cluster(struct cluster *c, char *const *paths, size_t n)
{
	struct hs_check_params params = {.threads = 1, .has_seed = true, .seed = 1};
	struct hs_strbuf why = HS_STRBUF_INIT;
	struct hs_system *sys = NULL;
	bool ok;

	for (c->n = 0; c->n < n; c->n++) {
		if (!memdev_open(&c->devs[c->n], paths[c->n]))
			return false;
		c->devs[c->n].noting = true;
	}
	ok = !open_system(c, NULL, &sys, &why) && !collect_system(sys, &params, &c->sound);
	if (!ok)
		fprintf(stderr, "the sound cluster: %s\n", hs_strbuf_str(&why));
	hs_system_close(sys);
	hs_strbuf_free(&why);
	for (unsigned i = 0; i < c->n; i++) {
		struct memdev *d = &c->devs[i];

		d->noting = false;
		for (uint64_t b = 0; b < d->size / MEM_BLOCK; b++) {
			if (!memdev_touched(d, b))
				continue;
			c->blocks = realloc(c->blocks, (c->n_blocks + 1) * sizeof(*c->blocks));
			if (!c->blocks)
				return false;
			c->blocks[c->n_blocks++] = (struct block){i, b};
			if (is_zero(d->base + b * MEM_BLOCK))
				continue;
			c->full = realloc(c->full, (c->n_full + 1) * sizeof(*c->full));
			if (!c->full)
				return false;
			c->full[c->n_full++] = (struct block){i, b};
		}
	}
	return ok && c->n_full;
}

static void close_cluster(struct cluster *c)
{
	for (unsigned i = 0; i < c->n; i++)
		memdev_close(&c->devs[i]);
	free(c->blocks);
	free(c->full);
	collected_free(&c->sound);
}

struct options {
	uint64_t cases, only;
	bool has_only, verbose;
	const char *kind, *mklustre;
};

static unsigned run_kind(struct cluster *c, const struct options *o, unsigned kind)
{
	uint64_t cases = o->kind ? o->cases : o->cases * kinds[kind].share / 16;
	unsigned failed = 0;

	for (uint64_t i = 0; i < cases; i++) {
		/* Fewer cases than blocks: spread over all of them. */
		uint64_t n = kind == 0 && cases < c->n_blocks ? i * c->n_blocks / cases : i;
		uint64_t rnd = n * 64 + kind;
		struct damage d = {0};

		if (o->has_only && n != o->only)
			continue;
		kinds[kind].make(c, n, &rnd, &d);
		now_running = d.what;
		if (!run_case(c, &d, n % 8 ? 1 : 3, o->verbose) ||
		    (d.eio && !judge_case(c, &d, o->verbose))) {
			fprintf(stderr, "FAILED: -k %s -c %" PRIu64 "\n", kinds[kind].name, n);
			failed++;
		}
		restore(&d);
	}
	return failed;
}

int main(int argc, char **argv)
{
	struct options o = {.cases = 480};
	struct cluster c = {0};
	struct images im = {0};
	unsigned failed = 0;
	struct rusage usage;
	int opt;

	while ((opt = getopt(argc, argv, "n:k:c:m:v")) != -1) {
		switch (opt) {
		case 'n':
			o.cases = strtoull(optarg, NULL, 0);
			break;
		case 'k':
			o.kind = optarg;
			break;
		case 'c':
			o.only = strtoull(optarg, NULL, 0);
			o.has_only = true;
			break;
		case 'm':
			o.mklustre = optarg;
			break;
		case 'v':
			o.verbose = true;
			break;
		default:
			return 16;
		}
	}
	if (o.mklustre) {
		char *args[] = {(char *)o.mklustre, "--preset=rich", "--mdts=2", "--osts=1",
				"--files=60",	    "--seed=11",     NULL};

		if (!images_make(args, &im))
			return 1;
	}
	signal(SIGALRM, too_long);
	if (!open_cluster(&c, o.mklustre ? im.paths : argv + optind,
			  o.mklustre ? im.n : (size_t)(argc - optind)))
		return 1;
	for (unsigned kind = 0; kind < N_KINDS; kind++) {
		if (!o.kind || !strcmp(o.kind, kinds[kind].name))
			failed += run_kind(&c, &o, kind);
	}
	getrusage(RUSAGE_SELF, &usage);
	printf("%zu blocks read, %zu not empty, %" PRIu64 " cases, %u failed, %ld MiB\n",
	       c.n_blocks, c.n_full, o.cases, failed, usage.ru_maxrss / 1024);
	close_cluster(&c);
	images_remove(&im);
	return failed != 0;
}
