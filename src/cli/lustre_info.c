/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * holystone lustre info: what a target is and what is on it. Each target stands for itself.
 */
#include <argp.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "cli/ext4_features.h"
#include "cli/interrupt.h"
#include "cli/lustre.h"
#include "cli/options.h"
#include "cli/sheet.h"
#include "lfsck/census.h"

struct options {
	struct hs_output_options output;
	const char **targets;
	size_t n, room;
	bool no_counts;
};

enum { KEY_NO_COUNTS = 0x1000 };

static const struct argp_option argp_options[] = {
	{"no-counts", KEY_NO_COUNTS, NULL, 0, "Do not read the inode tables to count objects", 0},
	{0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &o->output;
		return 0;
	case KEY_NO_COUNTS:
		o->no_counts = true;
		return 0;
	case ARGP_KEY_ARG:
		if (hs_array_grow(&o->targets, &o->room, o->n + 1))
			argp_failure(state, HS_EXIT_OPERATIONAL, ENOMEM, "targets");
		o->targets[o->n++] = arg;
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "no target given");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_child children[] = {{&hs_output_argp, 0, NULL, 0}, {0}};

static const struct argp argp = {
	.options = argp_options,
	.parser = parse,
	.args_doc = "TARGET...",
	.doc = "Tell what Lustre targets are and what is on them."
	       "\vTARGET is an MDT or OST: a block device, an image or a snapshot, not mounted. "
	       "Each one is looked at by itself.\n\n"
	       "Exit status: 0 told, 8 a target could not be opened or read, 16 usage, 32 "
	       "cancelled.",
	.children = children,
};

/* last_rcvd (format notes, 6) */
static const struct hs_bit_name rcvd_compat[] = {
	{0x2, "ost"},
	{0x4, "mdt"},
	{0x8, "2.0"},
};
static const struct hs_bit_name rcvd_rocompat[] = {
	{0x1, "lov-objid"},
	{0x2, "index-in-idif"},
};
static const struct hs_bit_name rcvd_incompat[] = {
	{0x1, "groups"},
	{0x2, "ost"},
	{0x4, "mdt"},
	{0x8, "common-lr"},
	{0x10, "fid"},
	{0x20, "som"},
	{0x40, "iam-dir"},
	{0x80, "lma"},
	{0x100, "lmm-ver"},
	{0x200, "multiple-oi"},
	{0x400, "multiple-rpcs"},
};
static const struct hs_bit_name scrub_flags[] = {
	{HS_OISCRUB_RECREATED, "recreated"},
	{HS_OISCRUB_INCONSISTENT, "inconsistent"},
	{HS_OISCRUB_AUTO, "auto"},
	{HS_OISCRUB_UPGRADE, "upgrade"},
};
static const struct hs_bit_name lfsck_flags[] = {
	{HS_LFSCK_SCANNED_ONCE, "scanned-once"},
	{HS_LFSCK_INCONSISTENT, "inconsistent"},
	{HS_LFSCK_UPGRADE, "upgrade"},
	{HS_LFSCK_INCOMPLETE, "incomplete"},
	{HS_LFSCK_CRASHED_LASTID, "crashed-lastid"},
};
#define BITS(s, key, bits, names)                                                                  \
	hs_sheet_bits(s, key, bits, names, sizeof(names) / sizeof((names)[0]))

static void put_uuid(struct hs_sheet *s, const char *key, const uint8_t u[16])
{
	hs_sheet_printf(s, key,
			"%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x",
			u[0], u[1], u[2], u[3], u[4], u[5], u[6], u[7], u[8], u[9], u[10], u[11],
			u[12], u[13], u[14], u[15]);
}

static void put_identity(struct hs_sheet *s, const struct hs_target *t)
{
	hs_sheet_str(s, "device", t->device);
	hs_sheet_str(s, "fsname", t->fsname);
	hs_sheet_str(s, "kind", hs_target_is_mdt(t) ? "MDT" : "OST");
	hs_sheet_uint(s, "index", t->id.index);
	hs_sheet_bool(s, "also_mgs", t->also_mgs);
	hs_sheet_str(s, "label", t->label);
	if (t->has_last_rcvd) {
		hs_sheet_object(s, "last_rcvd");
		hs_sheet_str(s, "uuid", t->last_rcvd.uuid);
		hs_sheet_uint(s, "last_transno", t->last_rcvd.last_transno);
		hs_sheet_uint(s, "mount_count", t->last_rcvd.mount_count);
		BITS(s, "compat", t->last_rcvd.compat, rcvd_compat);
		BITS(s, "rocompat", t->last_rcvd.rocompat, rcvd_rocompat);
		BITS(s, "incompat", t->last_rcvd.incompat, rcvd_incompat);
		hs_sheet_end_object(s);
	}
	hs_sheet_uint(s, "object_subdirectories", t->subdirs);
}

static void put_ldiskfs(struct hs_sheet *s, const struct hs_target *t)
{
	const struct hs_fs_geo *g = hs_fs_geo(t->fs);

	hs_sheet_object(s, "ldiskfs");
	put_uuid(s, "uuid", g->uuid);
	hs_sheet_bool(s, "clean", g->clean);
	hs_put_ext4_features(s, g);
	hs_sheet_uint(s, "block_size", g->block_size);
	hs_sheet_uint(s, "blocks", g->blocks);
	hs_sheet_uint(s, "inode_size", g->inode_size);
	hs_sheet_uint(s, "inodes", g->inodes);
	hs_sheet_uint(s, "inodes_used", g->inodes_used);
	hs_sheet_time(s, "last_mount", g->last_mount);
	hs_sheet_time(s, "last_write", g->last_write);
	hs_sheet_end_object(s);
}

static void put_range(struct hs_sheet *s, const char *key, const struct hs_seq_range *r)
{
	char tgt[16];

	hs_sheet_object(s, key);
	hs_sheet_printf(s, "start", "0x%llx", (unsigned long long)r->start);
	hs_sheet_printf(s, "end", "0x%llx", (unsigned long long)r->end);
	hs_sheet_str(s, "target", hs_tgt_text(r->target, tgt));
	hs_sheet_end_object(s);
}

static void put_last_ids(struct hs_sheet *s, const struct hs_target *t)
{
	static const char *const states[] = {"ok", "missing", "empty", "short"};

	hs_sheet_list(s, "object_sequences");
	for (size_t i = 0; i < t->n_oseqs; i++) {
		const struct hs_oseq *q = &t->oseqs[i];

		hs_sheet_object(s, NULL);
		hs_sheet_printf(s, "sequence", "0x%llx", (unsigned long long)q->seq);
		hs_sheet_str(s, "last_id_file", states[q->state]);
		if (q->state == HS_LASTID_OK)
			hs_sheet_uint(s, "last_id", q->last_id);
		hs_sheet_end_object(s);
	}
	hs_sheet_end_list(s);
}

/* What an MDT has allocated from each OST. */
static void put_allocation(struct hs_sheet *s, const struct hs_target *t)
{
	hs_sheet_list(s, "allocated_from");
	for (size_t i = 0; i < t->n_lov_objid || i < t->n_lov_objseq; i++) {
		uint64_t id = i < t->n_lov_objid ? t->lov_objid[i] : 0;
		uint64_t seq = i < t->n_lov_objseq ? t->lov_objseq[i] : 0;
		char tgt[16];

		if (!id && !seq)
			continue;
		hs_sheet_object(s, NULL);
		hs_sheet_str(s, "ost", hs_tgt_text((struct hs_tgt){HS_OST, (uint32_t)i}, tgt));
		if (seq)
			hs_sheet_printf(s, "sequence", "0x%llx", (unsigned long long)seq);
		hs_sheet_uint(s, "last_used", id);
		hs_sheet_end_object(s);
	}
	hs_sheet_end_list(s);
}

static void put_sequences(struct hs_sheet *s, const struct hs_target *t)
{
	hs_sheet_list(s, "fld");
	for (size_t i = 0; i < t->fld.count; i++)
		put_range(s, NULL, &t->fld.ranges[i]);
	hs_sheet_end_list(s);
	if (t->has_seq_srv)
		put_range(s, "seq_srv", &t->seq_srv);
	put_last_ids(s, t);
	if (hs_target_is_mdt(t))
		put_allocation(s, t);
}

static const char *word(const char *const *words, size_t n, uint32_t i)
{
	return i < n ? words[i] : "unknown";
}
#define WORD(words, i) word(words, sizeof(words) / sizeof((words)[0]), i)

static void put_oi(struct hs_sheet *s, const struct hs_target *t)
{
	static const char *const status[] = {"init",	"scanning", "completed", "failed",
					     "stopped", "paused",   "crashed"};
	const struct hs_oiscrub *o = &t->oi_scrub;

	hs_sheet_object(s, "object_index");
	hs_sheet_uint(s, "files", t->oi_files);
	hs_sheet_uint(s, "files_found", t->oi_found);
	if (t->has_oi_scrub) {
		hs_sheet_object(s, "scrub");
		hs_sheet_str(s, "status", WORD(status, o->status));
		BITS(s, "flags", (uint32_t)o->flags, scrub_flags);
		hs_sheet_time(s, "last_complete", o->last_complete);
		hs_sheet_uint(s, "checked", o->checked);
		hs_sheet_uint(s, "updated", o->updated);
		hs_sheet_uint(s, "failed", o->failed);
		hs_sheet_end_object(s);
	}
	hs_sheet_end_object(s);
}

static void put_lfsck_common(struct hs_sheet *s, const char *key, const struct hs_lfsck_common *c)
{
	static const char *const status[] = {
		"init",	   "scanning-phase1", "scanning-phase2", "completed",
		"failed",  "stopped",	      "paused",		 "crashed",
		"partial", "co-failed",	      "co-stopped",	 "co-paused",
	};

	hs_sheet_object(s, key);
	hs_sheet_str(s, "status", WORD(status, c->status));
	BITS(s, "flags", c->flags, lfsck_flags);
	hs_sheet_uint(s, "success_count", c->success_count);
	hs_sheet_time(s, "last_complete", c->last_complete);
	hs_sheet_end_object(s);
}

static void put_kernel_lfsck(struct hs_sheet *s, struct hs_target *t)
{
	struct hs_kernel_lfsck k;

	if (hs_kernel_lfsck_read(t, &k)) {
		s->out.err = -ENOMEM;
		return;
	}
	hs_sheet_object(s, "kernel_lfsck");
	if (k.has_namespace)
		put_lfsck_common(s, "namespace", &k.names.common);
	if (k.has_layout)
		put_lfsck_common(s, "layout", &k.layout.common);
	if (k.has_bookmark && !hs_fid_is_zero(k.bookmark.lost_found))
		hs_sheet_fid(s, "lost_found", k.bookmark.lost_found);
	hs_sheet_end_object(s);
}

static void put_pending(struct hs_sheet *s, const struct hs_target *t)
{
	hs_sheet_object(s, "pending");
	hs_sheet_uint(s, "open_unlinked", t->n_pending);
	hs_sheet_uint(s, "destroys", t->ops.n_destroys);
	hs_sheet_uint(s, "owner_changes", t->ops.n_setattrs);
	hs_sheet_uint(s, "fids_in_updates", t->ops.n_in_flux);
	hs_sheet_uint(s, "unreadable_logs", t->ops.unreadable);
	hs_sheet_end_object(s);
}

static void put_census(struct hs_sheet *s, const struct hs_census *c)
{
	static const char *const types[8] = {
		"other",	"regular", "directory", "character_device",
		"block_device", "fifo",	   "socket",	"symlink",
	};

	hs_sheet_object(s, "counts");
	hs_sheet_uint(s, "inodes", c->inodes);
	hs_sheet_uint(s, "unread", c->unread);
	hs_sheet_object(s, "by_class");
	for (unsigned i = 0; i < HS_CLASSES; i++) {
		if (c->by_class[i])
			hs_sheet_uint(s, hs_class_name(i), c->by_class[i]);
	}
	hs_sheet_end_object(s);
	hs_sheet_object(s, "by_type");
	for (unsigned i = 0; i < 8; i++) {
		if (c->by_type[i])
			hs_sheet_uint(s, types[i], c->by_type[i]);
	}
	hs_sheet_end_object(s);
	hs_sheet_end_object(s);
}

static int tell(struct hs_cli *cli, const struct options *o, struct hs_target *t)
{
	int code = HS_EXIT_CLEAN;
	struct hs_sheet s;
	errint_t err;

	hs_sheet_begin(&s, o->output.json, "target");
	put_identity(&s, t);
	put_ldiskfs(&s, t);
	put_sequences(&s, t);
	put_oi(&s, t);
	put_kernel_lfsck(&s, t);
	put_pending(&s, t);
	if (!o->no_counts) {
		struct hs_census census;

		err = hs_census_take(t, hs_interrupt_stop(), &census);
		if (err == -ECANCELED)
			code = HS_EXIT_CANCELLED;
		else if (err)
			code = HS_EXIT_OPERATIONAL;
		if (err)
			hs_log(cli->log, HS_LOG_ERROR, "%s: objects not counted: %s", t->device,
			       strerror(-err));
		else
			put_census(&s, &census);
		if (!err && census.unread)
			code = HS_EXIT_OPERATIONAL;
	}
	err = hs_sheet_end(&s, cli->out);
	if (err) {
		hs_log(cli->log, HS_LOG_ERROR, "cannot write the output: %s", strerror(-err));
		code |= HS_EXIT_OPERATIONAL;
	}
	return code;
}

int hs_command_lustre_info(struct hs_cli *cli, int argc, char **argv)
{
	int code = HS_EXIT_CLEAN;
	struct options o = {0};

	argp_err_exit_status = HS_EXIT_USAGE;
	argp_parse(&argp, argc, argv, 0, NULL, &o);
	hs_output_apply(&o.output, cli);
	for (size_t i = 0; i < o.n && !(code & HS_EXIT_CANCELLED); i++) {
		hs_cleanup(hs_strbuf_free) struct hs_strbuf why = HS_STRBUF_INIT;
		struct hs_target *t;

		if (hs_target_open(o.targets[i], cli->log, &t, &why)) {
			hs_log(cli->log, HS_LOG_ERROR, "%s", hs_strbuf_str(&why));
			code |= HS_EXIT_OPERATIONAL;
			continue;
		}
		if (i && !o.output.json)
			fputc('\n', cli->out);
		code |= tell(cli, &o, t);
		hs_target_close(t);
	}
	free(o.targets);
	return code;
}
