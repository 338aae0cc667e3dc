/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * "holystone all": checks every mounted XFS file system as its property autofsck asks, several at
 * once, but never two on one physical disk.
 *
 * Each check is a process of its own, so that one that dies takes no other along: a systemd unit
 * when this is a service itself, else this program again.
 */
#include <argp.h>
#include <blkid/blkid.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cli/child.h"
#include "cli/interrupt.h"
#include "cli/options.h"
#include "cli/unit.h"
#include "cli/xfs.h"
#include "xfs/mediadue.h"
#include "xfs/mounted.h"

#define STAMP	  "/var/lib/holystone/media.stamp"
#define LINGER_S  2  /* as the service of one file system does, for the journal */
#define CODE_MOST 63 /* the sum of all bits there are */

enum { KEY_INTERVAL = 0x1000, KEY_STAMP, KEY_LIST, KEY_JOBS, KEY_JSON, KEY_DEBUG };

struct all {
	struct hs_cli *cli;
	bool check_only;
	bool read_data;
	bool debug;
	bool list;
	bool json;
	bool service;	 /* SERVICE_MODE is set: we are a unit */
	bool use_units;	 /* and systemd is there to start others */
	double interval; /* seconds; negative: not given */
	const char *stamp;
	unsigned jobs; /* 0: no limit */

	struct hs_stop *stop;
	struct hs_xfs_mounted *mounts;
	struct hs_xfs_member *members;
	size_t n;
	pthread_mutex_t lock; /* of the output */
};

static const struct argp_option all_options[] = {
	{"check-only", 'n', NULL, 0, "Check only: repair nothing, whatever autofsck says", 0},
	{"read-data", 'x', NULL, 0, "Read the data of all files, too", 0},
	{"auto-media-scan-interval", KEY_INTERVAL, "TIME", 0,
	 "As -x if it was last done so long ago; units y, q, mo, w, d, h, m, s", 0},
	{"auto-media-scan-stamp", KEY_STAMP, "FILE", 0,
	 "The file whose time says when that was (default " STAMP ")", 0},
	{"jobs", KEY_JOBS, "N", 0, "Check at most N file systems at a time", 0},
	{"list", KEY_LIST, NULL, 0, "Check nothing: list the file systems and their disks", 0},
	{"json", KEY_JSON, NULL, 0, "Print findings as JSON, one object a line", 0},
	{"debug", KEY_DEBUG, NULL, 0, "Tell what is started and how it ended", 0},
	{0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct all *a = state->input;
	uint64_t n;

	switch (key) {
	case 'n':
		a->check_only = true;
		return 0;
	case 'x':
		a->read_data = true;
		return 0;
	case KEY_INTERVAL:
		if (hs_xfs_interval_parse(arg, &a->interval))
			argp_error(state, "%s: Invalid media scan interval.", arg);
		return 0;
	case KEY_STAMP:
		a->stamp = arg;
		return 0;
	case KEY_JOBS:
		if (hs_parse_number(arg, 1, 65536, &n))
			argp_error(state, "--jobs takes a number from 1 to 65536, not '%s'", arg);
		else
			a->jobs = (unsigned)n;
		return 0;
	case KEY_LIST:
		a->list = true;
		return 0;
	case KEY_JSON:
		a->json = true;
		return 0;
	case KEY_DEBUG:
		a->debug = true;
		return 0;
	case ARGP_KEY_ARG:
		argp_error(state, "file systems are not named here; see 'holystone xfs'");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	all_options, parse,
	NULL,	     "Checks all mounted XFS file systems, never two on one physical disk at once.",
	NULL,	     NULL,
	NULL};

/* ---- lines ---- */

static void say(struct all *a, const char *mount, const char *text)
{
	if (a->json)
		return;
	pthread_mutex_lock(&a->lock);
	if (mount)
		fprintf(a->cli->out, "%s: ", mount);
	fprintf(a->cli->out, "%s\n", text);
	fflush(a->cli->out);
	pthread_mutex_unlock(&a->lock);
}

static int fail(struct all *a, const char *mount, const char *text)
{
	pthread_mutex_lock(&a->lock);
	fprintf(stderr, "Error: %s: %s\n", mount, text);
	pthread_mutex_unlock(&a->lock);
	return HS_XFS_EXIT_ERROR;
}

static void pass_line(void *arg, const char *text, size_t len)
{
	struct all *a = arg;

	pthread_mutex_lock(&a->lock);
	fwrite(text, 1, len, a->cli->out);
	fflush(a->cli->out);
	pthread_mutex_unlock(&a->lock);
}

/* ---- one file system ---- */

static int code_of(struct all *a, const char *mount, int status)
{
	hs_cleanup(hs_strbuf_free) struct hs_strbuf text = HS_STRBUF_INIT;

	if (status >= 0 && status <= CODE_MOST)
		return status;
	if (status > 128)
		hs_strbuf_printf(&text, "Its check was ended by signal %d.", status - 128);
	else
		hs_strbuf_printf(&text, "Its check ended with status %d.", status);
	return fail(a, mount, hs_strbuf_str(&text));
}

static void tell_command(struct all *a, const char *const argv[])
{
	if (!a->debug)
		return;
	pthread_mutex_lock(&a->lock);
	for (; *argv; argv++)
		fprintf(stderr, "%s%s", *argv, argv[1] ? " " : "\n");
	pthread_mutex_unlock(&a->lock);
}

static int run_program(struct all *a, const char *mount)
{
	const char *argv[12];
	struct hs_child child = {.file = "/proc/self/exe",
				 .argv = argv,
				 .stop = a->stop,
				 .line = pass_line,
				 .arg = a};
	size_t n = 0;
	int status = 0;
	errint_t rc;

	argv[n++] = "holystone";
	argv[n++] = "xfs";
	if (a->service)
		argv[n++] = "-b";
	if (a->check_only)
		argv[n++] = "-n";
	argv[n++] = "-o";
	argv[n++] = "autofsck";
	if (a->read_data)
		argv[n++] = "-x";
	if (a->json)
		argv[n++] = "--json";
	argv[n++] = "--";
	argv[n++] = mount;
	argv[n] = NULL;
	tell_command(a, argv);
	rc = hs_child_run(&child, &status);
	if (rc)
		return fail(a, mount, strerror(-rc));
	return code_of(a, mount, status);
}

/* True when a unit has dealt with it: *code is what came of it. */
static bool run_unit(struct all *a, const char *mount, int *code)
{
	hs_cleanup(hs_strbuf_free) struct hs_strbuf unit = HS_STRBUF_INIT;

	hs_xfs_service_name(mount, false, a->read_data, &unit);
	if (hs_strbuf_error(&unit))
		return false;
	if (a->debug)
		fprintf(stderr, "unit %s\n", hs_strbuf_str(&unit));
	switch (hs_unit_run(hs_strbuf_str(&unit), a->stop)) {
	case HS_UNIT_DONE:
		*code = 0;
		return true;
	case HS_UNIT_FAILED:
		*code = 1;
		return true;
	case HS_UNIT_REFUSED:
		*code = fail(a, mount, "Not checked: systemd did not start its unit.");
		return true;
	case HS_UNIT_MASKED:
		*code = -1;
		return true;
	case HS_UNIT_MISSING:
		break;
	}
	return false;
}

static int check_one(size_t i, void *arg)
{
	struct all *a = arg;
	const char *mount = a->mounts[i].dir;
	char text[64];
	int code = 0;

	if (atomic_load(&a->stop->requested))
		return HS_XFS_EXIT_CANCELLED;
	pthread_mutex_lock(&a->lock);
	if (!a->json) {
		fprintf(a->cli->out, "Scrubbing %s...\n", mount);
		fflush(a->cli->out);
	}
	pthread_mutex_unlock(&a->lock);
	if (!a->use_units || !run_unit(a, mount, &code))
		code = run_program(a, mount);
	if (code < 0) {
		say(a, mount, "Scrubbing disabled by administrator");
		return 0;
	}
	snprintf(text, sizeof(text), "Scrubbing done, (err=%d)", code);
	say(a, mount, text);
	if (atomic_load(&a->stop->requested))
		code |= HS_XFS_EXIT_CANCELLED;
	return code;
}

/* ---- all of them ---- */

static int find(struct all *a)
{
	errint_t rc = hs_xfs_mounted_list(NULL, &a->mounts, &a->n);

	if (rc)
		return fail(a, "/proc/self/mountinfo", strerror(-rc));
	a->members = calloc(a->n ? a->n : 1, sizeof(*a->members));
	if (!a->members)
		return fail(a, "holystone", strerror(ENOMEM));
	for (size_t i = 0; i < a->n; i++) {
		const struct hs_xfs_mounted *m = &a->mounts[i];

		rc = hs_xfs_mounted_disks("/sys", m->dev, m->options, &a->members[i]);
		if (rc)
			return fail(a, m->dir, strerror(-rc));
	}
	return 0;
}

static void release(struct all *a)
{
	for (size_t i = 0; a->members && i < a->n; i++)
		free(a->members[i].disks);
	free(a->members);
	hs_xfs_mounted_free(a->mounts, a->n);
}

/* Whether data are to be read; the stamp is set before, as each attempt counts. */
static int decide_media(struct all *a)
{
	bool due = a->read_data;
	errint_t rc = 0;

	if (a->interval < 0)
		return 0;
	if (!due)
		rc = hs_xfs_media_due(a->stamp, a->interval, time(NULL), &due);
	if (!rc && due)
		rc = hs_xfs_media_stamp(a->stamp);
	if (rc) {
		/* without a stamp it would be each time or never: only what was asked for */
		fail(a, a->stamp, strerror(-rc));
		return HS_XFS_EXIT_ERROR;
	}
	if (due && !a->read_data)
		say(a, NULL, "Automatically enabling file data scrub.");
	a->read_data = due;
	return 0;
}

static void list(const struct all *a)
{
	for (size_t i = 0; i < a->n; i++) {
		const struct hs_xfs_member *m = &a->members[i];

		fprintf(a->cli->out, "%s\t%s\t", a->mounts[i].dir, a->mounts[i].source);
		for (size_t d = 0; d < m->n_disks; d++) {
			unsigned ma = (unsigned)(m->disks[d] >> 32), mi = (unsigned)m->disks[d];
			hs_autofree char *name = blkid_devno_to_devname(makedev(ma, mi));

			if (d)
				fputc(' ', a->cli->out);
			if (name)
				fputs(name, a->cli->out);
			else
				fprintf(a->cli->out, "%u:%u", ma, mi);
		}
		fputc('\n', a->cli->out);
	}
}

int hs_command_all(struct hs_cli *cli, int argc, char **argv)
{
	struct all a = {.cli = cli,
			.interval = -1,
			.stamp = STAMP,
			.service = getenv("SERVICE_MODE"),
			.lock = PTHREAD_MUTEX_INITIALIZER};
	int code;

	argp_err_exit_status = HS_EXIT_USAGE;
	argp_parse(&argp, argc, argv, 0, NULL, &a);
	a.use_units = a.service && !a.check_only && !a.json && hs_unit_manager_runs();
	a.stop = hs_interrupt_stop();
	code = find(&a);
	if (!code && a.list) {
		list(&a);
	} else if (!code && a.n == 0) {
		say(&a, NULL, "No XFS file system is mounted.");
	} else if (!code) {
		code = decide_media(&a);
		code |= hs_xfs_fleet_run(a.members, a.n, a.jobs, check_one, &a);
	}
	release(&a);
	if (a.service) {
		sleep(LINGER_S);
		code = code != 0;
	}
	return code;
}
