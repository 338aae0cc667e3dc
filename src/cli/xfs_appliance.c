/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * "holystone xfs --appliance": this same program inside the appliance, on a file system that is not
 * mounted. The disks are read-only on the host; what mounting and checking write goes to a
 * copy-on-write layer and is dropped.
 *
 * Inside, "--guest-mount OPTIONS" (not for people) mounts the device before the check and unmounts
 * it afterwards, and "--shown NAME" is how messages call it.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "appliance/appliance.h"
#include "base/array.h"
#include "base/cleanup.h"
#include "cli/xfs.h"
#include "xfs/superblock.h"

#define GUEST_MOUNT "/mnt"
#define GUEST_SELF  "/usr/bin/holystone"
#define LOCALE_DIR  "/usr/lib/locale/C.utf8"

static int fail(const char *what, const char *why)
{
	fprintf(stderr, "Error: %s: %s\n", what, why);
	return HS_XFS_EXIT_ERROR;
}

/* The options that hold for the host's side only. *skip: how many words it takes. */
static bool is_host_option(const char *word, int *skip)
{
	static const char *const with_value[] = {"--logdev", "--rtdev"};

	*skip = 1;
	if (!strcmp(word, "--appliance"))
		return true;
	for (size_t i = 0; i < 2; i++) {
		size_t len = strlen(with_value[i]);

		if (strncmp(word, with_value[i], len))
			continue;
		if (word[len] == '\0')
			*skip = 2;
		if (word[len] == '\0' || word[len] == '=')
			return true;
	}
	return false;
}

struct words {
	const char **v;
	size_t n, room;
	errint_t err;
};

static void add(struct words *w, const char *word)
{
	if (!w->err)
		w->err = hs_array_grow(&w->v, &w->room, w->n + 2);
	if (w->err)
		return;
	w->v[w->n++] = word;
	w->v[w->n] = NULL;
}

/* getopt has moved the device behind the options. */
static void guest_command(const struct hs_xfs_args *a, char **argv, const char *options,
			  struct words *w)
{
	int n_options = (int)(a->mounts - argv);
	int skip;

	add(w, GUEST_SELF);
	add(w, "xfs");
	add(w, "--guest-mount");
	add(w, options);
	add(w, "--shown");
	add(w, a->mounts[0]);
	for (int i = 1; i < n_options; i += skip) {
		if (!is_host_option(argv[i], &skip) && strcmp(argv[i], "--"))
			add(w, argv[i]);
	}
	add(w, HS_APPLIANCE_DISKS "/data");
}

static errint_t mount_options(const struct hs_xfs_args *a, struct hs_strbuf *out)
{
	uint8_t sb[HS_XFS_SB_SIZE];
	hs_autoclose int fd = open(a->mounts[0], O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : pread(fd, sb, sizeof(sb), 0);

	if (n < 0)
		return -errno;
	hs_strbuf_puts(out, "logbufs=8"); /* something for the others to follow with a comma */
	if (a->log_device)
		hs_strbuf_puts(out, ",logdev=" HS_APPLIANCE_DISKS "/log");
	if (a->rt_device)
		hs_strbuf_puts(out, ",rtdev=" HS_APPLIANCE_DISKS "/rt");
	return hs_xfs_sb_quota_options(sb, (size_t)n, out);
}

int hs_xfs_in_appliance(struct hs_cli *cli, const struct hs_xfs_args *a, char **argv)
{
	hs_cleanup(hs_strbuf_free) struct hs_strbuf options = HS_STRBUF_INIT;
	struct hs_appliance_disk disks[3] = {{a->mounts[0], "data", HS_DISK_COW}};
	struct hs_appliance_file files[2];
	static const char *const utf8[] = {"LC_ALL=C.UTF-8", NULL};
	struct hs_appliance_result result;
	struct hs_appliance guest = {.disks = disks,
				     .n_disks = 1,
				     .files = files,
				     .n_files = 1,
				     .cpus = a->scan.threads,
				     .in = -1,
				     .out = STDOUT_FILENO,
				     .err = STDERR_FILENO,
				     .console = -1,
				     .log = cli->log};
	struct words w = {0};
	char self[4096];
	ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);
	errint_t rc = mount_options(a, &options);

	if (rc == -EINVAL) {
		fail(a->mounts[0], "Not an XFS filesystem.");
		return HS_XFS_EXIT_USAGE;
	}
	if (rc || len <= 0)
		return fail(a->mounts[0], rc ? strerror(-rc) : "cannot find this program");
	self[len] = '\0';
	files[0] = (struct hs_appliance_file){self, GUEST_SELF};
	if (a->scan.utf8_names) {
		guest.env = utf8;
		if (access(LOCALE_DIR, R_OK) == 0)
			files[guest.n_files++] = (struct hs_appliance_file){LOCALE_DIR, NULL};
	}
	if (a->log_device)
		disks[guest.n_disks++] =
			(struct hs_appliance_disk){a->log_device, "log", HS_DISK_COW};
	if (a->rt_device)
		disks[guest.n_disks++] =
			(struct hs_appliance_disk){a->rt_device, "rt", HS_DISK_COW};
	guest_command(a, argv, hs_strbuf_str(&options), &w);
	guest.argv = w.v;
	rc = w.err ? w.err : hs_appliance_run(&guest, &result);
	free(w.v);
	if (rc)
		return HS_XFS_EXIT_ERROR; /* the log has said why */
	if (result.end == HS_END_EXIT || result.end == HS_END_SIGNAL)
		return hs_appliance_exit_code(&result);
	return HS_XFS_EXIT_ERROR;
}

int hs_xfs_guest_mount(const struct hs_xfs_args *a)
{
	mkdir(GUEST_MOUNT, 0755);
	if (mount(a->mounts[0], GUEST_MOUNT, "xfs", MS_NOATIME, a->guest_mount) == 0)
		return 0;
	if (errno == EUCLEAN)
		fprintf(stderr,
			"Error: %s: It is too damaged to be mounted; xfs_repair is needed.\n",
			a->shown);
	else
		fprintf(stderr, "Error: %s: It cannot be mounted: %s.\n", a->shown,
			strerror(errno));
	return HS_XFS_EXIT_ERROR;
}

void hs_xfs_guest_unmount(void)
{
	umount2(GUEST_MOUNT, 0);
}
