/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names below O/: sequence directories, dN, object files, LAST_ID (format notes, section 8).
 */
#ifndef HS_LUSTRE_OBJNAME_H
#define HS_LUSTRE_OBJNAME_H

#include "lustre/fid.h"

/*
 * Sequence of an O/<name> directory; IDIF objects live in "0". False if Lustre would not write that
 * name: other spellings of a number (leading zeros, upper case) are no names.
 */
bool hs_objname_parse_seq(const char *name, size_t len, uint64_t *seq);

/* N of "dN"; false unless it is decimal and below `subdirs`. */
bool hs_objname_parse_subdir(const char *name, size_t len, uint32_t subdirs, uint32_t *n);

/*
 * Object id of a file in O/<seq>/dN: decimal for 0, 1..11 and IDIF, lower-case hex otherwise. At
 * least 1; at most 48 bits for 0 and IDIF, 32 bits otherwise. False for anything else.
 */
bool hs_objname_parse_objid(uint64_t seq, const char *name, size_t len, uint64_t *objid);

/* FID of an object named so on a device; sequence 0 on an OST gives an IDIF with `ost`. */
struct hs_fid hs_objname_fid(uint64_t seq, uint64_t objid, bool on_ost, uint32_t ost);

/*
 * "O/<seq>/d<n>/<id>" for a FID, "O/<seq>/LAST_ID" for a LAST_ID file. subdirs 0 stands for the
 * default. Returns the length as snprintf does.
 */
int hs_objname_path(struct hs_fid f, uint32_t subdirs, char *buf, size_t len);

#endif
