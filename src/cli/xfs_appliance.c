/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * "holystone xfs --appliance IMAGE": this same program inside the appliance, on the mounted image.
 *
 * With -n the disks are given copy-on-write: the kernel may replay a log and keep its counters, and
 * nothing of it reaches the image. Without, they are given as they are, to be repaired. Quotas are
 * mounted as the superblock says, or the kernel would check none. Lines, records and exit code come
 * out unchanged; the run directory is the shared one.
 */
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "appliance/appliance.h"
#include "base/cleanup.h"
#include "cli/xfs.h"
#include "run/run.h"
#include "xfs/superblock.h"

#define GUEST_PROGRAM "/usr/sbin/holystone"
#define GUEST_MOUNT   "/appliance/xfs"
#define LOCALE_DIR    "/usr/lib/locale/C.utf8"

enum { DISK_DATA, DISK_LOG, DISK_RT, N_DISKS };

struct inside {
	struct hs_cli *cli;
	const struct hs_xfs_args *args;
	const char *path[N_DISKS];
	struct hs_xfs_sb sb;
	struct hs_appliance_disk disks[N_DISKS];
	size_t n_disks;
	char *run_dir; /* NULL: the record is not kept */
	char program[PATH_MAX];
	struct hs_strbuf positions[HS_XFS_DEVICES]; /* as words of the command */
};

static int fail(const struct inside *in, const char *text)
{
	fprintf(stderr, "Error: %s: %s\n", in->path[DISK_DATA], text);
	return HS_XFS_EXIT_ERROR;
}

static int read_superblock(struct inside *in)
{
	hs_autoclose int fd = open(in->path[DISK_DATA], O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	uint8_t buf[HS_XFS_SB_SIZE];
	ssize_t n = fd < 0 ? -1 : pread(fd, buf, sizeof(buf), 0);

	if (n < 0)
		return fail(in, strerror(errno));
	if (!hs_xfs_sb_decode(buf, (size_t)n, &in->sb)) {
		fprintf(stderr, "%s: Not a XFS file system.\n", in->path[DISK_DATA]);
		return HS_XFS_EXIT_USAGE;
	}
	if (in->sb.external_log && !in->path[DISK_LOG])
		return fail(in, "Its log is on another device: name it with --logdev.");
	if (in->sb.external_rt && !in->path[DISK_RT])
		return fail(in, "It has a realtime device: name it with --rtdev.");
	if (!in->sb.external_log && in->path[DISK_LOG])
		return fail(in, "Its log is not on another device: --logdev is wrong.");
	if (!in->sb.external_rt && in->path[DISK_RT])
		return fail(in, "It has no realtime device: --rtdev is wrong.");
	return 0;
}

/* Where the run's record goes. A directory that was asked for must be had; another may fail. */
static int make_run_directory(struct inside *in)
{
	hs_cleanup(hs_strbuf_free) struct hs_strbuf why = HS_STRBUF_INIT;
	struct hs_run_params p = {
		.command = "xfs",
		.fsname = in->path[DISK_DATA],
		.run_dir = in->args->run_dir,
		.log = in->cli->log,
	};

	if (!hs_run_make_directory(&p, &in->run_dir, &why))
		return 0;
	if (in->args->run_dir)
		return fail(in, hs_strbuf_str(&why));
	hs_log(in->cli->log, HS_LOG_INFO, "the run is kept in memory only: %s",
	       hs_strbuf_str(&why));
	return 0;
}

static void add_disks(struct inside *in)
{
	static const char *const names[N_DISKS] = {"data", "log", "rt"};
	enum hs_appliance_access how = in->args->check_only ? HS_DISK_COW : HS_DISK_RW;

	for (size_t i = 0; i < N_DISKS; i++) {
		if (in->path[i])
			in->disks[in->n_disks++] =
				(struct hs_appliance_disk){in->path[i], names[i], how};
	}
}

static void put_mount_options(const struct inside *in, struct hs_strbuf *out)
{
	hs_xfs_sb_quota_options(&in->sb, out);
	if (in->path[DISK_LOG])
		hs_strbuf_printf(out, "%slogdev=" HS_APPLIANCE_DISKS "/log", out->len ? "," : "");
	if (in->path[DISK_RT])
		hs_strbuf_printf(out, "%srtdev=" HS_APPLIANCE_DISKS "/rt", out->len ? "," : "");
}

/* What the two programs say with their environment. The caller frees the array only. */
static const char **make_environment(const struct inside *in)
{
	static const char *const names[] = {"SERVICE_MODE",	      "XFS_SCRUB_PHASE",
					    "XFS_SCRUB_THREADS",      "XFS_SCRUB_FORCE_SINGLE",
					    "XFS_SCRUB_FORCE_ERROR",  "XFS_SCRUB_NO_KERNEL",
					    "XFS_SCRUB_FORCE_REPAIR", "XFS_SCRUB_NO_VERIFY_MEDIA"};
	const size_t n_names = sizeof(names) / sizeof(names[0]);
	const char **env = calloc(n_names + 2, sizeof(*env));
	size_t n = 0;

	if (!env)
		return NULL;
	env[n++] = in->args->scan.utf8_names ? "LC_ALL=C.UTF-8" : "LC_ALL=C";
	for (char **e = environ; *e; e++) {
		for (size_t i = 0; i < n_names && n <= n_names; i++) {
			size_t len = strlen(names[i]);

			if (!strncmp(*e, names[i], len) && (*e)[len] == '=')
				env[n++] = *e;
		}
	}
	return env;
}

/*
 * Whether an option is for this side only. getopt takes any beginning of a name that is no other
 * name's, and has refused the others by now. *skip: how many words it takes.
 */
static bool is_host_option(const char *word, int *skip)
{
	static const char *const names[] = {"--appliance", "--logdev",	"--rtdev", "--memory",
					    "--timeout",   "--run-dir", "--resume"};
	size_t len = strcspn(word, "=");

	*skip = 1;
	for (size_t i = 0; len > 2 && i < sizeof(names) / sizeof(names[0]); i++) {
		if (strncmp(word, names[i], len))
			continue;
		if (i > 0 && !word[len])
			*skip = 2;
		return true;
	}
	return false;
}

/* argv as getopt left it: options first, the image last. The caller frees the array only. */
static const char **make_command(struct inside *in, char **argv)
{
	int n_options = (int)(in->args->mounts - argv), skip;
	const char **command = calloc((size_t)n_options + 8 + 2 * HS_XFS_DEVICES, sizeof(*command));
	size_t n = 0;

	if (!command)
		return NULL;
	command[n++] = GUEST_PROGRAM;
	command[n++] = "xfs";
	for (int i = 1; i < n_options; i += skip) {
		if (!is_host_option(argv[i], &skip) && strcmp(argv[i], "--"))
			command[n++] = argv[i];
	}
	if (in->run_dir) {
		command[n++] = "--run-dir";
		command[n++] = in->run_dir;
	}
	for (unsigned dev = HS_XFS_DATA; dev < HS_XFS_DEVICES; dev++) {
		if (!in->args->scan.media_from[dev])
			continue;
		hs_xfs_resume_put(in->args, dev, &in->positions[dev]);
		command[n++] = "--position";
		command[n++] = hs_strbuf_str(&in->positions[dev]);
	}
	command[n++] = "--shown";
	command[n++] = in->path[DISK_DATA];
	command[n] = GUEST_MOUNT;
	return command;
}

static int exit_code(const struct hs_appliance_result *r)
{
	switch (r->end) {
	case HS_END_EXIT:
		return r->status;
	case HS_END_KILLED:
		return HS_XFS_EXIT_ERROR | HS_XFS_EXIT_CANCELLED;
	case HS_END_SIGNAL:
	case HS_END_TIMEOUT:
	case HS_END_DIED:
	case HS_END_UNMOUNTABLE:
		break;
	}
	return HS_XFS_EXIT_ERROR;
}

static int start(struct inside *in, char **argv)
{
	hs_cleanup(hs_strbuf_free) struct hs_strbuf options = HS_STRBUF_INIT;
	struct hs_appliance_file files[2] = {{in->program, GUEST_PROGRAM}, {LOCALE_DIR, NULL}};
	struct hs_appliance_mount mount = {"data", GUEST_MOUNT, "xfs", NULL};
	struct hs_appliance_result result;
	const char **command, **env;
	struct hs_appliance a = {
		.files = files,
		.n_files = 1,
		.mounts = &mount,
		.n_mounts = 1,
		.share = in->run_dir,
		.share_dir = in->run_dir, /* so that it has its own name in the record */
		.memory = in->args->memory,
		.timeout_ms = in->args->timeout_ms,
		.in = -1,
		.out = STDOUT_FILENO,
		.err = STDERR_FILENO,
		.console = -1,
		.log = in->cli->log,
	};
	int code = HS_XFS_EXIT_ERROR;

	if (in->args->scan.utf8_names && access(LOCALE_DIR, R_OK) == 0)
		a.n_files++;
	add_disks(in);
	a.disks = in->disks;
	a.n_disks = in->n_disks;
	put_mount_options(in, &options);
	mount.options = hs_strbuf_str(&options);
	command = make_command(in, argv);
	env = make_environment(in);
	if (command && env && !hs_strbuf_error(&options)) {
		a.argv = command;
		a.env = env;
		fflush(stdout);
		if (!hs_appliance_run(&a, &result))
			code = exit_code(&result);
	}
	free(command);
	free(env);
	return code;
}

static bool find_ourselves(struct inside *in)
{
	ssize_t n = readlink("/proc/self/exe", in->program, sizeof(in->program) - 1);

	if (n > 0)
		in->program[n] = '\0';
	return n > 0;
}

int hs_xfs_in_appliance(struct hs_cli *cli, const struct hs_xfs_args *args, char **argv)
{
	struct inside in = {.cli = cli,
			    .args = args,
			    .path = {args->mounts[0], args->log_device, args->rt_device}};
	int code;

	code = read_superblock(&in);
	if (!code && !find_ourselves(&in))
		code = fail(&in, "Cannot find this program's own file.");
	if (!code)
		code = make_run_directory(&in);
	if (!code)
		code = start(&in, argv);
	/* empty when nothing began */
	if (in.run_dir)
		rmdir(in.run_dir);
	free(in.run_dir);
	for (unsigned dev = 0; dev < HS_XFS_DEVICES; dev++)
		hs_strbuf_free(&in.positions[dev]);
	return code;
}
