/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Libraries are found by asking the program's own loader (as ldd does), which knows run paths,
 * caches and hardware capabilities; it maps the program but runs nothing of it. The loader is the
 * one that the program names, so programs of another release unpacked below a prefix should be
 * added as a directory and called through their own loader.
 */
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "appliance/cpio.h"
#include "appliance/program.h"
#include "appliance/initramfs.h"
#include "appliance/job.h"
#include "base/cleanup.h"
#include "base/strbuf.h"

extern const uint8_t hs_appliance_init[], hs_appliance_init_end[];

#define GUEST_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
#define MAX_DEPTH  4 /* a script's interpreter may be a script */

struct build {
	const struct hs_appliance *a;
	struct hs_cpio cpio;
};

/* The symbolic links that make /bin and /usr/bin one place, as Debian has it. */
static void add_skeleton(struct build *b)
{
	static const char *const merged[] = {"bin", "sbin", "lib", "lib64"};
	static const char *const dirs[] = {"/dev", "/proc", "/sys", "/run",
					   "/tmp", "/root", "/var"};
	struct hs_cpio *c = &b->cpio;
	char path[32], target[32];

	for (size_t i = 0; i < sizeof(merged) / sizeof(merged[0]); i++) {
		snprintf(path, sizeof(path), "/usr/%s", merged[i]);
		hs_cpio_dir(c, path);
		snprintf(path, sizeof(path), "/%s", merged[i]);
		snprintf(target, sizeof(target), "usr/%s", merged[i]);
		hs_cpio_link(c, path, target);
	}
	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
		hs_cpio_dir(c, dirs[i]);
	hs_cpio_link(c, "/var/run", "/run");
	hs_cpio_node(c, "/dev/console", S_IFCHR | 0600, 5, 1);
	hs_cpio_bytes(c, "/etc/passwd", "root:x:0:0:root:/root:/bin/sh\n", 30, S_IFREG | 0644);
	hs_cpio_bytes(c, "/etc/group", "root:x:0:\n", 10, S_IFREG | 0644);
	hs_cpio_bytes(c, "/init", hs_appliance_init,
		      (size_t)(hs_appliance_init_end - hs_appliance_init), S_IFREG | 0755);
}

/* /bin/x and /usr/bin/x are one file inside: the skeleton's links must not be written through. */
static const char *merge_usr(const char *path, char buf[static PATH_MAX])
{
	static const char *const merged[] = {"/bin/", "/sbin/", "/lib/", "/lib64/"};

	for (size_t i = 0; i < sizeof(merged) / sizeof(merged[0]); i++) {
		if (!strncmp(path, merged[i], strlen(merged[i]))) {
			snprintf(buf, PATH_MAX, "/usr%s", path);
			return buf;
		}
	}
	return path;
}

static errint_t add_program(struct build *b, const char *host, const char *guest, int depth);

static void look_at(const char *host, struct hs_program *p)
{
	hs_autoclose int fd = open(host, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	uint8_t buf[4096];
	ssize_t n = fd < 0 ? 0 : read(fd, buf, sizeof(buf));

	hs_program_decode(buf, n > 0 ? (size_t)n : 0, p);
}

/* One line of the loader's list: "name => /path (address)" or "/path (address)". */
static errint_t add_listed(struct build *b, char *line, int depth)
{
	char *path = strstr(line, "=> "), *end;

	path = path ? path + 3 : line + strspn(line, " \t");
	end = strstr(path, " (");
	if (*path != '/' || !end) {
		if (strstr(path, "not found"))
			hs_log(b->a->log, HS_LOG_WARN, "library%s: it will be missing inside",
			       line);
		return 0;
	}
	*end = '\0';
	return add_program(b, path, path, depth + 1);
}

static errint_t add_libraries(struct build *b, const char *loader, const char *host, int depth)
{
	char line[PATH_MAX + 64];
	errint_t err = 0;
	int out[2], status;
	pid_t pid;
	FILE *f;

	if (pipe2(out, O_CLOEXEC) < 0)
		return -errno;
	pid = fork();
	if (!pid) {
		dup2(out[1], 1);
		execl(loader, loader, "--list", host, NULL);
		_exit(127);
	}
	close(out[1]);
	f = pid < 0 ? NULL : fdopen(out[0], "r");
	if (!f) {
		err = -errno;
		close(out[0]);
	}
	while (f && !err && fgets(line, sizeof(line), f))
		err = add_listed(b, line, depth);
	if (f)
		fclose(f);
	if (pid > 0 && waitpid(pid, &status, 0) == pid && status && !err) {
		hs_log(b->a->log, HS_LOG_ERROR, "%s cannot tell what %s needs", loader, host);
		err = -ENOEXEC;
	}
	return err;
}

static errint_t add_program(struct build *b, const char *host, const char *guest, int depth)
{
	char merged[PATH_MAX];
	struct hs_program p;
	errint_t err = 0;

	guest = merge_usr(guest, merged);
	if (hs_cpio_has(&b->cpio, guest))
		return 0;
	hs_cpio_file(&b->cpio, guest, host);
	if (b->cpio.err) {
		hs_log(b->a->log, HS_LOG_ERROR, "cannot copy %s: %s", host, strerror(-b->cpio.err));
		return b->cpio.err;
	}
	if (depth >= MAX_DEPTH)
		return 0;
	look_at(host, &p);
	if (p.kind == HS_PROGRAM_DYNAMIC || p.kind == HS_PROGRAM_SCRIPT)
		err = add_program(b, p.interpreter, p.interpreter, depth + 1);
	if (!err && p.kind == HS_PROGRAM_DYNAMIC)
		err = add_libraries(b, p.interpreter, host, depth);
	return err;
}

static errint_t add_link(struct build *b, const char *host, const char *guest)
{
	char target[PATH_MAX], merged[PATH_MAX];
	ssize_t n = readlink(host, target, sizeof(target) - 1);

	if (n < 0)
		return -errno;
	target[n] = '\0';
	hs_cpio_link(&b->cpio, merge_usr(guest, merged), target);
	return b->cpio.err;
}

static errint_t add_tree(struct build *b, const char *host, const char *guest);

static errint_t add_entry(struct build *b, const char *host, const char *guest)
{
	struct stat st;

	if (lstat(host, &st) < 0)
		return -errno;
	if (S_ISLNK(st.st_mode))
		return add_link(b, host, guest);
	if (S_ISDIR(st.st_mode))
		return add_tree(b, host, guest);
	/* Trees are complete in themselves: their programs bring their libraries along. */
	if (S_ISREG(st.st_mode))
		hs_cpio_file(&b->cpio, guest, host);
	return b->cpio.err;
}

static errint_t add_tree(struct build *b, const char *host, const char *guest)
{
	struct dirent **names;
	errint_t err = 0;
	int n = scandir(host, &names, NULL, alphasort);

	if (n < 0)
		return -errno;
	hs_cpio_dir(&b->cpio, guest);
	for (int i = 0; i < n; i++) {
		char from[PATH_MAX], to[PATH_MAX];
		const char *name = names[i]->d_name;

		if (!err && strcmp(name, ".") && strcmp(name, "..")) {
			if (snprintf(from, PATH_MAX, "%s/%s", host, name) >= PATH_MAX ||
			    snprintf(to, PATH_MAX, "%s/%s", guest, name) >= PATH_MAX)
				err = -ENAMETOOLONG;
			else
				err = add_entry(b, from, to);
		}
		free(names[i]);
	}
	free(names);
	return err ? err : b->cpio.err;
}

/* A name without a slash is looked for as a shell does, then here. *path is malloced. */
static errint_t find_program(const char *name, char **path)
{
	const char *dirs = getenv("PATH");
	char candidate[PATH_MAX];

	if (strchr(name, '/')) {
		*path = realpath(name, NULL);
		return *path ? 0 : -errno;
	}
	/* Administrators' tools are wanted here even by people without them in PATH. */
	for (int pass = 0; pass < 2; pass++, dirs = GUEST_PATH) {
		for (const char *d = dirs; d && *d; d += strcspn(d, ":"), d += *d == ':') {
			int len = (int)strcspn(d, ":");

			if (snprintf(candidate, PATH_MAX, "%.*s/%s", len, d, name) >= PATH_MAX ||
			    access(candidate, X_OK))
				continue;
			*path = strdup(candidate);
			return *path ? 0 : -ENOMEM;
		}
	}
	*path = realpath(name, NULL);
	return *path ? 0 : -ENOENT;
}

/*
 * A command found by name is put into the guest's PATH when the host's directory is not part of it.
 */
static errint_t guest_place(const char *host, char **guest)
{
	const char *slash = strrchr(host, '/');
	size_t dir = (size_t)(slash - host);

	for (const char *d = GUEST_PATH; *d; d += strcspn(d, ":"), d += *d == ':') {
		if (strcspn(d, ":") == dir && !strncmp(d, host, dir)) {
			*guest = strdup(host);
			return *guest ? 0 : -ENOMEM;
		}
	}
	return asprintf(guest, "/usr/local/bin%s", slash) < 0 ? -ENOMEM : 0;
}

static errint_t add_file(struct build *b, const char *name, const char *guest)
{
	hs_autofree char *host = NULL, *place = NULL;
	errint_t err = find_program(name, &host);
	struct stat st = {0};

	if (!err && stat(host, &st) < 0)
		err = -errno;
	if (!err && !guest && name[0] == '/')
		guest = name;
	if (!err && !guest) {
		err = guest_place(host, &place);
		guest = place;
	}
	if (err) {
		hs_log(b->a->log, HS_LOG_ERROR, "%s: %s", name, strerror(-err));
		return err;
	}
	return S_ISDIR(st.st_mode) ? add_tree(b, host, guest) : add_program(b, host, guest, 0);
}

/* What the guest should call the command: by its place inside. */
static errint_t add_command(struct build *b, char **word)
{
	const char *name = b->a->argv[0];
	hs_autofree char *host = NULL;
	char merged[PATH_MAX];
	errint_t err;

	/* A program that came with the files, or with a tree, is there under its own path. */
	if (name[0] == '/' && hs_cpio_has(&b->cpio, merge_usr(name, merged))) {
		*word = strdup(name);
		return *word ? 0 : -ENOMEM;
	}
	err = find_program(name, &host);
	if (err) {
		hs_log(b->a->log, HS_LOG_ERROR, "%s: %s", name, strerror(-err));
		return err;
	}
	if (name[0] == '/')
		*word = strdup(name);
	else
		err = guest_place(host, word);
	if (!err && !*word)
		err = -ENOMEM;
	return err ? err : add_program(b, host, *word, 0);
}

/*
 * Loaded by name while programs run, so no loader lists it: the C library needs it to end a thread.
 */
static errint_t add_thread_support(struct build *b)
{
	static const char path[] = "/usr/lib/x86_64-linux-gnu/libgcc_s.so.1";

	return access(path, R_OK) ? 0 : add_program(b, path, path, 0);
}

static void job_put(struct hs_strbuf *job, const char *key, const char *value)
{
	hs_strbuf_puts(job, key);
	hs_strbuf_add(job, value, strlen(value) + 1);
}

static void job_disks(const struct hs_appliance *a, struct hs_strbuf *job)
{
	size_t store = a->n_disks;

	for (size_t i = 0; i < a->n_disks; i++) {
		const struct hs_appliance_disk *d = &a->disks[i];
		int unit = d->access == HS_DISK_COW ? (int)store++ : -1;

		hs_strbuf_puts(job, "disk=");
		if (d->name)
			hs_strbuf_puts(job, d->name);
		else
			hs_strbuf_printf(job, "d%zu", i);
		hs_strbuf_printf(job, " %zu %d", i, unit);
		hs_strbuf_putc(job, '\0');
	}
}

static void job_mounts(const struct hs_appliance *a, struct hs_strbuf *job)
{
	for (size_t i = 0; i < a->n_mounts; i++) {
		const struct hs_appliance_mount *m = &a->mounts[i];

		job_put(job, "mount=", m->disk);
		job_put(job, "mount-dir=", m->dir);
		job_put(job, "mount-type=", m->type);
		job_put(job, "mount-options=", m->options ? m->options : "");
	}
}

static errint_t add_job(struct build *b, const char *command)
{
	struct hs_strbuf job = HS_STRBUF_INIT;
	const struct hs_appliance *a = b->a;
	errint_t err;

	job_disks(a, &job);
	if (a->share)
		job_put(&job, "share=", a->share_dir ? a->share_dir : HS_APPLIANCE_SHARE);
	if (a->terminal)
		job_put(&job, "tty=", "1");
	job_mounts(a, &job);
	job_put(&job, "env=", "PATH=" GUEST_PATH);
	job_put(&job, "env=", "HOME=/root");
	for (const char *const *e = a->env; e && *e; e++)
		job_put(&job, "env=", *e);
	job_put(&job, "arg=", command);
	for (const char *const *w = a->argv + 1; *w; w++)
		job_put(&job, "arg=", *w);
	err = hs_strbuf_error(&job);
	if (!err)
		hs_cpio_bytes(&b->cpio, HS_JOB_PATH, job.s, job.len, S_IFREG | 0600);
	hs_strbuf_free(&job);
	return err;
}

static errint_t fill(struct build *b)
{
	hs_autofree char *command = NULL;
	errint_t err = 0;

	add_skeleton(b);
	for (size_t i = 0; !err && i < b->a->n_files; i++)
		err = add_file(b, b->a->files[i].host, b->a->files[i].guest);
	if (!err)
		err = add_command(b, &command);
	if (!err)
		err = add_thread_support(b);
	return err ? err : add_job(b, command);
}

errint_t hs_initramfs_make(const struct hs_appliance *a, int *fd)
{
	struct build b = {.a = a};
	errint_t err, end;

	*fd = memfd_create("initramfs", MFD_CLOEXEC);
	if (*fd < 0)
		return -errno;
	b.cpio.out = fdopen(dup(*fd), "w");
	if (!b.cpio.out) {
		err = -errno;
	} else {
		err = fill(&b);
		end = hs_cpio_finish(&b.cpio);
		if (!err && end) {
			err = end;
			hs_log(a->log, HS_LOG_ERROR, "cannot write the initramfs: %s",
			       strerror(-err));
		}
		fclose(b.cpio.out);
	}
	if (err) {
		close(*fd);
		*fd = -1;
	}
	return err;
}
