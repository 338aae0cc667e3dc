/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The file system as a whole: its targets, who owns which sequence, and who is absent.
 * Constant after hs_system_open().
 */
#ifndef HS_LFSCK_SYSTEM_H
#define HS_LFSCK_SYSTEM_H

#include "lfsck/target.h"

/* Whether what a record refers to can be looked at. */
enum hs_presence {
	HS_PRESENT,
	HS_ABSENT,  /* the configuration knows the target, it was not given: undecided */
	HS_UNKNOWN, /* nobody knows such a target or owns such a sequence */
};

struct hs_system {
	struct hs_log *log;
	struct hs_target **targets; /* OSTs first, then MDTs, each by index */
	size_t n_targets;
	char fsname[HS_FSNAME_MAX + 1];

	struct hs_target **mdts, **osts; /* by index; NULL = absent or unknown */
	bool *mdt_known, *ost_known;
	size_t n_mdts, n_osts; /* lengths of these arrays */

	struct hs_fld fld; /* merged */
	struct hs_tgt *absent;
	size_t n_absent, absent_room;
	bool mdt_absent; /* any MDT, MDT0 included */
	bool mdt0_absent;
	bool fld_incomplete;   /* a sequence that nobody has may have an owner all the same */
	struct hs_marks marks; /* of the tables as a whole */
};

/*
 * Opens all targets and joins their tables. Refuses with -EINVAL and one sentence in `why`: a
 * target that cannot be opened, two of different file systems, one given twice, no MDT at all.
 * Absent targets are only warned of (in the log).
 */
errint_t hs_system_open(const char *const *devices, size_t n, struct hs_log *log,
			struct hs_system **out, struct hs_strbuf *why);
void hs_system_close(struct hs_system *s); /* NULL is allowed */

/* For tests: takes targets that are already open (owned, also on error). */
errint_t hs_system_build(struct hs_target **targets, size_t n, struct hs_log *log,
			 struct hs_system **out, struct hs_strbuf *why);

enum hs_presence hs_system_presence(const struct hs_system *s, struct hs_tgt t);

/* Owner of a sequence and whether it is here. */
struct hs_tgt hs_system_owner(const struct hs_system *s, uint64_t seq, enum hs_presence *presence);

/* NULL when absent or unknown. */
struct hs_target *hs_system_target(const struct hs_system *s, struct hs_tgt t);

#endif
