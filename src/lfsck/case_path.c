/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where the object of a case is in the name space: by the resolver, else by whoever names it.
 */
#include "lfsck/verdict.h"

/* The path of an entry: of its directory, with the name behind it. */
static bool entry_path(struct hs_verdict *v, struct hs_case *c, struct hs_fid dir,
		       const uint8_t *name, size_t len)
{
	struct hs_strbuf path = HS_STRBUF_INIT;
	struct hs_paths up;
	bool found;

	if (hs_resolver_paths(v->resolver, dir, &up)) {
		v->err = -ENOMEM;
		hs_paths_free(&up);
		return false;
	}
	found = up.n > 0;
	if (found) {
		hs_strbuf_add(&path, up.v[0].bytes, up.v[0].len);
		if (up.v[0].len != 1)
			hs_strbuf_putc(&path, '/');
		hs_strbuf_add(&path, name, len);
		hs_finding_set_path(&c->f, hs_strbuf_str(&path), path.len);
	}
	hs_strbuf_free(&path);
	hs_paths_free(&up);
	return found;
}

/* A path through a name that an entry or a linkEA gives the object. */
static bool path_by_name(struct hs_verdict *v, struct hs_case *c)
{
	const struct hs_dossier *d = hs_ledger_dossier(&v->ledger, c->fid);

	for (const struct hs_claim *claim = d ? d->claims : NULL; claim; claim = claim->next) {
		struct hs_fact_fields f;

		if (hs_fact_decode(claim->bytes, claim->len, &f) && f.tag == HS_FACT_NAME &&
		    entry_path(v, c, f.fid, f.name, f.name_len))
			return true;
	}
	return false;
}

/* The first path of a file, if it has one. */
static bool path_of(struct hs_verdict *v, struct hs_case *c, struct hs_fid file)
{
	struct hs_paths paths;
	bool found;

	if (hs_resolver_paths(v->resolver, file, &paths)) {
		v->err = -ENOMEM;
		return false;
	}
	found = paths.n > 0;
	if (found)
		hs_finding_set_path(&c->f, paths.v[0].bytes, paths.v[0].len);
	hs_paths_free(&paths);
	return found;
}

/* The file in the parent record of an inode that carries the FID of the case. */
static bool recorded_file(struct hs_verdict *v, const struct hs_case *c,
			  const struct hs_fact_fields *f, struct hs_fid *file)
{
	struct hs_target *t = hs_system_target(v->sys, f->target);
	struct hs_parent parent;
	struct hs_fid carried;

	if (!t || hs_verdict_inode_fid(v, t, f->ino, &carried) != 1 ||
	    !hs_fid_eq(carried, c->fid) || !hs_loaded_parent(&v->loaded, &parent))
		return false;
	*file = parent.file;
	return true;
}

/*
 * The path of the file that an OST object belongs to, when no name below O/ leads to the object:
 * the file whose layout or whose parent record says so.
 */
static bool path_by_file(struct hs_verdict *v, struct hs_case *c)
{
	const struct hs_dossier *d = hs_ledger_dossier(&v->ledger, c->fid);

	for (const struct hs_claim *claim = d ? d->claims : NULL; claim; claim = claim->next) {
		struct hs_fact_fields f;

		if (!hs_fact_decode(claim->bytes, claim->len, &f))
			continue;
		switch (f.tag) {
		case HS_FACT_LAY:
		case HS_FACT_REF:
			break;
		case HS_FACT_OI:
		case HS_FACT_ONAME:
			if (!recorded_file(v, c, &f, &f.fid))
				continue;
			break;
		default:
			continue;
		}
		if (path_of(v, c, f.fid))
			return true;
	}
	return false;
}

void hs_case_find_path(struct hs_verdict *v, struct hs_case *c)
{
	struct hs_paths paths;

	if (hs_fid_is_zero(c->fid)) {
		c->f.no_path = "not an object of the name space";
		return;
	}
	if (hs_resolver_paths(v->resolver, c->fid, &paths))
		v->err = -ENOMEM;
	else if (paths.n)
		hs_finding_set_path(&c->f, paths.v[0].bytes, paths.v[0].len);
	else if (!path_by_name(v, c) && !path_by_file(v, c))
		c->f.no_path = hs_finding_text(&c->f, "%s", hs_strbuf_str(&paths.why));
	hs_paths_free(&paths);
}
