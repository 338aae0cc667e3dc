/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Between fork() and exec() the child of a program with threads may only call what signal handlers
 * may: everything it needs is made before. Why it could not exec comes back through a pipe that
 * exec closes.
 */
#include "cli/child.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/strbuf.h"

#define LOOK_MS 200 /* how soon a stop is noticed */

struct running {
	const struct hs_child *c;
	pid_t pid;
	int pidfd;
	int out; /* -1: its output is ours, or has ended */
	struct hs_strbuf rest;
	bool asked; /* to stop */
};

static void become(const struct hs_child *c, pid_t parent, int out, int failed)
{
	int err;

	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		_exit(128 + SIGTERM);
	signal(SIGPIPE, SIG_DFL);
	signal(SIGINT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	if (out < 0 || dup2(out, STDOUT_FILENO) >= 0)
		execvp(c->file, (char *const *)c->argv);
	err = errno;
	if (write(failed, &err, sizeof(err)) < 0)
		_exit(126);
	_exit(127);
}

/* Whole lines go out; what is left waits for its end. */
static void pass_lines(struct running *r, bool end)
{
	size_t begin = 0;

	for (size_t i = 0; i < r->rest.len; i++) {
		if (r->rest.s[i] != '\n' && !(end && i + 1 == r->rest.len))
			continue;
		r->c->line(r->c->arg, r->rest.s + begin, i + 1 - begin);
		begin = i + 1;
	}
	if (begin) {
		memmove(r->rest.s, r->rest.s + begin, r->rest.len - begin);
		r->rest.len -= begin;
	}
}

static void read_output(struct running *r)
{
	char buf[16384];
	ssize_t n = read(r->out, buf, sizeof(buf));

	if (n > 0) {
		hs_strbuf_add(&r->rest, buf, (size_t)n);
		if (hs_strbuf_error(&r->rest)) {
			/* a line without end, and no memory for it: as it is */
			pass_lines(r, true);
			hs_strbuf_reset(&r->rest);
			r->c->line(r->c->arg, buf, (size_t)n);
			return;
		}
		pass_lines(r, false);
	} else if (n == 0 || (errno != EINTR && errno != EAGAIN)) {
		close(r->out);
		r->out = -1;
	}
}

static errint_t wait_for(struct running *r, int *status)
{
	for (;;) {
		struct pollfd fds[2] = {{r->pidfd, POLLIN, 0}, {r->out, POLLIN, 0}};
		int n = poll(fds, 2, LOOK_MS);

		if (n < 0 && errno != EINTR)
			return -errno;
		if (r->c->stop && atomic_load(&r->c->stop->requested) && !r->asked) {
			kill(r->pid, SIGTERM);
			r->asked = true;
		}
		if (n > 0 && fds[1].revents)
			read_output(r);
		else if (n > 0 && fds[0].revents)
			break; /* ended, and nothing left to read at this moment */
	}
	for (;;) {
		int wstatus;

		if (waitpid(r->pid, &wstatus, 0) == r->pid) {
			*status = WIFSIGNALED(wstatus) ? 128 + WTERMSIG(wstatus)
						       : WEXITSTATUS(wstatus);
			return 0;
		}
		if (errno != EINTR)
			return -errno;
	}
}

/* What exec said, once its end of the pipe is closed. */
static errint_t exec_error(int fd)
{
	int err;
	ssize_t n;

	do {
		n = read(fd, &err, sizeof(err));
	} while (n < 0 && errno == EINTR);
	return n == sizeof(err) ? -err : 0;
}

static errint_t start(struct running *r, int out)
{
	pid_t self = getpid();
	int failed[2];
	errint_t rc;

	if (pipe2(failed, O_CLOEXEC))
		return -errno;
	r->pid = fork();
	if (r->pid == 0)
		become(r->c, self, out, failed[1]);
	rc = r->pid < 0 ? -errno : 0;
	close(failed[1]);
	if (!rc)
		rc = exec_error(failed[0]);
	close(failed[0]);
	if (!rc) {
		r->pidfd = pidfd_open(r->pid, 0);
		if (r->pidfd < 0) {
			rc = -errno;
			kill(r->pid, SIGTERM);
		}
	}
	if (rc && r->pid > 0)
		waitpid(r->pid, NULL, 0);
	return rc;
}

errint_t hs_child_run(const struct hs_child *c, int *status)
{
	struct running r = {.c = c, .pidfd = -1, .out = -1, .rest = HS_STRBUF_INIT};
	int fds[2] = {-1, -1};
	errint_t rc;

	if (c->line && pipe2(fds, O_CLOEXEC))
		return -errno;
	r.out = fds[0];
	rc = start(&r, fds[1]);
	if (fds[1] >= 0)
		close(fds[1]);
	if (!rc)
		rc = wait_for(&r, status);
	if (r.rest.len)
		pass_lines(&r, true);
	if (r.pidfd >= 0)
		close(r.pidfd);
	if (r.out >= 0)
		close(r.out);
	hs_strbuf_free(&r.rest);
	return rc;
}
