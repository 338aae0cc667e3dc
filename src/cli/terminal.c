/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/terminal.h"

#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/utf8.h"

/* Back to the left edge and clear to the end of the line (ECMA-48 EL). */
#define WIPE "\r\033[K"

/* One write for each message, so that messages of several processes do not mix. */
static void put(struct hs_terminal *t, const struct hs_strbuf *text)
{
	const char *p = hs_strbuf_str(text);
	size_t left = text->len;

	while (left > 0) {
		ssize_t n = write(t->fd, p, left);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return;
		p += n;
		left -= (size_t)n;
	}
}

/* Messages may hold names from the disk; a backslash stays, so that escaped text stays readable. */
static void add_safe(struct hs_strbuf *out, const char *message)
{
	size_t len = strlen(message);

	for (size_t i = 0; i < len;) {
		size_t n = hs_utf8_len((const uint8_t *)message + i, len - i);

		n = n ? n : 1;
		if (message[i] == '\\')
			hs_strbuf_putc(out, '\\');
		else
			hs_strbuf_add_escaped(out, message + i, n);
		i += n;
	}
}

static void emit(struct hs_log *log, enum hs_log_level level, const char *message)
{
	struct hs_terminal *t = (struct hs_terminal *)log;
	hs_cleanup(hs_strbuf_free) struct hs_strbuf text = HS_STRBUF_INIT;

	pthread_mutex_lock(&t->mutex);
	if (t->line.len)
		hs_strbuf_puts(&text, WIPE);
	hs_strbuf_puts(&text, level == HS_LOG_WARN ? "holystone: warning: " : "holystone: ");
	add_safe(&text, message);
	hs_strbuf_putc(&text, '\n');
	hs_strbuf_add(&text, hs_strbuf_str(&t->line), t->line.len);
	put(t, &text);
	pthread_mutex_unlock(&t->mutex);
}

void hs_terminal_init(struct hs_terminal *t, int fd)
{
	*t = (struct hs_terminal){
		.log = {.emit = emit, .max = HS_LOG_INFO},
		.fd = fd,
		.tty = isatty(fd) != 0,
	};
	pthread_mutex_init(&t->mutex, NULL);
}

void hs_terminal_end(struct hs_terminal *t)
{
	hs_terminal_progress(t, "");
	hs_strbuf_free(&t->line);
	pthread_mutex_destroy(&t->mutex);
}

void hs_terminal_progress(struct hs_terminal *t, const char *line)
{
	hs_cleanup(hs_strbuf_free) struct hs_strbuf text = HS_STRBUF_INIT;

	if (!t->tty)
		return;
	pthread_mutex_lock(&t->mutex);
	if (t->line.len || line[0]) {
		hs_strbuf_reset(&t->line);
		add_safe(&t->line, line);
		hs_strbuf_puts(&text, WIPE);
		hs_strbuf_add(&text, hs_strbuf_str(&t->line), t->line.len);
		put(t, &text);
	}
	pthread_mutex_unlock(&t->mutex);
}

size_t hs_terminal_columns(const struct hs_terminal *t)
{
	struct winsize w;

	if (!t->tty || ioctl(t->fd, TIOCGWINSZ, &w) || w.ws_col < 2)
		return 0;
	return w.ws_col - 1u; /* the last column would wrap on some terminals */
}
