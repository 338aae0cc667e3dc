/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Opening a target: device layers, file system, identity. The tables of the preamble are in
 * preamble.c, the pending operations in oplog.c.
 */
#include "lfsck/target.h"

#include <stdio.h>
#include <stdlib.h>

#include "io/device.h"
#include "io/stats.h"
#include "lfsck/preamble.h"

bool hs_target_is_internal(const struct hs_target *t, uint32_t ino)
{
	size_t lo = 0, hi = t->n_internal;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (t->internal[mid] == ino)
			return true;
		if (t->internal[mid] < ino)
			lo = mid + 1;
		else
			hi = mid;
	}
	return false;
}

const struct hs_named_ino *hs_target_pending(const struct hs_target *t, uint32_t ino)
{
	size_t lo = 0, hi = t->n_pending;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (t->pending[mid].ino == ino)
			return &t->pending[mid];
		if (t->pending[mid].ino < ino)
			lo = mid + 1;
		else
			hi = mid;
	}
	return NULL;
}

const struct hs_oseq *hs_target_oseq(const struct hs_target *t, uint64_t seq)
{
	for (size_t i = 0; i < t->n_oseqs; i++) {
		if (t->oseqs[i].seq == seq)
			return &t->oseqs[i];
	}
	return NULL;
}

/*
 * Label, mountdata and last_rcvd each name the target. The label is what mounts use; the others
 * are asked where it is missing, and must agree where they say anything.
 */
static errint_t identify(struct hs_target *t, struct hs_strbuf *why)
{
	const struct hs_fs_geo *geo = hs_fs_geo(t->fs);
	struct hs_prov prov = {t->pos, 0, 0};
	struct hs_label label;
	bool by_label;

	memcpy(t->label, geo->label, sizeof(t->label));
	t->has_project = geo->has_project;
	by_label = hs_label_parse(geo->label, strlen(geo->label), &label) &&
		   label.target.kind != HS_NO_TARGET;
	if (by_label) {
		t->id = label.target;
		memcpy(t->fsname, label.fsname, sizeof(t->fsname));
	} else if (t->has_mountdata && (t->mountdata.flags & (HS_LDD_MDT | HS_LDD_OST))) {
		t->id.kind = t->mountdata.flags & HS_LDD_MDT ? HS_MDT : HS_OST;
		t->id.index = t->mountdata.index;
		snprintf(t->fsname, sizeof(t->fsname), "%.8s", t->mountdata.fsname);
	} else {
		hs_strbuf_printf(why, "%s: no Lustre MDT or OST: volume label \"%s\"%s", t->device,
				 geo->label,
				 t->has_mountdata ? ", CONFIGS/mountdata names neither"
						  : ", no CONFIGS/mountdata");
		return -EINVAL;
	}
	if (t->has_mountdata) {
		uint32_t want = t->id.kind == HS_MDT ? HS_LDD_MDT : HS_LDD_OST;

		t->also_mgs = t->mountdata.flags & HS_LDD_MGS;
		if (!(t->mountdata.flags & want) || t->mountdata.index != t->id.index ||
		    strcmp(t->mountdata.fsname, t->fsname))
			hs_mark_add(&t->marks, HS_M_IDENTITY, (struct hs_fid){0}, &prov,
				    t->mountdata.index, t->id.index, NULL, 0);
	}
	if (t->has_last_rcvd && t->last_rcvd.index != t->id.index)
		hs_mark_add(&t->marks, HS_M_IDENTITY, (struct hs_fid){0}, &prov, t->last_rcvd.index,
			    t->id.index, NULL, 0);
	t->subdirs = t->has_last_rcvd ? t->last_rcvd.subdirs : 32;
	return 0;
}

errint_t hs_target_open_io(struct hs_io *io, const char *device, struct hs_log *log,
			   struct hs_target **out, struct hs_strbuf *why)
{
	struct hs_target *t = calloc(1, sizeof(*t));
	struct hs_io *stats = NULL;
	errint_t err;

	if (!t) {
		hs_io_close(io);
		return -ENOMEM;
	}
	t->device = device;
	err = hs_stats_open(io, &stats);
	if (err) {
		hs_io_close(io);
		goto fail;
	}
	t->stats = stats;
	err = hs_fs_open(stats, log, &t->fs, why);
	if (err)
		goto fail;
	err = hs_preamble_read_identity(t, why);
	if (!err)
		err = identify(t, why);
	if (!err)
		err = hs_preamble_read(t, why);
	if (err)
		goto fail;
	*out = t;
	return 0;
fail:
	if (err == -ENOMEM)
		hs_strbuf_printf(why, "%s: out of memory", device);
	hs_target_close(t);
	return err;
}

errint_t hs_target_open(const char *device, struct hs_log *log, struct hs_target **out,
			struct hs_strbuf *why)
{
	struct hs_io *io;
	errint_t err = hs_device_open(device, HS_DEVICE_READ, &io, why);

	return err ? err : hs_target_open_io(io, device, log, out, why);
}

void hs_target_close(struct hs_target *t)
{
	if (!t)
		return;
	hs_fs_close(t->fs);
	free(t->internal);
	free(t->odirs);
	free(t->oseqs);
	free(t->pending);
	free(t->lost_found);
	free(t->lov_objid);
	free(t->lov_objseq);
	free(t->ops.destroys);
	free(t->ops.setattrs);
	free(t->ops.updates);
	free(t->ops.update_fids);
	free(t->ops.in_flux);
	hs_fld_free(&t->fld);
	hs_marks_free(&t->marks);
	free(t);
}
