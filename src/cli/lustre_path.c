/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * holystone lustre path: all paths of an object.
 */
#include <inttypes.h>
#include <string.h>

#include "base/cleanup.h"
#include "cli/lustre.h"
#include "cli/lustre_query.h"

static const struct argp argp = {
	.parser = hs_query_argp_parser,
	.args_doc = "TARGET... FID",
	.doc = "Tell the paths of a Lustre object."
	       "\vTARGET is an MDT or OST: a block device, an image or a snapshot, not mounted; at "
	       "least one MDT. FID is that of a file, a directory, or an OST object, with or "
	       "without brackets; of an object the paths of its file are told.\n\n"
	       "Exit status: 0 told, 8 no path could be found, 16 usage.",
	.children = hs_query_children,
};

static void put_text(struct hs_cli *cli, const struct hs_paths *paths)
{
	for (size_t i = 0; i < paths->n; i++) {
		hs_cleanup(hs_strbuf_free) struct hs_strbuf line = HS_STRBUF_INIT;

		hs_strbuf_add_escaped(&line, paths->v[i].bytes, paths->v[i].len);
		fprintf(cli->out, "%s\n", hs_strbuf_str(&line));
		if (!paths->v[i].verified)
			hs_log(cli->log, HS_LOG_WARN, "%s: not verified", hs_strbuf_str(&line));
	}
	if (paths->more)
		hs_log(cli->log, HS_LOG_WARN,
		       "%" PRIu64 " more names exist, by the link count: the linkEA has no room "
		       "for them",
		       paths->more);
	if (paths->why.len)
		hs_log(cli->log, paths->n ? HS_LOG_WARN : HS_LOG_ERROR, "%s",
		       hs_strbuf_str(&paths->why));
}

static int tell(struct hs_query *q, struct hs_fid fid)
{
	struct hs_paths paths;
	int code = HS_EXIT_CLEAN;

	if (hs_resolver_paths(q->resolver, fid, &paths)) {
		hs_log(q->cli->log, HS_LOG_ERROR, "out of memory");
		hs_paths_free(&paths);
		return HS_EXIT_OPERATIONAL;
	}
	if (!paths.n)
		code = HS_EXIT_OPERATIONAL;
	if (q->output.json) {
		struct hs_sheet s;

		hs_sheet_begin(&s, true, "path");
		hs_sheet_fid(&s, "fid", fid);
		hs_sheet_bool(&s, "exists", paths.object == HS_LOOKUP_FOUND);
		if (paths.is_stripe) {
			hs_sheet_fid(&s, "file", paths.parent.file);
			hs_sheet_uint(&s, "stripe_index", paths.parent.stripe_index);
		}
		hs_query_put_paths(&s, &paths);
		code |= hs_query_end_sheet(q->cli, &s);
	} else {
		put_text(q->cli, &paths);
	}
	hs_paths_free(&paths);
	return code;
}

int hs_command_lustre_path(struct hs_cli *cli, int argc, char **argv)
{
	int code = HS_EXIT_OPERATIONAL;
	struct hs_query q;
	struct hs_fid fid;

	hs_query_parse(&q, cli, &argp, argc, argv);
	if (!hs_query_is_fid(&q, &fid)) {
		hs_log(cli->log, HS_LOG_ERROR, "not a FID: %s", q.object);
		code = HS_EXIT_USAGE;
	} else if (hs_query_open(&q)) {
		code = tell(&q, fid);
	}
	hs_query_close(&q);
	return code;
}
