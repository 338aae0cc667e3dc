/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the commands that answer questions about single objects share: their command line
 * "TARGET... OBJECT", and the targets opened.
 */
#ifndef HS_CLI_LUSTRE_QUERY_H
#define HS_CLI_LUSTRE_QUERY_H

#include <argp.h>

#include "cli/options.h"
#include "cli/sheet.h"
#include "lfsck/resolve.h"

struct hs_query {
	struct hs_output_options output;
	const char **args;
	size_t n, room;

	/* set by hs_query_open() */
	struct hs_cli *cli;
	const char *object; /* the last argument */
	struct hs_system *sys;
	struct hs_resolver *resolver;
};

/* Parses the command line; a usage error ends the program. */
void hs_query_parse(struct hs_query *q, struct hs_cli *cli, const struct argp *argp, int argc,
		    char **argv);
/* The parser to put into that argp: options of the output, and at least `min` arguments. */
error_t hs_query_argp_parser(int key, char *arg, struct argp_state *state);
extern const struct argp_child hs_query_children[];

/* Opens the targets, all arguments but the last. False: told, HS_EXIT_OPERATIONAL. */
bool hs_query_open(struct hs_query *q);
void hs_query_close(struct hs_query *q);

/* True if the object is a FID; one with "/" in it never is. */
bool hs_query_is_fid(const struct hs_query *q, struct hs_fid *fid);

/*
 * The object as a path: escapes as holystone writes them are taken back, so "\xff" is a byte and
 * "\\" a backslash; any other backslash stands for itself.
 */
void hs_query_path(const struct hs_query *q, struct hs_strbuf *path);

/* The FID of the object, given as FID or path. False: told. */
bool hs_query_find(struct hs_query *q, struct hs_fid *fid);

/* The paths of an object, as members of a sheet. */
void hs_query_put_paths(struct hs_sheet *s, const struct hs_paths *paths);

/* Ends a sheet; returns what it adds to the exit status. */
int hs_query_end_sheet(struct hs_cli *cli, struct hs_sheet *s);

#endif
