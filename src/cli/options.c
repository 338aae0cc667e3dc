/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/options.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define THREADS_MAX 1024
#define MEMORY_MIN  (16ull << 20)

enum {
	KEY_JSON = 0x1000,
	KEY_THREADS,
	KEY_MEMORY,
	KEY_RUN_DIR,
};

/* Digits after the point of a size that still matter: 2^60 has 18 digits. */
#define FRACTION_DIGITS 18

errint_t hs_parse_number(const char *text, uint64_t min, uint64_t max, uint64_t *value)
{
	unsigned long long v;
	bool hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
	char *end;

	/* strtoull() takes signs and blanks; a number here has none. */
	if (hex ? !isxdigit((unsigned char)text[2]) : !isdigit((unsigned char)text[0]))
		return -EINVAL;
	errno = 0;
	v = strtoull(text, &end, hex ? 16 : 10);
	if (*end)
		return -EINVAL;
	if (errno || v < min || v > max)
		return -ERANGE;
	*value = v;
	return 0;
}

/* The power of two that a suffix stands for, or -1. */
static int suffix_shift(const char *s)
{
	static const char letters[] = "KMGTPE";
	const char *at;

	if (!*s)
		return 0;
	at = strchr(letters, toupper((unsigned char)*s));
	if (!at)
		return strcmp(s, "B") ? -1 : 0;
	s++;
	if (*s && strcmp(s, "B") && strcmp(s, "iB"))
		return -1;
	return 10 * (int)(at - letters + 1);
}

errint_t hs_parse_size(const char *text, uint64_t *bytes)
{
	unsigned __int128 whole = 0, part = 0, scale = 1;
	const char *p = text;
	int shift, digits = 0;

	if (!isdigit((unsigned char)*p))
		return -EINVAL;
	for (; isdigit((unsigned char)*p); p++) {
		whole = whole * 10 + (unsigned)(*p - '0');
		if (whole > UINT64_MAX)
			return -ERANGE;
	}
	if (*p == '.') {
		if (!isdigit((unsigned char)*++p))
			return -EINVAL;
		for (; isdigit((unsigned char)*p); p++) {
			if (digits++ >= FRACTION_DIGITS)
				continue;
			part = part * 10 + (unsigned)(*p - '0');
			scale *= 10;
		}
	}
	shift = suffix_shift(p);
	if (shift < 0)
		return -EINVAL;
	whole = (whole << shift) + (part << shift) / scale;
	if (whole > UINT64_MAX)
		return -ERANGE;
	*bytes = (uint64_t)whole;
	return 0;
}

static const struct argp_option output_options[] = {
	{"json", KEY_JSON, NULL, 0, "Print JSON, one object a line", 0},
	{"verbose", 'v', NULL, 0, "Tell more: totals, targets, times", 0},
	{"quiet", 'q', NULL, 0, "Print findings and errors only", 0},
	{0},
};

static error_t parse_output(int key, char *arg, struct argp_state *state)
{
	struct hs_output_options *o = state->input;

	(void)arg;
	switch (key) {
	case KEY_JSON:
		o->json = true;
		return 0;
	case 'v':
		o->verbose++;
		return 0;
	case 'q':
		o->quiet = true;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

const struct argp hs_output_argp = {output_options, parse_output, NULL, NULL, NULL, NULL, NULL};

static const struct argp_option work_options[] = {
	{"threads", KEY_THREADS, "N", 0, "Threads that work (default: one a processor)", 0},
	{"memory", KEY_MEMORY, "SIZE", 0, "Bound for large tables, for example 512M or 4G", 0},
	{"run-dir", KEY_RUN_DIR, "DIR", 0,
	 "Keep the run's record here (default: /var/lib/holystone, for users "
	 "~/.local/state/holystone)",
	 0},
	{0},
};

static error_t parse_work(int key, char *arg, struct argp_state *state)
{
	struct hs_work_options *o = state->input;
	uint64_t n;

	switch (key) {
	case KEY_THREADS:
		if (hs_parse_number(arg, 1, THREADS_MAX, &n))
			argp_error(state, "--threads takes a number from 1 to %d, not '%s'",
				   THREADS_MAX, arg);
		else
			o->threads = (unsigned)n;
		return 0;
	case KEY_MEMORY:
		if (hs_parse_size(arg, &n) || n < MEMORY_MIN)
			argp_error(state, "--memory takes a size of at least 16M, not '%s'", arg);
		else
			o->memory = n;
		return 0;
	case KEY_RUN_DIR:
		if (!arg[0])
			argp_error(state, "--run-dir takes the name of a directory");
		o->run_dir = arg;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

const struct argp hs_work_argp = {work_options, parse_work, NULL, NULL, NULL, NULL, NULL};

struct hs_report hs_output_apply(const struct hs_output_options *o, struct hs_cli *cli)
{
	struct hs_report report = {.form = o->json ? HS_REPORT_JSON : HS_REPORT_TEXT,
				   .detail = HS_REPORT_NORMAL,
				   .out = cli->out};

	if (o->quiet) {
		cli->log->max = HS_LOG_WARN;
		report.detail = HS_REPORT_QUIET;
	} else if (o->verbose) {
		cli->log->max = HS_LOG_DEBUG;
		report.detail = HS_REPORT_VERBOSE;
	}
	return report;
}
