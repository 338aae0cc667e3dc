/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs the command and relays its streams.
 *
 * The guest's consoles are terminals, which would make programs draw progress bars and end lines
 * in CR LF. So the command gets pipes, and what comes out of them goes to consoles in raw mode;
 * only when a terminal was asked for is it handed the console itself.
 *
 * Nothing here blocks on one stream while another has something to say: a host that does not read
 * standard output must still be able to send a signal.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "appliance/guest/guest.h"
#include "appliance/job.h"

/* One direction of one stream. `from` and `to` are -1 once closed. */
struct pump {
	int from, to;
	uint64_t limit; /* bytes after which `from` ends */
	uint64_t seen;
	size_t have, sent; /* of buf */
	char buf[16384];
};

enum { PUMP_IN, PUMP_OUT, PUMP_ERR, N_PUMPS };

struct run {
	const struct guest_job *job;
	int control;
	int signals;
	pid_t child;
	bool reaped;
	int status;
	struct pump pumps[N_PUMPS];
	char line[HS_JOB_LINE];
	size_t line_len;
};

static int open_line(int number, bool raw)
{
	char path[16];
	struct termios t;
	int fd;

	snprintf(path, sizeof(path), "/dev/tty%d", number);
	fd = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC | (raw ? O_NONBLOCK : 0));
	if (fd < 0)
		guest_fail("cannot open %s: %m", path);
	if (raw && !tcgetattr(fd, &t)) {
		cfmakeraw(&t);
		tcsetattr(fd, TCSANOW, &t);
	}
	return fd;
}

static void close_end(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static bool pump_active(const struct pump *p)
{
	return p->from >= 0 || p->sent < p->have;
}

/* Nothing more comes: closes the far end of what leads to the command, so that it sees the end. */
static void pump_finish(struct run *r, struct pump *p)
{
	if (p->from < 0 && p->sent == p->have && p == &r->pumps[PUMP_IN])
		close_end(&p->to);
}

static void pump_read(struct run *r, struct pump *p)
{
	uint64_t want = p->limit - p->seen;
	ssize_t n;

	if (want > sizeof(p->buf))
		want = sizeof(p->buf);
	n = want ? read(p->from, p->buf, (size_t)want) : 0;
	if (n > 0) {
		p->sent = 0;
		p->have = (size_t)n;
		p->seen += (uint64_t)n;
	}
	if (!n || (n < 0 && errno != EAGAIN && errno != EINTR) || p->seen == p->limit)
		close_end(&p->from);
	pump_finish(r, p);
}

static void pump_write(struct run *r, struct pump *p)
{
	ssize_t n = write(p->to, p->buf + p->sent, p->have - p->sent);

	if (n > 0) {
		p->sent += (size_t)n;
	} else if (n < 0 && errno != EAGAIN && errno != EINTR) {
		/* the command does not want its input */
		p->sent = p->have = 0;
		close_end(&p->from);
	}
	pump_finish(r, p);
}

static void signal_command(const struct run *r, int signal)
{
	if (!r->reaped)
		kill(-r->child, signal);
}

static void handle_line(struct run *r, const char *line)
{
	unsigned rows, columns;
	unsigned long long bytes;
	int number;

	if (sscanf(line, "signal %d", &number) == 1) {
		signal_command(r, number);
	} else if (!strcmp(line, "stop")) {
		signal_command(r, SIGKILL);
	} else if (sscanf(line, "eof %llu", &bytes) == 1) {
		struct pump *p = &r->pumps[PUMP_IN];

		p->limit = bytes;
		if (p->seen >= bytes)
			close_end(&p->from);
		pump_finish(r, p);
	} else if (sscanf(line, "size %u %u", &rows, &columns) == 2) {
		struct winsize size = {(unsigned short)rows, (unsigned short)columns, 0, 0};
		int fd = open("/dev/tty2", O_RDWR | O_NOCTTY | O_CLOEXEC);

		if (fd >= 0) {
			ioctl(fd, TIOCSWINSZ, &size);
			close(fd);
		}
	}
}

static void read_control(struct run *r)
{
	ssize_t n = read(r->control, r->line + r->line_len, sizeof(r->line) - 1 - r->line_len);
	char *end;

	if (n <= 0)
		return;
	r->line_len += (size_t)n;
	while ((end = memchr(r->line, '\n', r->line_len))) {
		size_t used = (size_t)(end - r->line) + 1;

		*end = '\0';
		handle_line(r, r->line);
		memmove(r->line, r->line + used, r->line_len - used);
		r->line_len -= used;
	}
	if (r->line_len == sizeof(r->line) - 1)
		r->line_len = 0;
}

/* Everybody's init: collects all children, keeps the status of the command. */
static void reap(struct run *r)
{
	struct signalfd_siginfo info;
	int status;
	pid_t pid;

	while (read(r->signals, &info, sizeof(info)) > 0)
		;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid != r->child)
			continue;
		r->reaped = true;
		r->status = status;
		/* What it left behind would keep the pipes open and the mounts busy. */
		kill(-1, SIGKILL);
		close_end(&r->pumps[PUMP_IN].from);
		r->pumps[PUMP_IN].sent = r->pumps[PUMP_IN].have;
	}
}

static _Noreturn void child_main(const struct guest_job *job, int in, int out, int err)
{
	sigset_t none;

	signal(SIGPIPE, SIG_DFL);
	setsid();
	if (job->tty)
		ioctl(in, TIOCSCTTY, 1);
	dup2(in, 0);
	dup2(out, 1);
	dup2(err, 2);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	environ = job->env;
	execvp(job->argv[0], job->argv);
	dprintf(2, "%s: %s\n", job->argv[0], strerror(errno));
	_exit(errno == ENOENT ? 127 : 126);
}

static void start(struct run *r)
{
	int in[2], out[2], err[2];

	if (r->job->tty) {
		in[0] = out[1] = err[1] = open_line(HS_LINE_STDIO, false);
		in[1] = out[0] = err[0] = -1;
	} else if (pipe2(in, O_CLOEXEC) < 0 || pipe2(out, O_CLOEXEC) < 0 ||
		   pipe2(err, O_CLOEXEC) < 0) {
		guest_fail("cannot make a pipe: %m");
	}

	r->child = fork();
	if (r->child < 0)
		guest_fail("cannot start a process: %m");
	if (!r->child)
		child_main(r->job, in[0], out[1], err[1]);

	close_end(&in[0]);
	if (!r->job->tty) {
		int stdio = open_line(HS_LINE_STDIO, true);

		close_end(&out[1]);
		close_end(&err[1]);
		fcntl(in[1], F_SETFL, O_NONBLOCK);
		r->pumps[PUMP_IN].from = stdio;
		r->pumps[PUMP_IN].to = in[1];
		r->pumps[PUMP_OUT].from = out[0];
		r->pumps[PUMP_OUT].to = dup(stdio);
		r->pumps[PUMP_ERR].from = err[0];
		r->pumps[PUMP_ERR].to = open_line(HS_LINE_ERRORS, true);
	}
	guest_say("ready");
}

static bool finished(const struct run *r)
{
	return r->reaped && !pump_active(&r->pumps[PUMP_OUT]) && !pump_active(&r->pumps[PUMP_ERR]);
}

static void step(struct run *r)
{
	struct pollfd fds[2 + N_PUMPS] = {
		{.fd = r->control, .events = POLLIN},
		{.fd = r->signals, .events = POLLIN},
	};

	for (unsigned i = 0; i < N_PUMPS; i++) {
		struct pump *p = &r->pumps[i];
		bool full = p->sent < p->have;

		fds[2 + i].fd = full ? p->to : p->from;
		fds[2 + i].events = full ? POLLOUT : POLLIN;
	}
	if (poll(fds, 2 + N_PUMPS, -1) < 0)
		return;
	if (fds[0].revents)
		read_control(r);
	if (fds[1].revents)
		reap(r);
	for (unsigned i = 0; i < N_PUMPS; i++) {
		struct pump *p = &r->pumps[i];

		/* What came in before may have closed it. */
		if (!fds[2 + i].revents)
			continue;
		if (fds[2 + i].events == POLLOUT && p->to == fds[2 + i].fd)
			pump_write(r, p);
		else if (fds[2 + i].events == POLLIN && p->from == fds[2 + i].fd)
			pump_read(r, p);
	}
}

int guest_run(const struct guest_job *job, int control)
{
	static struct run r;
	sigset_t mask;

	r = (struct run){.job = job, .control = control};
	for (unsigned i = 0; i < N_PUMPS; i++) {
		r.pumps[i].from = r.pumps[i].to = -1;
		r.pumps[i].limit = UINT64_MAX;
	}
	sigemptyset(&mask);
	sigaddset(&mask, SIGCHLD);
	sigprocmask(SIG_BLOCK, &mask, NULL);
	signal(SIGPIPE, SIG_IGN);
	r.signals = signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);

	start(&r);
	while (!finished(&r))
		step(&r);
	for (unsigned i = PUMP_OUT; i < N_PUMPS; i++)
		if (r.pumps[i].to >= 0)
			tcdrain(r.pumps[i].to);
	return r.status;
}
