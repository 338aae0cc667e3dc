/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One poll loop. The guest's lines are non-blocking sockets; the caller's descriptors are left in
 * the mode they have and are only written after poll() says so, at most PIPE_BUF bytes at a time,
 * which never blocks: a reader that stands still must not keep Ctrl-C from working.
 */
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "appliance/job.h"
#include "appliance/session.h"
#include "base/clock.h"

#define GRACE_NS   ((uint64_t)10 * 1000000000)
#define UNMOUNT_NS ((uint64_t)30 * 1000000000)
#define TAIL_SIZE  4096

struct stream {
	int from, to; /* -1 once closed */
	uint64_t count;
	size_t have, sent;
	char buf[PIPE_BUF];
};

enum { STREAM_IN, STREAM_OUT, STREAM_ERR, N_STREAMS };

/* How hard the guest has been asked to end. */
enum pressure { RUNNING, ASKED, STOPPED, KILLED };

struct session {
	const struct hs_appliance *a;
	struct hs_guest *g;
	struct hs_appliance_result *result;
	int signals;
	bool ready, has_status, gone;
	int pending; /* signal that came before the guest was ready */
	enum pressure pressure;
	bool timed_out;
	uint64_t deadline; /* monotonic ns of the next escalation, 0: none */
	struct stream streams[N_STREAMS];
	char line[HS_JOB_LINE];
	size_t line_len;
	char tail[TAIL_SIZE]; /* the end of what the guest's kernel said */
	size_t tail_len;
};

static void tell(struct session *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Control lines are few and short: the socket's buffer always has room for them. */
static void tell(struct session *s, const char *fmt, ...)
{
	char line[HS_JOB_LINE];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	if (n > 0 && n < (int)sizeof(line) && write(s->g->control, line, (size_t)n) != n)
		hs_log(s->a->log, HS_LOG_DEBUG, "the guest does not listen");
}

static void kill_guest(struct session *s)
{
	s->pressure = KILLED;
	s->deadline = 0;
	kill(s->g->pid, SIGKILL);
}

static void stop_command(struct session *s)
{
	s->pressure = STOPPED;
	tell(s, "stop\n");
}

static void ask_command(struct session *s, int number)
{
	s->pressure = ASKED;
	if (s->ready)
		tell(s, "signal %d\n", number);
	else
		s->pending = number;
}

static void on_signal(struct session *s, int number)
{
	switch (s->pressure) {
	case RUNNING:
		ask_command(s, number);
		break;
	case ASKED:
		hs_log(s->a->log, HS_LOG_WARN, "ending the command; once more kills the guest");
		if (s->ready)
			stop_command(s);
		else
			kill_guest(s);
		break;
	case STOPPED:
	case KILLED:
		hs_log(s->a->log, HS_LOG_WARN, "killing the guest: nothing in it is unmounted");
		kill_guest(s);
		break;
	}
}

/* The time is over: each step gets its own time before the next. */
static void on_deadline(struct session *s)
{
	uint64_t now = hs_now_ns();

	if (!s->timed_out || s->pressure == RUNNING) {
		s->timed_out = true;
		hs_log(s->a->log, HS_LOG_WARN, "the time is over: ending the command");
		ask_command(s, SIGTERM);
		s->deadline = now + GRACE_NS;
	} else if (s->pressure == ASKED && s->ready) {
		stop_command(s);
		s->deadline = now + UNMOUNT_NS;
	} else {
		hs_log(s->a->log, HS_LOG_WARN, "the guest does not end: killing it");
		kill_guest(s);
	}
}

static void send_size(struct session *s)
{
	struct winsize size;

	if (s->a->terminal && s->ready && !ioctl(s->a->in, TIOCGWINSZ, &size))
		tell(s, "size %u %u\n", size.ws_row, size.ws_col);
}

static void on_ready(struct session *s)
{
	s->ready = true;
	send_size(s);
	if (s->pending)
		tell(s, "signal %d\n", s->pending);
	s->streams[STREAM_IN].from = s->a->in;
	if (s->a->in < 0)
		tell(s, "eof 0\n");
}

static void on_line(struct session *s, const char *line)
{
	struct hs_appliance_result *r = s->result;
	int number;

	if (!strcmp(line, "ready")) {
		on_ready(s);
	} else if (sscanf(line, "exit %d", &number) == 1) {
		s->has_status = true;
		r->end = HS_END_EXIT;
		r->status = number;
	} else if (sscanf(line, "killed %d", &number) == 1) {
		s->has_status = true;
		r->end = HS_END_SIGNAL;
		r->status = number;
	} else if (sscanf(line, "unmountable %d", &number) == 1) {
		s->has_status = true;
		r->end = HS_END_UNMOUNTABLE;
		r->status = number;
	} else if (!strncmp(line, "stuck ", 6)) {
		r->unclean = true;
		hs_log(s->a->log, HS_LOG_WARN, "inside: cannot unmount %s", line + 6);
	} else if (!strncmp(line, "log ", 4)) {
		hs_log(s->a->log, HS_LOG_WARN, "inside: %s", line + 4);
	} else if (strcmp(line, "down")) {
		hs_log(s->a->log, HS_LOG_WARN, "inside: %s", line);
	}
}

static void read_control(struct session *s)
{
	ssize_t n;

	while ((n = read(s->g->control, s->line + s->line_len, sizeof(s->line) - 1 - s->line_len)) >
	       0) {
		char *end;

		s->line_len += (size_t)n;
		while ((end = memchr(s->line, '\n', s->line_len))) {
			size_t used = (size_t)(end - s->line) + 1;

			*end = '\0';
			on_line(s, s->line);
			memmove(s->line, s->line + used, s->line_len - used);
			s->line_len -= used;
		}
		if (s->line_len == sizeof(s->line) - 1)
			s->line_len = 0;
	}
}

static void keep_tail(struct session *s, const char *text, size_t len)
{
	if (len > TAIL_SIZE / 2) {
		text += len - TAIL_SIZE / 2;
		len = TAIL_SIZE / 2;
	}
	if (s->tail_len + len > TAIL_SIZE) {
		size_t drop = s->tail_len + len - TAIL_SIZE;

		memmove(s->tail, s->tail + drop, s->tail_len - drop);
		s->tail_len -= drop;
	}
	memcpy(s->tail + s->tail_len, text, len);
	s->tail_len += len;
}

static void read_console(struct session *s)
{
	char buf[4096];
	ssize_t n;

	while ((n = read(s->g->console, buf, sizeof(buf))) > 0) {
		keep_tail(s, buf, (size_t)n);
		for (ssize_t done = 0, w; s->a->console >= 0 && done < n; done += w) {
			w = write(s->a->console, buf + done, (size_t)(n - done));
			if (w <= 0)
				break;
		}
	}
}

static void show_tail(struct session *s)
{
	char *line = s->tail;

	for (size_t i = 0; i < s->tail_len; i++) {
		if (s->tail[i] != '\n')
			continue;
		s->tail[i] = '\0';
		if (*line)
			hs_log(s->a->log, HS_LOG_ERROR, "guest kernel: %s", line);
		line = s->tail + i + 1;
	}
}

/* Moves what one stream can move. *idle is cleared if anything moved. */
static void stream_read(struct session *s, struct stream *st)
{
	ssize_t n = read(st->from, st->buf, sizeof(st->buf));

	if (n > 0) {
		st->have = (size_t)n;
		st->sent = 0;
		st->count += (uint64_t)n;
	} else if (!n || (errno != EAGAIN && errno != EINTR)) {
		st->from = -1; /* the descriptors are others' to close */
		if (st == &s->streams[STREAM_IN])
			tell(s, "eof %llu\n", (unsigned long long)st->count);
	}
}

static void stream_write(struct session *s, struct stream *st)
{
	ssize_t n = write(st->to, st->buf + st->sent, st->have - st->sent);

	if (n > 0) {
		st->sent += (size_t)n;
	} else if (n < 0 && errno != EAGAIN && errno != EINTR) {
		/* Nobody reads any more: for the command this is a broken pipe, here it is silence.
		 */
		if (st != &s->streams[STREAM_IN] && st->to >= 0 && s->ready)
			tell(s, "signal %d\n", SIGPIPE);
		st->to = -1;
		st->sent = st->have;
	}
}

static bool stream_full(const struct stream *st)
{
	return st->sent < st->have;
}

static void stream_step(struct session *s, struct stream *st)
{
	if (!stream_full(st) && st->from >= 0)
		stream_read(s, st);
	if (!stream_full(st))
		return;
	if (st->to < 0)
		st->sent = st->have;
	else
		stream_write(s, st);
}

static void read_signals(struct session *s)
{
	struct signalfd_siginfo info;
	int status;

	while (read(s->signals, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		if (info.ssi_signo == SIGWINCH)
			send_size(s);
		else if (info.ssi_signo != SIGCHLD && info.ssi_signo != SIGPIPE)
			on_signal(s, (int)info.ssi_signo);
	}
	if (!s->gone && waitpid(s->g->pid, &status, WNOHANG) == s->g->pid)
		s->gone = true;
}

static int poll_timeout(const struct session *s)
{
	uint64_t now = hs_now_ns();

	if (!s->deadline)
		return -1;
	if (s->deadline <= now)
		return 0;
	return (int)((s->deadline - now) / 1000000 < 3600000 ? (s->deadline - now) / 1000000 + 1
							     : 3600000);
}

static void step(struct session *s)
{
	struct pollfd fds[3 + N_STREAMS] = {
		{.fd = s->signals, .events = POLLIN},
		{.fd = s->g->control, .events = POLLIN},
		{.fd = s->g->console, .events = POLLIN},
	};

	for (unsigned i = 0; i < N_STREAMS; i++) {
		struct stream *st = &s->streams[i];

		fds[3 + i].fd = stream_full(st) ? st->to : st->from;
		fds[3 + i].events = stream_full(st) ? POLLOUT : POLLIN;
	}
	if (poll(fds, 3 + N_STREAMS, poll_timeout(s)) < 0)
		return;
	if (s->deadline && s->deadline <= hs_now_ns())
		on_deadline(s);
	if (fds[1].revents)
		read_control(s);
	if (fds[2].revents)
		read_console(s);
	for (unsigned i = 0; i < N_STREAMS; i++)
		if (fds[3 + i].revents)
			stream_step(s, &s->streams[i]);
	/* Last, so that what the guest said before it went is read before it counts as gone. */
	if (fds[0].revents)
		read_signals(s);
}

/* The process is gone: what is still in the sockets is all there will be. */
static void drain(struct session *s)
{
	read_control(s);
	read_console(s);
	for (unsigned i = STREAM_OUT; i < N_STREAMS; i++) {
		struct stream *st = &s->streams[i];

		do
			stream_step(s, st);
		while (stream_full(st) || (st->from >= 0 && errno != EAGAIN));
	}
}

static void conclude(struct session *s)
{
	struct hs_appliance_result *r = s->result;

	if (s->pressure == KILLED) {
		r->end = s->timed_out ? HS_END_TIMEOUT : HS_END_KILLED;
		r->unclean = true;
	} else if (!s->has_status) {
		r->end = HS_END_DIED;
		r->unclean = true;
		hs_log(s->a->log, HS_LOG_ERROR, "the guest died; its last words:");
		show_tail(s);
	} else if (r->end == HS_END_UNMOUNTABLE) {
		hs_log(s->a->log, HS_LOG_ERROR,
		       "cannot mount the file system: %s; the kernel said:", strerror(r->status));
		show_tail(s);
	} else if (s->timed_out) {
		r->end = HS_END_TIMEOUT;
	}
}

static void set_up_streams(struct session *s)
{
	struct stream *in = &s->streams[STREAM_IN];
	struct stream *out = &s->streams[STREAM_OUT];
	struct stream *err = &s->streams[STREAM_ERR];

	/* Input waits for "ready": before it the guest's terminal would echo it. */
	in->from = -1;
	in->to = s->g->stdio;
	out->from = s->g->stdio;
	out->to = s->a->out;
	err->from = s->g->errors;
	err->to = s->a->err >= 0 ? s->a->err : s->a->out;
}

errint_t hs_session_run(const struct hs_appliance *a, struct hs_guest *g,
			struct hs_appliance_result *result)
{
	static const int taken[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGWINCH, SIGCHLD, SIGPIPE};
	struct session *s = calloc(1, sizeof(*s));
	struct termios cooked, raw;
	sigset_t mask, before;
	errint_t err = 0;

	if (!s)
		return -ENOMEM;
	*s = (struct session){.a = a, .g = g, .result = result};
	if (a->timeout_ms)
		s->deadline = hs_now_ns() + a->timeout_ms * 1000000;
	set_up_streams(s);

	sigemptyset(&mask);
	for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++)
		sigaddset(&mask, taken[i]);
	pthread_sigmask(SIG_BLOCK, &mask, &before);
	s->signals = signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
	if (s->signals < 0) {
		err = -errno;
		kill_guest(s);
		waitpid(g->pid, NULL, 0);
	} else {
		if (a->terminal && !tcgetattr(a->in, &cooked)) {
			raw = cooked;
			cfmakeraw(&raw);
			tcsetattr(a->in, TCSADRAIN, &raw);
		}
		/* It may have died before its SIGCHLD was blocked. */
		read_signals(s);
		while (!s->gone)
			step(s);
		drain(s);
		if (a->terminal)
			tcsetattr(a->in, TCSADRAIN, &cooked);
		conclude(s);
		close(s->signals);
	}
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	free(s);
	return err;
}
