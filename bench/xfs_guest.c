/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What bench/xfs-scrub runs inside the guest, where there is no Python.
 *
 * measure [-w] COMMAND...: drops the caches (not with -w: warm), runs the command and prints a line
 * "NAME VALUE" for each of: exit, wall (s), anon (the largest RssAnon of its process, KiB), busy
 * and idle (s, of all processors together); then what the command said of its phases.
 *
 * fragment FILE EXTENTS: makes a file of that many extents of one block, each before a hole.
 */
#include <err.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SAMPLE_NS (10 * 1000 * 1000)
#define BLOCK	  4096
#define OUTPUT	  "/tmp/measured"

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* The number behind `key` in a file of /proc, 0 without. */
static unsigned long field(const char *path, const char *key)
{
	char buf[4096];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, buf, sizeof(buf) - 1);
	const char *at;

	if (fd >= 0)
		close(fd);
	buf[n > 0 ? n : 0] = '\0';
	at = strstr(buf, key);
	return at ? strtoul(at + strlen(key), NULL, 10) : 0;
}

struct cpu {
	double busy, idle;
};

static struct cpu cpu_now(void)
{
	double hz = (double)sysconf(_SC_CLK_TCK);
	double v[8] = {0};
	FILE *f = fopen("/proc/stat", "re");
	struct cpu c = {0};

	if (!f || fscanf(f, "cpu %lf %lf %lf %lf %lf %lf %lf %lf", &v[0], &v[1], &v[2], &v[3],
			 &v[4], &v[5], &v[6], &v[7]) != 8)
		errx(1, "/proc/stat");
	fclose(f);
	c.idle = (v[3] + v[4]) / hz;
	c.busy = (v[0] + v[1] + v[2] + v[5] + v[6] + v[7]) / hz;
	return c;
}

static void drop_caches(void)
{
	int fd = open("/proc/sys/vm/drop_caches", O_WRONLY | O_CLOEXEC);

	sync();
	if (fd < 0 || write(fd, "3", 1) != 1)
		err(1, "drop_caches");
	close(fd);
}

static void show_phases(void)
{
	FILE *f = fopen(OUTPUT, "re");
	char line[512];

	if (!f)
		err(1, OUTPUT);
	while (fgets(line, sizeof(line), f)) {
		if (!strncmp(line, "Phase ", 6) || !strncmp(line, "Error", 5))
			fputs(line, stdout);
	}
	fclose(f);
}

static int measure(char **argv, int warm)
{
	struct timespec step = {.tv_nsec = SAMPLE_NS};
	unsigned long anon = 0;
	struct cpu before, after;
	char status[64];
	sigset_t child;
	double began;
	pid_t pid;
	int how;

	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child, NULL);
	if (!warm)
		drop_caches();
	before = cpu_now();
	began = now();
	pid = fork();
	if (pid < 0)
		err(1, "fork");
	if (pid == 0) {
		int fd = open(OUTPUT, O_WRONLY | O_CREAT | O_TRUNC, 0600);

		if (fd < 0 || dup2(fd, 1) < 0 || dup2(fd, 2) < 0)
			_exit(126);
		sigprocmask(SIG_UNBLOCK, &child, NULL);
		execvp(argv[0], argv);
		_exit(127);
	}
	snprintf(status, sizeof(status), "/proc/%d/status", pid);
	while (waitpid(pid, &how, WNOHANG) == 0) {
		unsigned long a = field(status, "\nRssAnon:");

		anon = a > anon ? a : anon;
		sigtimedwait(&child, NULL, &step);
	}
	began = now() - began;
	after = cpu_now();
	printf("exit %d\nwall %.4f\nanon %lu\nbusy %.2f\nidle %.2f\n",
	       WIFEXITED(how) ? WEXITSTATUS(how) : 128 + WTERMSIG(how), began, anon,
	       after.busy - before.busy, after.idle - before.idle);
	show_phases();
	return 0;
}

static int fragment(const char *path, long extents)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd < 0 || ftruncate(fd, 2 * extents * BLOCK))
		err(1, "%s", path);
	for (long i = 0; i < extents; i++) {
		if (fallocate(fd, 0, 2 * i * BLOCK, BLOCK))
			err(1, "%s", path);
	}
	if (close(fd))
		err(1, "%s", path);
	return 0;
}

int main(int argc, char **argv)
{
	int warm = argc > 2 && !strcmp(argv[2], "-w");

	if (argc > 2 + warm && !strcmp(argv[1], "measure"))
		return measure(argv + 2 + warm, warm);
	if (argc == 4 && !strcmp(argv[1], "fragment"))
		return fragment(argv[2], strtol(argv[3], NULL, 10));
	fputs("usage: bench-xfs-guest measure [-w] COMMAND... | fragment FILE EXTENTS\n", stderr);
	return 2;
}
