/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Options that several commands have, as argp children, and the words their values are made of.
 *
 * A command lists the children it wants and hands them their structs:
 *
 *	static const struct argp_child children[] = {
 *		{&hs_output_argp, 0, "Output:", 0}, {&hs_work_argp, 0, "Work:", 0}, {0}};
 *	...
 *	case ARGP_KEY_INIT:
 *		state->child_inputs[0] = &o->output;
 *		state->child_inputs[1] = &o->work;
 *
 * A value that makes no sense ends the program with HS_EXIT_USAGE and one message.
 */
#ifndef HS_CLI_OPTIONS_H
#define HS_CLI_OPTIONS_H

#include <argp.h>
#include <stdbool.h>
#include <stdint.h>

#include "cli/command.h"
#include "report/report.h"

/* --json, -v/--verbose, -q/--quiet */
struct hs_output_options {
	bool json;
	bool quiet;
	unsigned verbose;
};
extern const struct argp hs_output_argp;

/* --threads, --memory, --run-dir */
struct hs_work_options {
	unsigned threads;    /* 0: not given */
	uint64_t memory;     /* bytes, 0: not given */
	const char *run_dir; /* NULL: not given */
};
extern const struct argp hs_work_argp;

/* Sets what the log shows and says how to report. */
struct hs_report hs_output_apply(const struct hs_output_options *o, struct hs_cli *cli);

/*
 * "512M", "1.5G", "4096": bytes. Suffixes K M G T P E are powers of 1024; "KiB" and "KB" mean the
 * same as "K". -EINVAL for anything else, -ERANGE beyond 2^64 - 1.
 */
errint_t hs_parse_size(const char *text, uint64_t *bytes);

/* A decimal number, or hexadecimal with 0x. -EINVAL, or -ERANGE outside min..max. */
errint_t hs_parse_number(const char *text, uint64_t min, uint64_t max, uint64_t *value);

#endif
