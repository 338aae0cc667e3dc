/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bench-media-read FILE PAIRS: the media scan of a device against plain direct reading of it, one
 * large read after the other, in turn. Prints the bandwidth of both for each pair (MiB/s) and their
 * ratio. Run by bench/media-read.
 */
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "io/device.h"
#include "media/direct.h"

#define REQUEST ((uint64_t)32 << 20)
#define WORKERS 2 /* as phase 6 of xfs has them */

struct all {
	struct hs_media_map map; /* first member */
	uint64_t size;
};

static int next(struct hs_media_map *map, uint64_t from, struct hs_media_range *out)
{
	*out = (struct hs_media_range){0, ((struct all *)map)->size};
	return from < out->len;
}

static double seconds_since(uint64_t began)
{
	return (double)(hs_now_ns() - began) / 1e9;
}

static double plainly(const char *path, uint64_t size)
{
	int fd = open(path, O_RDONLY | O_DIRECT);
	uint64_t began;
	void *buf;

	if (fd < 0 || posix_memalign(&buf, 4096, REQUEST))
		err(1, "%s", path);
	began = hs_now_ns();
	for (uint64_t at = 0; at < size; at += REQUEST) {
		if (pread(fd, buf, REQUEST, (off_t)at) <= 0)
			err(1, "%s", path);
	}
	free(buf);
	close(fd);
	return (double)(size >> 20) / seconds_since(began);
}

static double scan(struct hs_io *io)
{
	struct all all = {{next}, io->size};
	struct hs_media_source source = {.src.name = "all",
					 .map = &all.map,
					 .size = io->size,
					 .limit = REQUEST,
					 .block = 4096};
	struct hs_media_reader *reader;
	struct hs_media_range *bad;
	struct hs_media_bad lost;
	uint64_t began = hs_now_ns();
	double rate;

	hs_media_source_init(&source);
	if (hs_media_bad_init(&lost) || hs_media_direct_new(io, WORKERS, REQUEST, &reader))
		errx(1, "memory");
	if (hs_media_scan_run(&(struct hs_media_scan){
		    .reader = reader, .source = &source, .bad = &lost, .workers = WORKERS}) ||
	    hs_media_bad_take(&lost, &bad))
		errx(1, "it cannot be read");
	rate = (double)(io->size >> 20) / seconds_since(began);
	hs_media_direct_free(reader);
	hs_media_bad_free(&lost);
	return rate;
}

int main(int argc, char **argv)
{
	struct hs_strbuf why = HS_STRBUF_INIT;
	struct hs_io *io;
	int pairs = argc == 3 ? atoi(argv[2]) : 0;

	if (pairs < 1)
		errx(2, "usage: bench-media-read FILE PAIRS");
	if (hs_device_open(argv[1], HS_DEVICE_DIRECT, &io, &why))
		errx(1, "%s", hs_strbuf_str(&why));
	for (int i = 0; i < pairs; i++) {
		double a, b;

		/* each is first in half of the pairs */
		if (i & 1) {
			b = scan(io);
			a = plainly(argv[1], io->size);
		} else {
			a = plainly(argv[1], io->size);
			b = scan(io);
		}
		printf("%.0f %.0f %.3f\n", a, b, b / a);
		fflush(stdout);
	}
	hs_io_close(io);
	return 0;
}
