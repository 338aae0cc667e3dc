/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Options of xfs_scrub and our own (format notes 10.1, 10.2).
 */
#include <getopt.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "cli/options.h"
#include "cli/xfs.h"

/* Unused bytes between extents that are cheaper to read than to leave out. */
#define MEDIA_GAP ((uint64_t)64 << 10)

/* Less would be a scan without end. */
#define MEDIA_RATE_LEAST ((uint64_t)64 << 10)

#define GUEST_MEMORY_LEAST ((uint64_t)64 << 20) /* less does not boot */

enum {
	OPT_SVCNAME = 0x100,
	OPT_JSON,
	OPT_THREADS,
	OPT_RUN_DIR,
	OPT_HELP,
	OPT_VERSION,
	OPT_APPLIANCE,
	OPT_LOGDEV,
	OPT_RTDEV,
	OPT_MEMORY,
	OPT_TIMEOUT,
	OPT_RISKY,
	OPT_MEDIA_GAP,
	OPT_MEDIA_BANDWIDTH,
	OPT_RESUME,
	OPT_POSITION,
	OPT_SHOWN
};

static const struct option long_options[] = {
	{"svcname", required_argument, NULL, OPT_SVCNAME},
	{"json", no_argument, NULL, OPT_JSON},
	{"threads", required_argument, NULL, OPT_THREADS},
	{"run-dir", required_argument, NULL, OPT_RUN_DIR},
	{"appliance", no_argument, NULL, OPT_APPLIANCE},
	{"logdev", required_argument, NULL, OPT_LOGDEV},
	{"rtdev", required_argument, NULL, OPT_RTDEV},
	{"memory", required_argument, NULL, OPT_MEMORY},
	{"timeout", required_argument, NULL, OPT_TIMEOUT},
	{"allow-risky-repair", no_argument, NULL, OPT_RISKY},
	{"media-gap", required_argument, NULL, OPT_MEDIA_GAP},
	{"media-bandwidth", required_argument, NULL, OPT_MEDIA_BANDWIDTH},
	{"resume", required_argument, NULL, OPT_RESUME},
	{"position", required_argument, NULL, OPT_POSITION},
	{"shown", required_argument, NULL, OPT_SHOWN},
	{"help", no_argument, NULL, OPT_HELP},
	{"version", no_argument, NULL, OPT_VERSION},
	{NULL, 0, NULL, 0},
};

void hs_xfs_usage(const struct hs_xfs_args *a, FILE *out)
{
	fprintf(out,
		"Usage: %s [OPTIONS] mountpoint...\n"
		"       %s --appliance [OPTIONS] image|device\n"
		"\n"
		"Checks mounted XFS file systems while they are in use, and repairs them.\n"
		"\n"
		"Options:\n"
		"  -a count     Stop after this many errors are found.\n"
		"  -b           Background mode.\n"
		"  -C fd        Print progress information to this fd.\n"
		"  -e behavior  What to do if errors are found.\n"
		"  -k           Do not FITRIM the free space.\n"
		"  -m path      Path to /etc/mtab.\n"
		"  -M path      Open this path instead of the mount point.\n"
		"  -n           Check only.  Do not modify anything.\n"
		"  -o option    autofsck, iwarn or fstrim_pct=N.\n"
		"  -p           Only optimize, do not fix corruptions.\n"
		"  -T           Display timing/usage information.\n"
		"  -v           Verbose output.\n"
		"  -V           Print version.\n"
		"  -x           Scrub file data too: read everything that is allocated.\n"
		"  --allow-risky-repair\n"
		"               Also make repairs that are known to crash this kernel.\n"
		"  --appliance  An image or unmounted device, with the appliance's kernel.\n"
		"  --logdev D, --rtdev D\n"
		"               With --appliance: its log and realtime devices.\n"
		"  --memory S, --timeout N\n"
		"               With --appliance: memory of the guest, seconds it may take.\n"
		"  --media-gap S\n"
		"               With -x: read along gaps of less than S bytes (default 64K).\n"
		"  --media-bandwidth S\n"
		"               With -x: read at most S bytes a second of each device.\n"
		"  --resume D   With -x: read on where the run in D was stopped.\n"
		"  --json       Print findings as JSON, one object a line.\n"
		"  --run-dir D  Keep the record of this run in D.\n"
		"  --svcname P  Print the name of the service for the mount point P.\n"
		"  --threads N  Use N threads.\n",
		a->program, a->program);
}

static int usage(const struct hs_xfs_args *a)
{
	hs_xfs_usage(a, stderr);
	return HS_XFS_EXIT_USAGE;
}

static bool number(const char *text, uint64_t min, uint64_t max, uint64_t *out)
{
	return hs_parse_number(text, min, max, out) == 0;
}

/* -o a,b=c */
static bool parse_properties(struct hs_xfs_args *a, char *list)
{
	enum { AUTOFSCK, FSTRIM_PCT, IWARN };
	char *const names[] = {"autofsck", "fstrim_pct", "iwarn", NULL};
	char *value;
	uint64_t percent;

	while (*list) {
		char *word = list;

		switch (getsubopt(&list, names, &value)) {
		case AUTOFSCK:
			if (value) {
				fprintf(stderr, "-o autofsck does not take an argument\n");
				return false;
			}
			a->autofsck = true;
			break;
		case FSTRIM_PCT:
			if (!value || !number(value, 1, 100, &percent)) {
				fprintf(stderr, "-o fstrim_pct wants a percentage from 1 to 100\n");
				return false;
			}
			a->scan.trim_percent = (unsigned)percent;
			break;
		case IWARN:
			a->scan.info_is_warning = true;
			break;
		default:
			fprintf(stderr, "-o: unknown option: %s\n", word);
			return false;
		}
	}
	return true;
}

static uint64_t env_number(const char *name)
{
	const char *text = getenv(name);
	uint64_t n = 0;

	return text && number(text, 0, UINT32_MAX, &n) ? n : 0;
}

/* Only with -d. */
static void read_debug_environment(struct hs_xfs_args *a)
{
	uint64_t threads = env_number("XFS_SCRUB_THREADS");

	a->scan.only_phase = (unsigned)env_number("XFS_SCRUB_PHASE");
	if (threads)
		a->scan.threads = (unsigned)threads;
	a->scan.force_single = getenv("XFS_SCRUB_FORCE_SINGLE");
	a->scan.force_rebuild = getenv("XFS_SCRUB_FORCE_REPAIR");
	a->force_error = getenv("XFS_SCRUB_FORCE_ERROR");
	a->no_kernel = getenv("XFS_SCRUB_NO_KERNEL");
	a->scan.read_directly = getenv("XFS_SCRUB_NO_VERIFY_MEDIA");
}

static int check_combination(struct hs_xfs_args *a)
{
	if (a->show_help || a->show_version || a->service_path)
		return 0;
	if (a->check_only && a->optimize_only) {
		fprintf(stderr, "Cannot use -p with -n.\n");
		return usage(a);
	}
	if (a->n_mounts == 0)
		return usage(a);
	if (a->n_mounts > 1 &&
	    (a->run_dir || a->resume || a->open_path || a->progress_fd >= 0 || a->as_xfs_scrub)) {
		fprintf(stderr,
			a->as_xfs_scrub
				? "One mount point at a time.\n"
				: "-C, -M, --run-dir and --resume are for one mount point.\n");
		return usage(a);
	}
	if (a->resume && !a->scan.read_data) {
		fprintf(stderr, "--resume goes on with reading data: it is for -x.\n");
		return usage(a);
	}
	if ((a->log_device || a->rt_device || a->memory || a->timeout_ms) && !a->appliance) {
		fprintf(stderr, "--logdev, --rtdev, --memory and --timeout are for --appliance.\n");
		return usage(a);
	}
	if (a->appliance &&
	    (a->n_mounts > 1 || a->open_path || a->progress_fd >= 0 || a->as_xfs_scrub)) {
		fprintf(stderr, "--appliance takes one image or device, and no -C or -M.\n");
		return usage(a);
	}
	return 0;
}

static bool parse_one(struct hs_xfs_args *a, int key)
{
	uint64_t n;

	switch (key) {
	case 'a':
		if (!number(optarg, 0, UINT64_MAX, &a->scan.max_errors)) {
			fprintf(stderr, "Bad number of errors: %s\n", optarg);
			return false;
		}
		return true;
	case 'b':
		a->background++;
		return true;
	case 'C':
		if (!number(optarg, 0, INT32_MAX, &n)) {
			fprintf(stderr, "Bad file descriptor: %s\n", optarg);
			return false;
		}
		a->progress_fd = (int)n;
		return true;
	case 'd':
		a->debug = true;
		return true;
	case 'e':
		a->shutdown = !strcmp(optarg, "shutdown");
		if (!a->shutdown && strcmp(optarg, "continue")) {
			fprintf(stderr, "Unknown error behavior \"%s\".\n", optarg);
			return false;
		}
		return true;
	case 'k':
		a->no_trim = true;
		return true;
	case 'm':
		a->mount_table = optarg;
		return true;
	case 'M':
		a->open_path = optarg;
		return true;
	case 'n':
		a->check_only = true;
		return true;
	case 'o':
		return parse_properties(a, optarg);
	case 'p':
		a->optimize_only = true;
		return true;
	case 'T':
		a->timing = true;
		return true;
	case 'v':
		a->scan.verbose = true;
		return true;
	case 'V':
	case OPT_VERSION:
		a->show_version++;
		return true;
	case 'x':
		a->scan.read_data = true;
		return true;
	case OPT_SVCNAME:
		a->service_path = optarg;
		return true;
	case OPT_JSON:
		a->json = true;
		return true;
	case OPT_THREADS:
		if (!number(optarg, 1, 65536, &n)) {
			fprintf(stderr, "Bad number of threads: %s\n", optarg);
			return false;
		}
		a->scan.threads = (unsigned)n;
		return true;
	case OPT_RUN_DIR:
		a->run_dir = optarg;
		return true;
	case OPT_APPLIANCE:
		a->appliance = true;
		return true;
	case OPT_LOGDEV:
		a->log_device = optarg;
		return true;
	case OPT_RTDEV:
		a->rt_device = optarg;
		return true;
	case OPT_MEMORY:
		if (hs_parse_size(optarg, &a->memory) || a->memory < GUEST_MEMORY_LEAST) {
			fprintf(stderr, "Bad size of memory: %s: 64M or more\n", optarg);
			return false;
		}
		return true;
	case OPT_TIMEOUT:
		if (!number(optarg, 1, UINT32_MAX, &n)) {
			fprintf(stderr, "Bad number of seconds: %s\n", optarg);
			return false;
		}
		a->timeout_ms = n * 1000;
		return true;
	case OPT_RISKY:
		a->scan.risky_repairs = true;
		return true;
	case OPT_MEDIA_GAP:
		if (hs_parse_size(optarg, &a->scan.media_gap)) {
			fprintf(stderr, "Bad size of gaps: %s\n", optarg);
			return false;
		}
		return true;
	case OPT_MEDIA_BANDWIDTH:
		if (hs_parse_size(optarg, &a->scan.media_rate) ||
		    a->scan.media_rate < MEDIA_RATE_LEAST) {
			fprintf(stderr, "Bad bandwidth: %s: 64K or more\n", optarg);
			return false;
		}
		return true;
	case OPT_RESUME:
		a->resume = optarg;
		return true;
	case OPT_POSITION:
		if (!hs_xfs_resume_parse(a, optarg)) {
			fprintf(stderr, "Bad position: %s\n", optarg);
			return false;
		}
		return true;
	case OPT_SHOWN:
		a->shown = optarg;
		return true;
	case OPT_HELP:
		a->show_help = true;
		return true;
	default:
		return false;
	}
}

/*
 * xfs_scrub goes by the name of the locale of its messages, literally; the service units set none,
 * so it is the system's default that decides.
 */
static bool locale_is_utf8(void)
{
	const char *locale = setlocale(LC_MESSAGES, NULL);

	return locale && (strstr(locale, ".UTF-8") || strstr(locale, ".utf8"));
}

int hs_xfs_args_parse(struct hs_xfs_args *a, int argc, char **argv)
{
	bool as_xfs_scrub = a->as_xfs_scrub;
	int key;

	*a = (struct hs_xfs_args){.program = argv[0],
				  .as_xfs_scrub = as_xfs_scrub,
				  .mount_table = "/proc/self/mounts",
				  .progress_fd = -1,
				  .scan.media_gap = MEDIA_GAP,
				  .service = getenv("SERVICE_MODE")};
	optind = 0;
	while ((key = getopt_long(argc, argv, "a:bC:de:km:M:no:pTvVx", long_options, NULL)) != -1) {
		if (!parse_one(a, key))
			return usage(a);
	}
	a->mounts = argv + optind;
	a->n_mounts = argc - optind;
	if (a->debug)
		read_debug_environment(a);
	a->scan.mode = a->check_only	  ? HS_XFS_CHECK
		       : a->optimize_only ? HS_XFS_OPTIMIZE
					  : HS_XFS_REPAIR;
	a->scan.shutdown = a->shutdown;
	a->scan.check_instead = a->service;
	a->scan.trim = !a->no_trim;
	a->scan.background = a->background > 0;
	a->scan.rest_us = a->background > 1 ? (a->background - 1) * 100 : 0;
	setlocale(LC_ALL, "");
	a->scan.utf8_names = locale_is_utf8();
	return check_combination(a);
}
