/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Progress of "holystone xfs": records for a program that reads them (-C), or a bar of 60 columns
 * on a terminal, every half second.
 */
#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/xfs.h"
#include "work/team.h"

#define INTERVAL_MS 500
#define BAR_COLUMNS 60

struct hs_xfs_bar {
	const struct hs_xfs_progress *progress;
	const char *mount;
	int fd;
	bool drawn; /* a bar on a terminal, not records */
	bool debug;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	bool stop;
	struct hs_side *side;
};

size_t hs_xfs_bar_record(char *buf, size_t len, unsigned phase, uint64_t done, uint64_t total,
			 const char *mount)
{
	int n;

	if (phase == 0 || total == 0)
		return 0;
	n = snprintf(buf, len, "%u %" PRIu64 " %" PRIu64 " %s\n", phase, done, total, mount);
	return n > 0 && (size_t)n < len ? (size_t)n : 0;
}

static void emit(const struct hs_xfs_bar *bar, const char *text, size_t len)
{
	while (len) {
		ssize_t n = write(bar->fd, text, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return; /* nobody reads it any more */
		text += n;
		len -= (size_t)n;
	}
}

static void erase(const struct hs_xfs_bar *bar)
{
	if (bar->drawn)
		emit(bar, "\r\x1b[K", 4);
}

static void draw(const struct hs_xfs_bar *bar, unsigned phase)
{
	uint64_t done = atomic_load(&bar->progress->done);
	uint64_t total = atomic_load(&bar->progress->total);
	char text[8192];
	unsigned percent, filled;
	int n;

	if (phase == 0 || total == 0)
		return;
	if (!bar->drawn) {
		size_t len = hs_xfs_bar_record(text, sizeof(text), phase, done, total, bar->mount);

		emit(bar, text, len);
		return;
	}
	percent = (unsigned)(done >= total ? 100 : (double)done * 100 / (double)total);
	filled = percent * BAR_COLUMNS / 100;
	if (bar->debug)
		n = snprintf(text, sizeof(text), "\rPhase %u: |%.*s%*s| %3u%% %" PRIu64 "/%" PRIu64,
			     phase, (int)filled,
			     "============================================================",
			     (int)(BAR_COLUMNS - filled), "", percent, done, total);
	else
		n = snprintf(text, sizeof(text), "\rPhase %u: |%.*s%*s| %3u%%", phase, (int)filled,
			     "============================================================",
			     (int)(BAR_COLUMNS - filled), "", percent);
	if (n > 0)
		emit(bar, text, (size_t)n);
}

static void show(void *arg)
{
	struct hs_xfs_bar *bar = arg;

	pthread_mutex_lock(&bar->lock);
	while (!bar->stop) {
		struct timespec until;

		clock_gettime(CLOCK_MONOTONIC, &until);
		until.tv_nsec += INTERVAL_MS * 1000000L;
		until.tv_sec += until.tv_nsec / 1000000000;
		until.tv_nsec %= 1000000000;
		pthread_cond_timedwait(&bar->wake, &bar->lock, &until);
		if (!bar->stop)
			draw(bar, atomic_load(&bar->progress->phase));
	}
	pthread_mutex_unlock(&bar->lock);
}

errint_t hs_xfs_bar_start(const struct hs_xfs_args *args, const struct hs_xfs_progress *progress,
			  const char *mount, struct hs_xfs_bar **out)
{
	bool drawn = args->progress_fd < 0 && !args->json && isatty(STDOUT_FILENO);
	pthread_condattr_t attr;
	struct hs_xfs_bar *bar;
	errint_t rc;

	*out = NULL;
	if (args->service || (args->progress_fd < 0 && !drawn))
		return 0;
	bar = calloc(1, sizeof(*bar));
	if (!bar)
		return -ENOMEM;
	bar->progress = progress;
	bar->mount = mount;
	bar->fd = drawn ? STDOUT_FILENO : args->progress_fd;
	bar->drawn = drawn || isatty(bar->fd);
	bar->debug = args->debug;
	pthread_mutex_init(&bar->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&bar->wake, &attr);
	pthread_condattr_destroy(&attr);
	rc = hs_side_start(show, bar, &bar->side);
	if (rc) {
		pthread_cond_destroy(&bar->wake);
		pthread_mutex_destroy(&bar->lock);
		free(bar);
		return rc;
	}
	*out = bar;
	return 0;
}

void hs_xfs_bar_hide(struct hs_xfs_bar *bar)
{
	if (!bar)
		return;
	pthread_mutex_lock(&bar->lock);
	erase(bar);
}

void hs_xfs_bar_show(struct hs_xfs_bar *bar)
{
	if (bar)
		pthread_mutex_unlock(&bar->lock);
}

void hs_xfs_bar_phase_end(struct hs_xfs_bar *bar, unsigned phase)
{
	if (!bar)
		return;
	pthread_mutex_lock(&bar->lock);
	if (bar->drawn)
		erase(bar);
	else
		draw(bar, phase);
	pthread_mutex_unlock(&bar->lock);
}

void hs_xfs_bar_stop(struct hs_xfs_bar *bar)
{
	if (!bar)
		return;
	pthread_mutex_lock(&bar->lock);
	bar->stop = true;
	erase(bar);
	pthread_cond_signal(&bar->wake);
	pthread_mutex_unlock(&bar->lock);
	hs_side_join(bar->side);
	pthread_cond_destroy(&bar->wake);
	pthread_mutex_destroy(&bar->lock);
	free(bar);
}
