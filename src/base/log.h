/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Messages about the program's own work (not findings). The command that runs a checker owns the
 * sink; checkers only call hs_log(). Any thread may call hs_log(): the sink's emit() must be
 * thread-safe. A NULL log discards everything.
 */
#ifndef HS_BASE_LOG_H
#define HS_BASE_LOG_H

enum hs_log_level {
	HS_LOG_ERROR, /* we could not do something the user asked for */
	HS_LOG_WARN,  /* the result is limited: what and why */
	HS_LOG_INFO,  /* shown by default */
	HS_LOG_DEBUG, /* shown with -v */
};

struct hs_log {
	/* Takes one complete message without a newline. */
	void (*emit)(struct hs_log *log, enum hs_log_level level, const char *message);
	enum hs_log_level max; /* messages above this level are not formatted */
};

void hs_log(struct hs_log *log, enum hs_log_level level, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#endif
