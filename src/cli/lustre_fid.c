/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * holystone lustre fid: the FID that a path leads to.
 */
#include <stdlib.h>

#include "base/cleanup.h"
#include "cli/lustre.h"
#include "cli/lustre_query.h"

static const struct argp argp = {
	.parser = hs_query_argp_parser,
	.args_doc = "TARGET... PATH",
	.doc = "Tell the FID of a path in a Lustre file system."
	       "\vTARGET is an MDT or OST: a block device, an image or a snapshot, not mounted; at "
	       "least one MDT. PATH is taken from the root of the file system, not from where it "
	       "is mounted. \\xHH in it is a byte, \\\\ a backslash, as holystone writes them. "
	       "Symbolic links are not followed.\n\n"
	       "Exit status: 0 told, 8 there is no such path or it cannot be followed, 16 usage.",
	.children = hs_query_children,
};

static int tell(struct hs_query *q, struct hs_fid fid)
{
	hs_cleanup(hs_strbuf_free) struct hs_strbuf path = HS_STRBUF_INIT;
	hs_cleanup(hs_strbuf_free) struct hs_strbuf why = HS_STRBUF_INIT;
	struct hs_loaded object = {0};
	char text[HS_FID_TEXT];
	bool sure = true, exists;
	struct hs_sheet s;

	exists = hs_resolver_load(q->resolver, fid, &object, &sure, &why) == HS_LOOKUP_FOUND;
	hs_loaded_free(&object);
	if (!q->output.json) {
		fprintf(q->cli->out, "%s\n", hs_fid_text(fid, text));
		if (!exists)
			hs_log(q->cli->log, HS_LOG_WARN, "the name is there, but %s",
			       hs_strbuf_str(&why));
		return HS_EXIT_CLEAN;
	}
	hs_query_path(q, &path);
	hs_sheet_begin(&s, true, "fid");
	hs_sheet_bytes(&s, "path", hs_strbuf_str(&path), path.len);
	hs_sheet_fid(&s, "fid", fid);
	hs_sheet_bool(&s, "exists", exists);
	if (why.len)
		hs_sheet_str(&s, "doubt", hs_strbuf_str(&why));
	return hs_query_end_sheet(q->cli, &s);
}

int hs_command_lustre_fid(struct hs_cli *cli, int argc, char **argv)
{
	int code = HS_EXIT_OPERATIONAL;
	struct hs_query q;
	struct hs_fid fid;

	hs_query_parse(&q, cli, &argp, argc, argv);
	if (hs_query_open(&q)) {
		hs_cleanup(hs_strbuf_free) struct hs_strbuf path = HS_STRBUF_INIT;
		hs_cleanup(hs_strbuf_free) struct hs_strbuf why = HS_STRBUF_INIT;

		hs_query_path(&q, &path);
		if (hs_resolver_fid(q.resolver, hs_strbuf_str(&path), path.len, &fid, &why) ==
		    HS_LOOKUP_FOUND)
			code = tell(&q, fid);
		else
			hs_log(cli->log, HS_LOG_ERROR, "%s", hs_strbuf_str(&why));
	}
	hs_query_close(&q);
	return code;
}
