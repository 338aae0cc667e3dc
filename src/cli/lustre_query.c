/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/lustre_query.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"

const struct argp_child hs_query_children[] = {
	{&hs_output_argp, 0, NULL, 0},
	{0},
};

error_t hs_query_argp_parser(int key, char *arg, struct argp_state *state)
{
	struct hs_query *q = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &q->output;
		return 0;
	case ARGP_KEY_ARG:
		if (hs_array_grow(&q->args, &q->room, q->n + 1))
			argp_failure(state, HS_EXIT_OPERATIONAL, ENOMEM, "arguments");
		q->args[q->n++] = arg;
		return 0;
	case ARGP_KEY_END:
		if (q->n == 0)
			argp_error(state, "no target given");
		else if (q->n == 1)
			argp_error(state, "targets and an object are needed");
		else if (!q->args[q->n - 1][0])
			argp_error(state, "the name of the object is empty");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

void hs_query_parse(struct hs_query *q, struct hs_cli *cli, const struct argp *argp, int argc,
		    char **argv)
{
	*q = (struct hs_query){.cli = cli};
	argp_err_exit_status = HS_EXIT_USAGE;
	argp_parse(argp, argc, argv, 0, NULL, q);
	hs_output_apply(&q->output, cli);
	q->object = q->args[q->n - 1];
}

bool hs_query_open(struct hs_query *q)
{
	hs_cleanup(hs_strbuf_free) struct hs_strbuf why = HS_STRBUF_INIT;
	errint_t err = hs_system_open(q->args, q->n - 1, q->cli->log, &q->sys, &why);

	if (!err)
		err = hs_resolver_new(q->sys, &q->resolver);
	if (err)
		hs_log(q->cli->log, HS_LOG_ERROR, "%s",
		       why.len ? hs_strbuf_str(&why) : strerror(-err));
	return !err;
}

void hs_query_close(struct hs_query *q)
{
	hs_resolver_free(q->resolver);
	hs_system_close(q->sys);
	free(q->args);
}

bool hs_query_is_fid(const struct hs_query *q, struct hs_fid *fid)
{
	return !hs_fid_parse(q->object, strlen(q->object), fid);
}

static int hex_digit(char c)
{
	if (!isxdigit((unsigned char)c))
		return -1;
	return isdigit((unsigned char)c) ? c - '0' : tolower((unsigned char)c) - 'a' + 10;
}

void hs_query_path(const struct hs_query *q, struct hs_strbuf *path)
{
	for (const char *p = q->object; *p; p++) {
		if (p[0] == '\\' && p[1] == '\\') {
			hs_strbuf_putc(path, *++p);
		} else if (p[0] == '\\' && p[1] == 'x' && hex_digit(p[2]) >= 0 &&
			   hex_digit(p[3]) >= 0) {
			hs_strbuf_putc(path, (char)(hex_digit(p[2]) << 4 | hex_digit(p[3])));
			p += 3;
		} else {
			hs_strbuf_putc(path, *p);
		}
	}
}

bool hs_query_find(struct hs_query *q, struct hs_fid *fid)
{
	hs_cleanup(hs_strbuf_free) struct hs_strbuf path = HS_STRBUF_INIT;
	hs_cleanup(hs_strbuf_free) struct hs_strbuf why = HS_STRBUF_INIT;
	enum hs_lookup found;

	if (hs_query_is_fid(q, fid))
		return true;
	hs_query_path(q, &path);
	found = hs_resolver_fid(q->resolver, hs_strbuf_str(&path), path.len, fid, &why);
	if (found != HS_LOOKUP_FOUND)
		hs_log(q->cli->log, HS_LOG_ERROR, "%s", hs_strbuf_str(&why));
	return found == HS_LOOKUP_FOUND;
}

void hs_query_put_paths(struct hs_sheet *s, const struct hs_paths *paths)
{
	hs_sheet_list(s, "paths");
	for (size_t i = 0; i < paths->n; i++) {
		hs_sheet_object(s, NULL);
		hs_sheet_bytes(s, "path", paths->v[i].bytes, paths->v[i].len);
		hs_sheet_bool(s, "verified", paths->v[i].verified);
		hs_sheet_end_object(s);
	}
	hs_sheet_end_list(s);
	if (paths->more)
		hs_sheet_uint(s, "more_paths", paths->more);
	if (paths->why.len)
		hs_sheet_str(s, paths->n ? "doubt" : "no_path", hs_strbuf_str(&paths->why));
}

int hs_query_end_sheet(struct hs_cli *cli, struct hs_sheet *s)
{
	errint_t err = hs_sheet_end(s, cli->out);

	if (!err)
		return HS_EXIT_CLEAN;
	hs_log(cli->log, HS_LOG_ERROR, "cannot write the output: %s", strerror(-err));
	return HS_EXIT_OPERATIONAL;
}
