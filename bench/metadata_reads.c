/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the check reads, read by nothing but pread: the limit that the check is measured against.
 *
 *	bench-metadata-reads trace FILE TARGET...	runs a check; writes the ranges it read
 *	bench-metadata-reads read FILE THREADS		reads these ranges, THREADS at a time
 *
 * Ranges are read as the check asked for them: same offsets, same lengths, the same order for
 * each target.
 */
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "io/device.h"
#include "lfsck/check.h"
#include "work/team.h"

struct range {
	uint32_t target;
	uint32_t len;
	uint64_t off;
};

/* A layer that notes what passes through. */
struct trace {
	struct hs_io io;
	struct hs_io *below;
	pthread_mutex_t mutex;
	struct range *v;
	size_t n, room;
};

struct trace_chan {
	struct hs_io_chan chan;
	struct hs_io_chan *below;
	struct trace *t;
};

static void note(struct trace *t, uint64_t off, size_t len)
{
	pthread_mutex_lock(&t->mutex);
	if (!hs_array_grow(&t->v, &t->room, t->n + 1))
		t->v[t->n++] = (struct range){0, (uint32_t)len, off};
	pthread_mutex_unlock(&t->mutex);
}

static errint_t trace_pread(struct hs_io *io, void *buf, size_t len, uint64_t off)
{
	struct trace *t = (struct trace *)io;

	note(t, off, len);
	return hs_io_pread(t->below, buf, len, off);
}

static errint_t trace_submit(struct hs_io_chan *ch, struct hs_io_req *req)
{
	struct trace_chan *c = (struct trace_chan *)ch;

	note(c->t, req->off, req->len);
	return hs_io_submit(c->below, req);
}

static errint_t trace_reap(struct hs_io_chan *ch, struct hs_io_req **req)
{
	return hs_io_reap(((struct trace_chan *)ch)->below, req);
}

static void trace_chan_close(struct hs_io_chan *ch)
{
	hs_io_chan_close(((struct trace_chan *)ch)->below);
	free(ch);
}

static const struct hs_io_chan_ops chan_ops = {trace_submit, trace_reap, trace_chan_close};

static errint_t trace_chan_open(struct hs_io *io, unsigned depth, struct hs_io_chan **out)
{
	struct trace_chan *c = calloc(1, sizeof(*c));
	errint_t err;

	if (!c)
		return -ENOMEM;
	c->t = (struct trace *)io;
	c->chan.ops = &chan_ops;
	c->chan.depth = depth;
	err = hs_io_chan_open(c->t->below, depth, &c->below);
	if (err)
		free(c);
	else
		*out = &c->chan;
	return err;
}

/* The list outlives the io: the program prints it after the check. */
static void trace_close(struct hs_io *io)
{
	hs_io_close(((struct trace *)io)->below);
}

static const struct hs_io_ops trace_ops = {
	.name = "trace",
	.pread = trace_pread,
	.chan_open = trace_chan_open,
	.close = trace_close,
};

static int ignore(void *arg, struct hs_check *c, const struct hs_join *j)
{
	(void)arg;
	(void)c;
	(void)j;
	return 0;
}

static int do_trace(const char *file, char **targets, size_t n)
{
	struct hs_check_params params = {.threads = 2};
	struct hs_strbuf why = HS_STRBUF_INIT;
	struct hs_target **open = calloc(n, sizeof(struct hs_target *));
	struct trace *traces = calloc(n, sizeof(*traces));
	struct hs_system *sys;
	struct hs_check check;
	FILE *out = fopen(file, "w");

	if (!out || !traces || !open) {
		perror(file);
		return 1;
	}
	for (size_t i = 0; i < n; i++) {
		struct trace *t = &traces[i];

		pthread_mutex_init(&t->mutex, NULL);
		if (hs_device_open(targets[i], HS_DEVICE_READ, &t->below, &why))
			goto fail;
		t->io = (struct hs_io){&trace_ops, t->below->name, t->below->size, 0};
		if (hs_target_open_io(&t->io, targets[i], NULL, &open[i], &why))
			goto fail;
	}
	if (hs_system_build(open, n, NULL, &sys, &why) || hs_check_init(&check, sys, &params) ||
	    hs_check_run(&check, ignore, NULL))
		goto fail;
	for (size_t i = 0; i < n; i++) {
		fprintf(out, "target %s\n", targets[i]);
		for (size_t k = 0; k < traces[i].n; k++)
			fprintf(out, "%llu %u\n", (unsigned long long)traces[i].v[k].off,
				traces[i].v[k].len);
	}
	hs_check_free(&check);
	hs_system_close(sys);
	return fclose(out) ? 1 : 0;
fail:
	fprintf(stderr, "bench-metadata-reads: %s\n", hs_strbuf_str(&why));
	return 1;
}

struct reading {
	int *fds;
	struct range *v;
	size_t n, n_fds;
	atomic_size_t next;
};

static errint_t read_some(unsigned worker, void *arg)
{
	struct reading *r = arg;
	size_t room = 1 << 20, i;
	char *buf = malloc(room);

	(void)worker;
	while (buf && (i = atomic_fetch_add(&r->next, 1)) < r->n) {
		uint64_t off = r->v[i].off;
		size_t left = r->v[i].len;

		while (left) {
			ssize_t got = pread(r->fds[r->v[i].target], buf, left < room ? left : room,
					    (off_t)off);

			if (got <= 0)
				break;
			off += (uint64_t)got;
			left -= (size_t)got;
		}
	}
	free(buf);
	return 0;
}

static int do_read(const char *file, unsigned threads)
{
	struct reading r = {0};
	size_t room = 0, fds_room = 0;
	uint64_t bytes = 0;
	char line[4096];
	FILE *in = fopen(file, "r");

	if (!in) {
		perror(file);
		return 1;
	}
	while (fgets(line, sizeof(line), in)) {
		unsigned long long off;
		unsigned len;

		line[strcspn(line, "\n")] = '\0';
		if (!strncmp(line, "target ", 7)) {
			if (hs_array_grow(&r.fds, &fds_room, r.n_fds + 1))
				return 1;
			r.fds[r.n_fds++] = open(line + 7, O_RDONLY | O_CLOEXEC);
		} else if (r.n_fds && sscanf(line, "%llu %u", &off, &len) == 2) {
			if (hs_array_grow(&r.v, &room, r.n + 1))
				return 1;
			r.v[r.n++] = (struct range){(uint32_t)r.n_fds - 1, len, off};
			bytes += len;
		}
	}
	fclose(in);
	hs_team_run(threads, read_some, &r);
	printf("%llu\n", (unsigned long long)bytes);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc >= 4 && !strcmp(argv[1], "trace"))
		return do_trace(argv[2], argv + 3, (size_t)argc - 3);
	if (argc == 4 && !strcmp(argv[1], "read"))
		return do_read(argv[2], (unsigned)atoi(argv[3]));
	fprintf(stderr, "usage: bench-metadata-reads trace FILE TARGET... | read FILE THREADS\n");
	return 2;
}
