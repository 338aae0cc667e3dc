/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * holystone lustre stat: everything known about one object.
 */
#include "cli/lustre_stat.h"

#include <string.h>

#include "base/cleanup.h"
#include "cli/lustre.h"
#include "lustre/hsm.h"
#include "lustre/linkea.h"
#include "lustre/lma.h"
#include "lustre/objname.h"
#include "lustre/som.h"

static const struct argp argp = {
	.parser = hs_query_argp_parser,
	.args_doc = "TARGET... FID|PATH",
	.doc = "Tell everything known about a Lustre object."
	       "\vTARGET is an MDT or OST: a block device, an image or a snapshot, not mounted; at "
	       "least one MDT. The object is given by its FID, or by its path from the root of the "
	       "file system; in a path \\xHH is a byte, \\\\ a backslash, as holystone writes "
	       "them.\n\n"
	       "Exit status: 0 told, 8 there is no such object or it cannot be read, 16 usage.",
	.children = hs_query_children,
};

static const struct hs_bit_name lma_compat[] = {
	{HS_LMAC_HSM, "hsm"},
	{HS_LMAC_NOT_IN_OI, "not-in-oi"},
	{HS_LMAC_FID_ON_OST, "fid-on-ost"},
	{HS_LMAC_STRIPE_INFO, "stripe-info"},
	{HS_LMAC_COMP_INFO, "comp-info"},
	{HS_LMAC_IDX_BACKUP, "idx-backup"},
};
static const struct hs_bit_name lma_incompat[] = {
	{HS_LMAI_RELEASED, "released"},
	{HS_LMAI_AGENT, "agent"},
	{HS_LMAI_REMOTE_PARENT, "remote-parent"},
	{HS_LMAI_STRIPED, "striped"},
	{HS_LMAI_ORPHAN, "orphan"},
	{HS_LMAI_ENCRYPT, "encrypt"},
};
static const struct hs_bit_name link_flaws[] = {
	{HS_LINKEA_MAGIC, "magic"}, {HS_LINKEA_LENGTH, "length"}, {HS_LINKEA_RECORD, "record"},
	{HS_LINKEA_NAME, "name"},   {HS_LINKEA_PARENT, "parent"}, {HS_LINKEA_COUNT, "count"},
};
static const struct hs_bit_name hsm_flags[] = {
	{HS_HSM_EXISTS, "exists"},
	{HS_HSM_DIRTY, "dirty"},
	{HS_HSM_RELEASED, "released"},
	{HS_HSM_ARCHIVED, "archived"},
	{HS_HSM_NORELEASE, "never-release"},
	{HS_HSM_NOARCHIVE, "never-archive"},
	{HS_HSM_LOST, "lost-from-hsm"},
	{HS_HSM_PCCRW, "pcc-rw"},
	{HS_HSM_PCCRO, "pcc-ro"},
};
static const struct hs_bit_name som_valid[] = {
	{HS_SOM_STRICT, "strict"},
	{HS_SOM_STALE, "stale"},
	{HS_SOM_LAZY, "lazy"},
};
static const struct hs_bit_name xattr_flaws[] = {
	{HS_XATTRF_INODE, "inode-area"}, {HS_XATTRF_BLOCK, "block"},
	{HS_XATTRF_READ, "unreadable"},	 {HS_XATTRF_VALUE, "value"},
	{HS_XATTRF_MANY, "too-many"},
};
#define BITS(s, key, bits, names)                                                                  \
	hs_sheet_bits(s, key, bits, names, sizeof(names) / sizeof((names)[0]))

static const char *type_name(const struct hs_inode *inode)
{
	static const char *const names[8] = {
		"unknown",	"regular file", "directory", "character device",
		"block device", "fifo",		"socket",    "symbolic link",
	};

	return names[hs_inode_dirent_type(inode) & 7];
}

static void put_inode(struct hs_sheet *s, const struct hs_inode *i)
{
	hs_sheet_object(s, "inode");
	hs_sheet_uint(s, "number", i->ino);
	hs_sheet_uint(s, "generation", i->generation);
	hs_sheet_str(s, "type", type_name(i));
	hs_sheet_printf(s, "mode", "0%o", (unsigned)i->mode);
	hs_sheet_uint(s, "nlink", i->nlink);
	hs_sheet_uint(s, "uid", i->uid);
	hs_sheet_uint(s, "gid", i->gid);
	hs_sheet_uint(s, "projid", i->projid);
	hs_sheet_uint(s, "size", i->size);
	hs_sheet_uint(s, "blocks", i->blocks);
	hs_sheet_printf(s, "flags", "0x%x", i->flags);
	hs_sheet_printf(s, "version", "0x%llx", (unsigned long long)i->version);
	hs_sheet_time(s, "atime", i->atime);
	hs_sheet_time(s, "mtime", i->mtime);
	hs_sheet_time(s, "ctime", i->ctime);
	hs_sheet_bool(s, "checksum_ok", !i->csum_bad);
	hs_sheet_end_object(s);
}

/* How its target finds the object: an OI record, or a name below O/. */
static void put_index(struct hs_sheet *s, const struct hs_loaded *l, struct hs_fid fid)
{
	uint32_t ino, gen;
	char path[96];

	if (l->t->id.kind == HS_OST && !hs_target_is_internal(l->t, l->inode.ino)) {
		hs_objname_path(fid, l->t->subdirs, path, sizeof(path));
		hs_sheet_str(s, "object_name", path);
		return;
	}
	hs_sheet_object(s, "oi_record");
	if (hs_lookup_oi(l->t, fid, &ino, &gen) == 1) {
		hs_sheet_uint(s, "inode", ino);
		hs_sheet_uint(s, "generation", gen);
	}
	hs_sheet_end_object(s);
}

static const char *xattr_prefix(uint8_t index)
{
	switch (index) {
	case HS_XATTR_USER:
		return "user.";
	case HS_XATTR_ACL_ACCESS:
		return "system.posix_acl_access";
	case HS_XATTR_ACL_DEFAULT:
		return "system.posix_acl_default";
	case HS_XATTR_TRUSTED:
		return "trusted.";
	case HS_XATTR_SECURITY:
		return "security.";
	case HS_XATTR_SYSTEM:
		return "system.";
	case HS_XATTR_ENCRYPTION:
		return "encryption.";
	default:
		return "unknown.";
	}
}

static void put_xattrs(struct hs_sheet *s, const struct hs_xattr_set *set)
{
	hs_sheet_list(s, "xattrs");
	for (unsigned i = 0; i < set->n; i++) {
		const struct hs_xattr *x = &set->v[i];
		hs_cleanup(hs_strbuf_free) struct hs_strbuf name = HS_STRBUF_INIT;

		hs_strbuf_puts(&name, xattr_prefix(x->index));
		hs_strbuf_add(&name, x->name, x->name_len);
		hs_sheet_object(s, NULL);
		hs_sheet_bytes(s, "name", hs_strbuf_str(&name), name.len);
		hs_sheet_uint(s, "size", x->value_len);
		hs_sheet_str(s, "where", x->ea_ino ? "ea_inode" : x->in_block ? "block" : "inode");
		if (x->ea_ino)
			hs_sheet_uint(s, "ea_inode", x->ea_ino);
		if (!x->value)
			hs_sheet_bool(s, "unreadable", true);
		hs_sheet_end_object(s);
	}
	hs_sheet_end_list(s);
	if (set->flaws)
		BITS(s, "xattr_flaws", set->flaws, xattr_flaws);
}

static void put_lma(struct hs_sheet *s, const struct hs_loaded *l)
{
	const struct hs_xattr *x = hs_stat_value(l, "lma");
	struct hs_lma m;

	hs_sheet_object(s, "lma");
	if (x && hs_lma_decode(x->value, x->value_len, &m)) {
		hs_sheet_fid(s, "fid", m.fid);
		BITS(s, "compat", m.compat, lma_compat);
		BITS(s, "incompat", m.incompat, lma_incompat);
	}
	hs_sheet_end_object(s);
}

static void put_linkea(struct hs_sheet *s, const struct hs_loaded *l)
{
	const struct hs_xattr *x = hs_stat_value(l, "link");
	struct hs_linkea_entry e;
	struct hs_linkea link;
	size_t pos = 0;

	if (!x)
		return;
	hs_linkea_open(x->value, x->value_len, &link);
	hs_sheet_object(s, "linkea");
	hs_sheet_list(s, "entries");
	while (hs_linkea_next(&link, &pos, &e)) {
		hs_sheet_object(s, NULL);
		hs_sheet_fid(s, "parent", e.parent);
		hs_sheet_bytes(s, "name", e.name, e.name_len);
		if (!e.valid)
			hs_sheet_bool(s, "valid", false);
		hs_sheet_end_object(s);
	}
	hs_sheet_end_list(s);
	if (link.overflow_time)
		hs_sheet_time(s, "overflow", link.overflow_time);
	BITS(s, "flaws", link.flaws, link_flaws);
	hs_sheet_end_object(s);
}

static void put_hsm(struct hs_sheet *s, const struct hs_loaded *l)
{
	const struct hs_xattr *x = hs_stat_value(l, "hsm");
	struct hs_hsm h;

	if (!x || !hs_hsm_decode(x->value, x->value_len, &h))
		return;
	hs_sheet_object(s, "hsm");
	BITS(s, "flags", h.flags, hsm_flags);
	hs_sheet_uint(s, "archive_id", h.archive_id);
	hs_sheet_uint(s, "archive_version", h.archive_version);
	hs_sheet_end_object(s);
}

static void put_som(struct hs_sheet *s, const struct hs_loaded *l)
{
	const struct hs_xattr *x = hs_stat_value(l, "som");
	struct hs_som m;

	if (!x || !hs_som_decode(x->value, x->value_len, &m))
		return;
	hs_sheet_object(s, "size_on_mdt");
	BITS(s, "valid", m.valid, som_valid);
	hs_sheet_uint(s, "size", m.size);
	hs_sheet_uint(s, "blocks", m.blocks);
	hs_sheet_end_object(s);
}

static void put_paths(struct hs_sheet *s, struct hs_query *q, struct hs_fid fid)
{
	struct hs_paths paths;

	if (hs_resolver_paths(q->resolver, fid, &paths))
		s->out.err = -ENOMEM;
	else
		hs_query_put_paths(s, &paths);
	hs_paths_free(&paths);
}

static void put_object(struct hs_sheet *s, struct hs_query *q, const struct hs_loaded *l,
		       struct hs_fid fid)
{
	struct hs_parent parent;
	char tgt[16];

	hs_sheet_fid(s, "fid", fid);
	hs_sheet_str(s, "target", hs_tgt_text(l->t->id, tgt));
	hs_sheet_str(s, "device", l->t->device);
	put_paths(s, q, fid);
	put_index(s, l, fid);
	put_inode(s, &l->inode);
	put_lma(s, l);
	put_linkea(s, l);
	hs_stat_put_lov(s, q, l, fid);
	hs_stat_put_lmv(s, q, l);
	hs_stat_put_dmv(s, l);
	if (hs_loaded_parent(l, &parent))
		hs_stat_put_parent(s, &parent);
	put_hsm(s, l);
	put_som(s, l);
	put_xattrs(s, &l->xattrs);
}

static int tell(struct hs_query *q, struct hs_fid fid)
{
	hs_cleanup(hs_strbuf_free) struct hs_strbuf why = HS_STRBUF_INIT;
	hs_cleanup(hs_loaded_free) struct hs_loaded l = {0};
	struct hs_sheet s;
	bool sure = true;

	if (hs_resolver_load(q->resolver, fid, &l, &sure, &why) != HS_LOOKUP_FOUND) {
		hs_log(q->cli->log, HS_LOG_ERROR, "%s", hs_strbuf_str(&why));
		return HS_EXIT_OPERATIONAL;
	}
	hs_sheet_begin(&s, q->output.json, "object");
	put_object(&s, q, &l, fid);
	return hs_query_end_sheet(q->cli, &s);
}

int hs_command_lustre_stat(struct hs_cli *cli, int argc, char **argv)
{
	int code = HS_EXIT_OPERATIONAL;
	struct hs_query q;
	struct hs_fid fid;

	hs_query_parse(&q, cli, &argp, argc, argv);
	if (hs_query_open(&q) && hs_query_find(&q, &fid))
		code = tell(&q, fid);
	hs_query_close(&q);
	return code;
}
