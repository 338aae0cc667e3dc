/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * State that the kernel's LFSCK keeps on a target: lfsck_bookmark, lfsck_layout, and the xattr
 * trusted.lfsck_ns of lfsck_namespace (format notes, section 15). For information only: all of it
 * is disposable, and other magics than the current one would be reset by the kernel.
 */
#ifndef HS_LUSTRE_LFSCKSTATE_H
#define HS_LUSTRE_LFSCKSTATE_H

#include "lustre/fid.h"

#define HS_LFSCK_BOOKMARK_SIZE	64
#define HS_LFSCK_LAYOUT_SIZE	256
#define HS_LFSCK_NAMESPACE_SIZE 544

enum hs_lfsck_params {
	HS_LFSCK_RESET = 0x1,
	HS_LFSCK_FAILOUT = 0x2,
	HS_LFSCK_DRYRUN = 0x4,
	HS_LFSCK_ALL_TARGETS = 0x8,
	HS_LFSCK_BROADCAST = 0x10,
	HS_LFSCK_ORPHAN = 0x20,
	HS_LFSCK_CREATE_OSTOBJ = 0x40,
	HS_LFSCK_CREATE_MDTOBJ = 0x80,
	HS_LFSCK_WAIT = 0x100,
	HS_LFSCK_DELAY_CREATE_OSTOBJ = 0x200,
};

struct hs_lfsck_bookmark {
	uint16_t version;
	uint16_t params;
	uint32_t speed_limit; /* objects per second, 0 = none */
	uint16_t async_window;
	struct hs_fid lost_found; /* this MDT's directory in .lustre/lost+found */
	struct hs_fid last_created;
};

bool hs_lfsck_bookmark_decode(const uint8_t *buf, size_t len, struct hs_lfsck_bookmark *out);

enum hs_lfsck_flags {
	HS_LFSCK_SCANNED_ONCE = 0x1,
	HS_LFSCK_INCONSISTENT = 0x2,
	HS_LFSCK_UPGRADE = 0x4,
	HS_LFSCK_INCOMPLETE = 0x8,
	HS_LFSCK_CRASHED_LASTID = 0x10,
};

/* What both components keep. Times are seconds; run times of phases 1 and 2. */
struct hs_lfsck_common {
	uint32_t magic;
	uint32_t status;
	uint32_t flags;
	uint32_t success_count;
	int64_t run_time[2];
	int64_t last_complete, latest_start, last_checkpoint;
};

enum hs_lfsck_layout_counter {
	HS_LFSCK_LO_CHECKED1,
	HS_LFSCK_LO_FAILED1,
	HS_LFSCK_LO_CHECKED2,
	HS_LFSCK_LO_FAILED2,
	HS_LFSCK_LO_DANGLING,
	HS_LFSCK_LO_UNMATCHED,
	HS_LFSCK_LO_MULTIPLE,
	HS_LFSCK_LO_ORPHAN,
	HS_LFSCK_LO_OWNER,
	HS_LFSCK_LO_OTHERS,
	HS_LFSCK_LO_SKIPPED,
	HS_LFSCK_LO_COUNTERS,
};

struct hs_lfsck_layout {
	struct hs_lfsck_common common;
	uint64_t pos_latest_start, pos_last_checkpoint, pos_first_failure; /* inode numbers */
	uint64_t counter[HS_LFSCK_LO_COUNTERS];
};

/* False for a value that is too short or has none of the four magics. */
bool hs_lfsck_layout_decode(const uint8_t *buf, size_t len, struct hs_lfsck_layout *out);

struct hs_lfsck_position {
	uint64_t oit_cookie; /* inode number */
	struct hs_fid dir;
	uint64_t dir_cookie;
};

/* In the order on disk; MUL_ is "multiple". */
enum hs_lfsck_namespace_counter {
	HS_LFSCK_NS_CHECKED1,
	HS_LFSCK_NS_REPAIRED1,
	HS_LFSCK_NS_FAILED1,
	HS_LFSCK_NS_DIRECTORIES,
	HS_LFSCK_NS_CHECKED2,
	HS_LFSCK_NS_REPAIRED2,
	HS_LFSCK_NS_FAILED2,
	HS_LFSCK_NS_NLINK_REPAIRED,
	HS_LFSCK_NS_DIRENT_REPAIRED,
	HS_LFSCK_NS_LINKEA_REPAIRED,
	HS_LFSCK_NS_MUL_LINKED_CHECKED,
	HS_LFSCK_NS_MUL_LINKED_REPAIRED,
	HS_LFSCK_NS_UNKNOWN,
	HS_LFSCK_NS_UNMATCHED,
	HS_LFSCK_NS_DANGLING,
	HS_LFSCK_NS_MUL_REF,
	HS_LFSCK_NS_BAD_TYPE,
	HS_LFSCK_NS_LOST_DIRENT,
	HS_LFSCK_NS_LOCAL_LPF_SCANNED,
	HS_LFSCK_NS_LOCAL_LPF_MOVED,
	HS_LFSCK_NS_LOCAL_LPF_SKIPPED,
	HS_LFSCK_NS_LOCAL_LPF_FAILED,
	HS_LFSCK_NS_STRIPED_DIRS_SCANNED,
	HS_LFSCK_NS_STRIPED_DIRS_REPAIRED,
	HS_LFSCK_NS_STRIPED_DIRS_FAILED,
	HS_LFSCK_NS_STRIPED_DIRS_DISABLED,
	HS_LFSCK_NS_STRIPED_DIRS_SKIPPED,
	HS_LFSCK_NS_STRIPES_SCANNED,
	HS_LFSCK_NS_STRIPES_REPAIRED,
	HS_LFSCK_NS_STRIPES_FAILED,
	HS_LFSCK_NS_STRIPES_SKIPPED,
	HS_LFSCK_NS_NAME_HASH_REPAIRED,
	HS_LFSCK_NS_LINKEA_OVERFLOW_CLEARED,
	HS_LFSCK_NS_AGENT_REPAIRED,
	HS_LFSCK_NS_COUNTERS,
};

struct hs_lfsck_namespace {
	struct hs_lfsck_common common;
	struct hs_lfsck_position latest_start, last_checkpoint, first_inconsistent;
	struct hs_fid last_phase2;
	uint64_t counter[HS_LFSCK_NS_COUNTERS];
};

/* False for a value that is too short or has none of the three magics. */
bool hs_lfsck_namespace_decode(const uint8_t *buf, size_t len, struct hs_lfsck_namespace *out);

#endif
