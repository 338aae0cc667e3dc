/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The guest's command line, its confinement and its process.
 *
 * Every file reaches the guest as an open descriptor, named /proc/self/fd/N on its command line:
 * what was checked and locked is what is used, and no path has to survive the guest's parsers. The
 * descriptors that hold the disks are inherited, so a hold lasts as long as the guest.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "appliance/confine.h"
#include "appliance/job.h"
#include "appliance/launch.h"
#include "appliance/program.h"
#include "base/cleanup.h"

#define MAX_ARGS 64
#define KEEP_FDS 48
#define MIB	 ((uint64_t)1 << 20)

/* Everything the child needs is made before fork(), so that the child only makes system calls. */
struct plan {
	char *argv[MAX_ARGS];
	size_t n_args;
	char *env[4];
	int keep[KEEP_FDS]; /* descriptors the guest inherits */
	size_t n_keep;
	int console; /* the guest's stdout and stderr */
	pid_t parent;
	struct hs_confine confine;
	errint_t err;
};

static void arg(struct plan *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void arg(struct plan *p, const char *fmt, ...)
{
	va_list ap;

	if (p->err)
		return;
	if (p->n_args == MAX_ARGS - 1) {
		p->err = -E2BIG;
		return;
	}
	va_start(ap, fmt);
	if (vasprintf(&p->argv[p->n_args], fmt, ap) < 0)
		p->err = -ENOMEM;
	else
		p->n_args++;
	va_end(ap);
}

static void keep(struct plan *p, int fd)
{
	if (p->n_keep == KEEP_FDS)
		p->err = p->err ? p->err : -E2BIG;
	else
		p->keep[p->n_keep++] = fd;
}

/* A file the guest opens anew through our descriptor. */
static void pass(struct plan *p, int fd, enum hs_confine_right right)
{
	keep(p, fd);
	if (!p->err)
		p->err = hs_confine_fd(&p->confine, fd, right);
}

static void plan_disks(const struct hs_launch *l, struct plan *p)
{
	size_t store = l->n_disks;

	for (size_t i = 0; i < l->n_disks; i++) {
		bool writes = l->disks[i].access == HS_DISK_RW;

		/* 'd': take an image for what it is, even one that looks like UML's COW format */
		arg(p, "ubd%zu%sd=/proc/self/fd/%d", i, writes ? "" : "r", l->held[i].fd);
		pass(p, l->held[i].fd, writes ? HS_MAY_WRITE : HS_MAY_READ);
		if (l->held[i].store >= 0) {
			arg(p, "ubd%zud=/proc/self/fd/%d", store++, l->held[i].store);
			pass(p, l->held[i].store, HS_MAY_WRITE);
		}
	}
}

/* What User Mode Linux itself looks at on the host. None is vital. */
static void plan_host_files(struct plan *p)
{
	static const char *const readable[] = {"/proc/cpuinfo", "/dev/random", "/dev/urandom"};

	for (size_t i = 0; i < sizeof(readable) / sizeof(readable[0]); i++)
		hs_confine_path(&p->confine, readable[i], HS_MAY_READ);
	hs_confine_path(&p->confine, "/dev/null", HS_MAY_WRITE);
	hs_confine_path(&p->confine, "/dev/ptmx", HS_MAY_WRITE);
	hs_confine_path(&p->confine, "/dev/pts", HS_MAY_WRITE);
}

/* A kernel that is not linked statically (one of the user's own) has to find its libraries. */
static void plan_kernel(const struct hs_launch *l, struct plan *p)
{
	static const char *const libraries[] = {"/lib", "/lib64", "/usr/lib", "/usr/lib64"};
	hs_autoclose int fd = open(l->kernel, O_RDONLY | O_CLOEXEC);
	struct hs_program program;
	uint8_t buf[4096];
	ssize_t n = fd < 0 ? -1 : read(fd, buf, sizeof(buf));

	if (!p->err)
		p->err = hs_confine_path(&p->confine, l->kernel, HS_MAY_RUN);
	hs_program_decode(buf, n > 0 ? (size_t)n : 0, &program);
	if (program.kind != HS_PROGRAM_DYNAMIC)
		return;
	for (size_t i = 0; i < sizeof(libraries) / sizeof(libraries[0]); i++)
		hs_confine_path(&p->confine, libraries[i], HS_MAY_RUN);
	hs_confine_path(&p->confine, "/etc/ld.so.cache", HS_MAY_READ);
}

static void plan_make(const struct hs_launch *l, const int lines[3], struct plan *p)
{
	arg(p, "holystone-appliance");
	arg(p, "mem=%lluM", (unsigned long long)(l->memory / MIB));
	/* With one processor the slower ptrace mode is a way out where seccomp is forbidden. */
	arg(p, "seccomp=%s", l->cpus > 1 ? "on" : "auto");
	arg(p, "ncpus=%u", l->cpus);
	arg(p, "uml_dir=%s", l->dir);
	arg(p, "initrd=/proc/self/fd/%d", l->initramfs);
	pass(p, l->initramfs, HS_MAY_READ);
	arg(p, "con=null");
	arg(p, "con0=null,fd:2");
	for (int i = 0; i < 3; i++) {
		arg(p, "con%d=fd:%d", HS_LINE_CONTROL + i, lines[i]);
		keep(p, lines[i]);
	}
	/* A check must not end in a guest that limps on after an oops. */
	arg(p, "oops=panic");
	arg(p, "panic=-1");
	plan_disks(l, p);
	if (l->share >= 0) {
		arg(p, "hostfs=/proc/self/fd/%d", l->share);
		pass(p, l->share, HS_MAY_MANAGE);
	} else {
		/* an empty directory: nothing is shared, whatever the guest may mount */
		arg(p, "hostfs=%s/none", l->dir);
	}
	if (asprintf(&p->env[0], "TMPDIR=%s", l->dir) < 0 ||
	    asprintf(&p->env[1], "HOME=%s", l->dir) < 0)
		p->err = -ENOMEM;
	plan_kernel(l, p);
	if (!p->err)
		p->err = hs_confine_path(&p->confine, l->dir, HS_MAY_MANAGE);
	plan_host_files(p);
}

static void plan_free(struct plan *p)
{
	for (size_t i = 0; i < p->n_args; i++)
		free(p->argv[i]);
	free(p->env[0]);
	free(p->env[1]);
	hs_confine_end(&p->confine);
}

static _Noreturn void child_main(const struct hs_launch *l, const struct plan *p)
{
	struct rlimit none = {0, 0};
	sigset_t empty;
	int null = open("/dev/null", O_RDONLY);

	sigemptyset(&empty);
	sigprocmask(SIG_SETMASK, &empty, NULL);
	/* Dies with us: a guest without its launcher would be nobody's. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != p->parent)
		_exit(125);
	setrlimit(RLIMIT_CORE, &none); /* a core of a panic is the guest's whole memory */
	personality(PER_LINUX | ADDR_NO_RANDOMIZE); /* or it starts itself a second time */
	dup2(null, 0);
	dup2(p->console, 1);
	dup2(p->console, 2);
	for (size_t i = 0; i < p->n_keep; i++)
		fcntl(p->keep[i], F_SETFD, 0);
	if (!hs_confine_enforce(&p->confine))
		execve(l->kernel, p->argv, p->env);
	dprintf(2, "cannot run %s: %s\n", l->kernel, strerror(errno));
	_exit(125);
}

/* ours[i] and theirs[i] are the two ends of line i. */
static errint_t make_lines(int ours[3], int theirs[3])
{
	for (int i = 0; i < 3; i++) {
		int pair[2];

		if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
			return -errno;
		ours[i] = pair[0];
		theirs[i] = pair[1];
		fcntl(ours[i], F_SETFL, O_NONBLOCK);
	}
	return 0;
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

errint_t hs_guest_start(const struct hs_launch *l, struct hs_guest *g)
{
	int ours[3] = {-1, -1, -1}, theirs[3] = {-1, -1, -1}, console[2] = {-1, -1};
	struct plan p = {.parent = getpid()};
	errint_t err = make_lines(ours, theirs);

	*g = (struct hs_guest)HS_GUEST_INIT;
	if (!err && pipe2(console, O_CLOEXEC) < 0)
		err = -errno;
	if (!err)
		err = hs_confine_begin(&p.confine);
	if (!err) {
		if (p.confine.fd < 0)
			hs_log(l->log, HS_LOG_WARN,
			       "this host has no Landlock: the guest's process could reach the "
			       "files of its user if its kernel were subverted");
		p.console = console[1];
		plan_make(l, theirs, &p);
		err = p.err;
	}
	if (!err) {
		g->pid = fork();
		if (!g->pid)
			child_main(l, &p);
		if (g->pid < 0)
			err = -errno;
	}
	plan_free(&p);
	for (int i = 0; i < 3; i++)
		close_fd(&theirs[i]);
	close_fd(&console[1]);
	g->control = ours[0];
	g->stdio = ours[1];
	g->errors = ours[2];
	g->console = console[0];
	if (!err)
		fcntl(g->console, F_SETFL, O_NONBLOCK);
	else
		hs_guest_release(g);
	return err;
}

void hs_guest_release(struct hs_guest *g)
{
	close_fd(&g->control);
	close_fd(&g->stdio);
	close_fd(&g->errors);
	close_fd(&g->console);
}
