/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * "holystone xfs": checks mounted XFS file systems, several at once when they lie on different
 * disks. Called by the name xfs_scrub it is that program.
 */
#include "cli/xfs.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/array.h"
#include "cli/interrupt.h"
#include "report/report.h"
#include "xfs/autofsck.h"
#include "xfs/fleet.h"
#include "xfs/mounted.h"
#include "xfs/report.h"

/* The journal needs this long to see who wrote a line (format notes 10.2). */
#define SERVICE_LINGER_S 2

/* A place for runs that is not on any disk, for when the usual one is being checked. */
#define VOLATILE_STATE "/run/holystone"

struct mount {
	struct hs_xfs_mount found;
	const char *path;  /* what is opened */
	const char *shown; /* what messages say */
	const char *device;
	struct hs_xfs_options opt;	     /* as asked for, or as its autofsck directive has it */
	const char *devices[HS_XFS_DEVICES]; /* to read data by; NULL: not known */
	char *log_device, *rt_device;
	int code;
};

struct command {
	struct hs_cli *cli;
	struct hs_xfs_args args;
	struct hs_xfs_kernel_linux kernel;
	struct hs_stop *stop; /* NULL: signals end the program */
	struct mount *mounts;
	pthread_mutex_t report_lock; /* one report at a time on the output */
};

static int fail(const struct mount *m, const char *text)
{
	fprintf(stderr, "Error: %s: %s\n", m->shown, text);
	return HS_XFS_EXIT_ERROR;
}

/* A directory that systemd made for this unit. */
static const char *service_directory(const struct command *c, const char *name)
{
	const char *dir = c->args.service ? getenv(name) : NULL;

	return dir && dir[0] == '/' && !strchr(dir, ':') ? dir : NULL;
}

/* Where the run's record goes: never onto the file system being checked, which may be frozen. */
static errint_t open_run(const struct command *c, const struct mount *m, struct hs_run **run)
{
	struct hs_strbuf why = HS_STRBUF_INIT;
	struct hs_run_params p = {
		.command = "xfs",
		.fsname = m->shown,
		.run_dir = c->args.run_dir,
		.argc = c->cli->argc,
		.argv = c->cli->argv,
		.log = c->cli->log,
	};
	const char *state;
	struct stat fs, place;
	errint_t rc;

	if (c->args.shown && !p.run_dir) {
		/* the appliance's other side has said that no record is kept */
		p.state_dir = "/proc/none";
		p.log = NULL;
	} else if (!p.run_dir) {
		p.state_dir = service_directory(c, "STATE_DIRECTORY");
		state = p.state_dir ? p.state_dir : "/var/lib/holystone";
		if (stat(m->path, &fs) == 0 &&
		    (stat(state, &place) == 0 || stat("/var/lib", &place) == 0) &&
		    fs.st_dev == place.st_dev) {
			p.state_dir = service_directory(c, "RUNTIME_DIRECTORY");
			if (!p.state_dir)
				p.state_dir = VOLATILE_STATE;
			if (!c->args.json)
				printf("Info: %s: The record of this run is kept in %s: the usual "
				       "place is being checked.\n",
				       m->shown, p.state_dir);
		}
	}
	rc = hs_run_create(&p, run, &why);
	if (rc)
		hs_log(c->cli->log, HS_LOG_ERROR, "%s", hs_strbuf_str(&why));
	hs_strbuf_free(&why);
	return rc;
}

/* A run directory that was asked for must be elsewhere, too. */
static bool run_dir_is_inside(const struct command *c, const struct mount *m)
{
	struct stat fs, place;
	char *parent, *slash;
	bool inside;

	if (!c->args.run_dir || stat(m->path, &fs))
		return false;
	if (stat(c->args.run_dir, &place) == 0)
		return fs.st_dev == place.st_dev;
	parent = strdup(c->args.run_dir);
	slash = parent ? strrchr(parent, '/') : NULL;
	if (slash)
		slash[slash == parent] = '\0';
	inside = parent && stat(slash ? parent : ".", &place) == 0 && fs.st_dev == place.st_dev;
	free(parent);
	return inside;
}

/*
 * What -o autofsck makes of this file system: true when it is to be checked, else *code is the
 * exit code.
 */
static bool apply_autofsck(struct command *c, struct mount *m, int *code)
{
	struct hs_xfs_fs fs;
	enum hs_xfs_autofsck mode;
	char unknown[64];

	if (hs_xfs_fs_open(&fs, &c->kernel.k, m->path, m->shown)) {
		hs_xfs_fs_close(&fs);
		return true; /* phase 1 will say why */
	}
	mode = hs_xfs_autofsck(&fs, unknown);
	hs_xfs_fs_close(&fs);
	if (!c->args.json && unknown[0]) {
		struct hs_strbuf s = HS_STRBUF_INIT;

		hs_strbuf_add_escaped(&s, unknown, strlen(unknown));
		printf("Info: %s: Unknown autofsck directive \"%s\".\n", m->shown,
		       hs_strbuf_str(&s));
		hs_strbuf_free(&s);
	}
	if (!c->args.json)
		printf("Info: %s: %s\n", m->shown, hs_xfs_autofsck_describe(mode));
	fflush(stdout);
	*code = 0;
	switch (mode) {
	case HS_XFS_AUTOFSCK_NONE:
		return false;
	case HS_XFS_AUTOFSCK_CHECK:
		m->opt.mode = HS_XFS_CHECK;
		break;
	case HS_XFS_AUTOFSCK_OPTIMIZE:
		if (m->opt.mode == HS_XFS_REPAIR)
			m->opt.mode = HS_XFS_OPTIMIZE;
		break;
	case HS_XFS_AUTOFSCK_REPAIR:
		break;
	}
	return true;
}

static bool can_do(struct command *c, struct mount *m, int *code)
{
	if (c->args.autofsck && !apply_autofsck(c, m, code))
		return false;
	if (run_dir_is_inside(c, m)) {
		*code = fail(m, "The run directory lies on the file system to be checked.");
		return false;
	}
	return true;
}

static void advise_appliance(const struct command *c, const struct mount *m, errint_t rc)
{
	/* only the exact name of the other program must stay silent about us */
	if (rc != -ENOTTY || c->args.as_xfs_scrub)
		return;
	fprintf(stderr,
		"%s: This kernel has no XFS online check.  The appliance's kernel has it, for "
		"images and unmounted devices: holystone xfs --appliance -n %s\n",
		m->shown, m->found.device ? m->found.device : "DEVICE");
}

static int exit_code(const struct command *c, const struct hs_xfs_scan *scan, errint_t rc)
{
	int code = hs_xfs_scan_exit(scan, rc);

	if (rc == -ECANCELED && c->stop && atomic_load(&c->stop->requested))
		code |= HS_XFS_EXIT_CANCELLED;
	return code;
}

static void finish_run(struct command *c, struct hs_run *run, errint_t rc, int code)
{
	struct hs_report report = {.form = HS_REPORT_JSON, .out = c->cli->out};

	hs_run_finish(run,
		      rc == -ECANCELED ? HS_RUN_STOPPED
		      : rc	       ? HS_RUN_FAILED
				       : HS_RUN_COMPLETED,
		      code);
	if (!c->args.json)
		return;
	pthread_mutex_lock(&c->report_lock);
	hs_report_run(&report, run);
	pthread_mutex_unlock(&c->report_lock);
}

static void describe_target(const struct mount *m, const struct hs_xfs_scan *scan,
			    struct hs_run *run)
{
	const uint8_t *u = scan->fs.geom.uuid;
	char uuid[37];

	snprintf(uuid, sizeof(uuid),
		 "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", u[0], u[1],
		 u[2], u[3], u[4], u[5], u[6], u[7], u[8], u[9], u[10], u[11], u[12], u[13], u[14],
		 u[15]);
	hs_run_add_target(run, &(struct hs_run_target){
				       .label = m->shown,
				       .kind = "XFS",
				       .index = -1,
				       .uuid = uuid,
				       .size = scan->fs.geom.datablocks * scan->fs.geom.blocksize,
				       .device = m->device,
			       });
}

static int check(struct command *c, const struct mount *m, struct hs_run *run)
{
	struct hs_xfs_lines lines;
	struct hs_xfs_scan scan;
	struct hs_xfs_scan_params p = {
		.kernel = &c->kernel.k,
		.path = m->path,
		.shown = m->shown,
		.opt = &m->opt,
		.listener = &lines.l,
		.run = run,
		.stop = c->stop,
		.devices = m->devices,
	};
	errint_t rc;
	int code;

	hs_xfs_lines_init(&lines, &c->args, m->shown, stdout, stderr);
	lines.mode = m->opt.mode;
	rc = hs_xfs_scan_init(&scan, &p);
	if (rc)
		return fail(m, strerror(-rc));
	if (c->args.n_mounts == 1)
		hs_xfs_bar_start(&c->args, &scan.progress, m->shown, &lines.bar);
	rc = hs_xfs_scan_run(&scan, m->path);
	hs_xfs_bar_stop(lines.bar);
	lines.bar = NULL;
	if (c->args.force_error)
		hs_xfs_say(&scan, HS_XFS_ERROR, m->shown, "Injecting error.");
	code = exit_code(c, &scan, rc);
	if (scan.ready)
		describe_target(m, &scan, run);
	hs_xfs_lines_result(&lines, &scan);
	advise_appliance(c, m, rc);
	finish_run(c, run, rc, code);
	hs_xfs_scan_free(&scan);
	return code;
}

static int check_mount(size_t i, void *arg)
{
	struct command *c = arg;
	struct mount *m = &c->mounts[i];
	struct hs_run *run = NULL;
	int code = HS_XFS_EXIT_ERROR;

	if (!can_do(c, m, &code))
		return code;
	if (c->args.no_kernel) {
		fail(m, "Kernel metadata scrubbing facility is not available.");
		advise_appliance(c, m, -ENOTTY);
		return HS_XFS_EXIT_ERROR;
	}
	if (open_run(c, m, &run))
		return HS_XFS_EXIT_ERROR;
	code = check(c, m, run);
	if (*hs_run_why(run)) {
		hs_log(c->cli->log, HS_LOG_ERROR, "%s", hs_run_why(run));
		code |= HS_XFS_EXIT_ERROR;
	}
	hs_run_close(run);
	return code;
}

static int find_mount(struct command *c, struct mount *m, const char *path)
{
	/* in a sandbox the mount point itself may be out of sight */
	const char *seen = c->args.open_path ? c->args.open_path : path;
	errint_t rc = hs_xfs_mount_find(c->args.mount_table, seen, &m->found);

	m->opt = c->args.scan;
	m->shown = c->args.shown ? c->args.shown : path;
	/* what the disk is called inside the appliance says nothing to people */
	m->device = m->found.device && !c->args.shown ? m->found.device : m->shown;
	m->path = seen;
	if (rc == -ENOENT && access(seen, F_OK) == 0) {
		fprintf(stderr, "%s: Not a XFS mount point.\n", path);
		return HS_XFS_EXIT_USAGE;
	}
	if (rc)
		return fail(m, strerror(-rc));
	return 0;
}

/* The paths by which the mount table knows the devices. */
static void find_devices(struct mount *m)
{
	m->log_device = hs_xfs_mount_option(m->found.options, "logdev");
	m->rt_device = hs_xfs_mount_option(m->found.options, "rtdev");
	m->devices[HS_XFS_DATA] = m->found.device;
	m->devices[HS_XFS_LOG] = m->log_device;
	m->devices[HS_XFS_RT] = m->rt_device;
}

static void find_disks(const struct mount *m, struct hs_xfs_member *member)
{
	struct stat st;

	if (stat(m->path, &st) == 0)
		hs_xfs_mounted_disks("/sys", st.st_dev, m->found.options, member);
}

static int check_all(struct command *c)
{
	size_t n = (size_t)c->args.n_mounts;
	struct hs_xfs_member *members = calloc(n, sizeof(*members));
	int code = 0;

	c->mounts = calloc(n, sizeof(*c->mounts));
	if (!members || !c->mounts) {
		fprintf(stderr, "%s\n", strerror(ENOMEM));
		code = HS_XFS_EXIT_ERROR;
	}
	for (size_t i = 0; !code && i < n; i++)
		code = find_mount(c, &c->mounts[i], c->args.mounts[i]);
	if (!code) {
		for (size_t i = 0; i < n; i++)
			find_disks(&c->mounts[i], &members[i]);
		for (size_t i = 0; i < n; i++)
			find_devices(&c->mounts[i]);
		code = hs_xfs_fleet_run(members, n, 0, check_mount, c);
	}
	for (size_t i = 0; i < n; i++) {
		if (members)
			free(members[i].disks);
		if (c->mounts) {
			hs_xfs_mount_free(&c->mounts[i].found);
			free(c->mounts[i].log_device);
			free(c->mounts[i].rt_device);
		}
	}
	free(members);
	free(c->mounts);
	return code;
}

static int show_version(const struct hs_xfs_args *a)
{
	printf("%s version %s%s\n", a->as_xfs_scrub ? "xfs_scrub" : a->program, HS_VERSION,
	       a->show_version > 1 ? " +Unicode" : "");
	return 0;
}

static int show_service(const struct hs_xfs_args *a)
{
	struct hs_strbuf s = HS_STRBUF_INIT;

	hs_xfs_service_name(a->service_path, a->as_xfs_scrub, a->scan.read_data, &s);
	printf("%s\n", hs_strbuf_str(&s));
	hs_strbuf_free(&s);
	return 0;
}

static bool read_resume(struct command *c)
{
	struct hs_strbuf why = HS_STRBUF_INIT;
	errint_t rc = hs_xfs_resume_read(&c->args, c->args.resume, &why);

	if (rc)
		fprintf(stderr, "Error: %s: Cannot go on: %s.\n", c->args.mounts[0],
			hs_strbuf_str(&why));
	hs_strbuf_free(&why);
	return rc == 0;
}

static int run(struct command *c, int argc, char **argv)
{
	int code = hs_xfs_args_parse(&c->args, argc, argv);

	if (code)
		return code;
	if (c->args.show_help) {
		hs_xfs_usage(&c->args, stdout);
		return 0;
	}
	if (c->args.show_version)
		return show_version(&c->args);
	if (c->args.service_path)
		return show_service(&c->args);
	if (c->args.resume && !read_resume(c))
		return HS_XFS_EXIT_ERROR;
	if (c->args.appliance)
		return hs_xfs_in_appliance(c->cli, &c->args, argv);
	hs_xfs_kernel_linux_init(&c->kernel);
	pthread_mutex_init(&c->report_lock, NULL);
	if (!c->args.as_xfs_scrub)
		c->stop = hs_interrupt_stop();
	code = check_all(c);
	if (fflush(stdout) || ferror(stdout)) {
		/* told here, in this command's own exit bits */
		hs_log(c->cli->log, HS_LOG_ERROR, "cannot write the output");
		clearerr(stdout);
		code |= HS_XFS_EXIT_ERROR;
	}
	if (c->args.service) {
		/* what systemd takes for success is 0 */
		sleep(SERVICE_LINGER_S);
		code = code != 0;
	}
	return code;
}

int hs_command_xfs(struct hs_cli *cli, int argc, char **argv)
{
	struct command c = {.cli = cli};

	return run(&c, argc, argv);
}

int hs_command_xfs_scrub(struct hs_cli *cli, int argc, char **argv)
{
	struct command c = {.cli = cli, .args = {.as_xfs_scrub = true}};

	/* xfs_scrub dies of signals; scripts look for that */
	signal(SIGPIPE, SIG_DFL);
	return run(&c, argc, argv);
}
